package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Which executor runs which services, by a real broker.
class ServiceShareIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofClass();

  private static final URI ONE = URI.create("http://127.0.0.1:1001");
  private static final URI TWO = URI.create("http://127.0.0.1:1002");

  private static final List<ServiceKey> SERVICES =
      IntStream.range(0, 60)
          .mapToObj(i -> new ServiceKey(TenantId.DEFAULT, "shop", "service-" + i))
          .toList();

  private static long owned(ServiceShare share) {
    return SERVICES.stream().filter(share::owns).count();
  }

  @Test
  void shouldGiveEachServiceToOneExecutorAndToAnotherWhenThatOneIsGone() throws Exception {
    // Given an executor alone, which takes its time to end what it gives up
    Set<ServiceKey> givenUp = ConcurrentHashMap.newKeySet();
    CountDownLatch ends = new CountDownLatch(1);
    var self = new ServiceShare[1];
    try (ServiceShare one =
            new ServiceShare(
                BROKER.clients(),
                "one",
                () -> Optional.of(ONE),
                some -> {
                  SERVICES.stream().filter(key -> self[0].isOf(key, some)).forEach(givenUp::add);
                  try {
                    ends.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        ServiceShare two =
            new ServiceShare(BROKER.clients(), "two", () -> Optional.of(TWO), _ -> {});
        ServiceHolders holders = new ServiceHolders(BROKER.clients())) {
      self[0] = one;
      assertThat(owned(one)).isZero();
      one.join(true);
      Eventually.holds(() -> assertThat(owned(one)).isEqualTo(SERVICES.size()));

      // When another one joins
      two.join(true);
      Eventually.holds(() -> assertThat(givenUp).isNotEmpty());

      // Then it gets none before they have ended
      assertThat(owned(two)).isZero();
      assertThat(givenUp).noneMatch(one::owns);
      ends.countDown();
      Eventually.holds(
          () -> {
            assertThat(owned(two)).isPositive();
            assertThat(owned(one)).isPositive();
            assertThat(owned(one) + owned(two)).isEqualTo(SERVICES.size());
          });
      assertThat(SERVICES).noneMatch(key -> one.owns(key) && two.owns(key));
      Eventually.holds(
          () ->
              assertThat(SERVICES)
                  .allSatisfy(
                      key -> assertThat(holders.of(key)).contains(one.owns(key) ? ONE : TWO)));

      // When the first one leaves
      one.join(false);

      // Then the other one has all
      Eventually.holds(() -> assertThat(owned(two)).isEqualTo(SERVICES.size()));
      assertThat(owned(one)).isZero();
      Eventually.holds(
          () -> assertThat(SERVICES).allSatisfy(key -> assertThat(holders.of(key)).contains(TWO)));
    }
  }
}
