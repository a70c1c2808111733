package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.event.definition.ServiceDefinition.Reach;
import dev.nexus.executor.service.ServiceCaps.Cap;
import dev.nexus.executor.service.ServiceCaps.Wish;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceCapsTest {
  private static Wish wish(String tenant, String name, long mebibytes) {
    return new Wish(
        new ServiceKey(new TenantId(tenant), "shop", name),
        new ServiceDefinition(
            name,
            "a/b:1",
            "",
            List.of(),
            Map.of(),
            1,
            mebibytes << 20,
            "",
            Reach.NONE,
            Duration.ofSeconds(30)));
  }

  /// Names of those that are refused, and why.
  private static Map<String, String> refused(Cap all, Cap tenant, Wish... wishes) {
    var refused = new ServiceCaps(all, tenant).refused(Arrays.asList(wishes));
    var byName = new java.util.TreeMap<String, String>();
    refused.forEach((key, why) -> byName.put(key.service(), why));
    return byName;
  }

  private static final Cap WIDE = new Cap(100, 100_000);

  @Test
  void shouldLetAllRunThatFit() {
    assertThat(refused(new Cap(2, 300), new Cap(2, 300), wish("a", "x", 100), wish("a", "y", 200)))
        .isEmpty();
  }

  @Test
  void shouldRefuseTheLastWhereThereAreTooMany() {
    assertThat(refused(new Cap(1, 1000), WIDE, wish("a", "x", 1), wish("b", "y", 1)))
        .containsOnlyKeys("y")
        .containsEntry("y", "this executor runs as many services as it may, 1 (NEXUS_SERVICES)");
  }

  @Test
  void shouldLetOtherTenantsRunWhereOneHasAllThatItMay() {
    assertThat(
            refused(
                WIDE, new Cap(1, 1000), wish("a", "x", 1), wish("a", "y", 1), wish("b", "z", 1)))
        .containsOnlyKeys("y")
        .hasEntrySatisfying("y", why -> assertThat(why).contains("NEXUS_TENANT_SERVICES)"));
  }

  @Test
  void shouldLetASmallerOneRunBehindOneThatIsTooLarge() {
    assertThat(
            refused(
                new Cap(9, 300),
                WIDE,
                wish("a", "x", 200),
                wish("b", "y", 200),
                wish("b", "z", 100)))
        .containsOnlyKeys("y")
        .containsEntry(
            "y",
            "services of this executor may use 300 MiB together (NEXUS_SERVICES_MEMORY): 200 MiB"
                + " are taken, and it asks for 200");
  }

  @Test
  void shouldBoundTheMemoryOfATenant() {
    assertThat(
            refused(
                WIDE,
                new Cap(9, 300),
                wish("a", "x", 200),
                wish("a", "y", 200),
                wish("b", "z", 300)))
        .containsOnlyKeys("y")
        .hasEntrySatisfying("y", why -> assertThat(why).contains("NEXUS_TENANT_SERVICES_MEMORY"));
  }
}
