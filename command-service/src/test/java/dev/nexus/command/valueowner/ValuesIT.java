package dev.nexus.command.valueowner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.SetClock;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.event.value.ValueRequestEvent.IncrementRequested;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.admission.BacklogView;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.RuntimeValues.Changed;
import dev.nexus.platform.call.RuntimeValues.Terms;
import dev.nexus.platform.call.RuntimeValues.Value;
import dev.nexus.platform.call.RuntimeValues.ValueName;
import dev.nexus.platform.call.ValueCaller;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KeyPartition;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Several callers and several owners on one log.
class ValuesIT {
  private static final Origin ORIGIN = new Origin(TenantId.DEFAULT, "key:test", "http", "");
  private static final Terms ANY = Terms.NONE;

  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private EventProducer producer;
  private DeadLetters deadLetters;
  private volatile Optional<String> shortage = Optional.empty();
  private final SetClock ownersClock = new SetClock();

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    deadLetters = new DeadLetters(producer, "values", Clock.systemUTC());
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    producer.close();
  }

  private Settings settings(String instance) {
    return broker.settings(Map.of()).with(Setting.DATA_DIR, directory.resolve(instance).toString());
  }

  private ValueOwner owner(String instance) {
    return owner(instance, BrokerAccess.SHARED);
  }

  private ValueOwner owner(String instance, BrokerAccess access) {
    var owner =
        new ValueOwner(broker.clients(), access, settings(instance), deadLetters, ownersClock);
    open.add(owner);
    owner.start();
    owner.awaitReady(Duration.ofMinutes(2));
    return owner;
  }

  private ValueCaller caller(String instance) {
    var caller =
        new ValueCaller(
            broker.clients(),
            producer,
            deadLetters,
            new InstanceId(instance),
            Admission.of(
                Settings.of(Map.of()),
                new BacklogView(100, System::nanoTime),
                () -> shortage,
                new SimpleMeterRegistry()),
            Clock.systemUTC());
    open.add(caller);
    caller.start();
    caller.awaitReady(Duration.ofMinutes(2));
    return caller;
  }

  private static ValueName name(String app, String key) {
    return new ValueName(ORIGIN, app, key);
  }

  private static ValueName named(String app, String key, String request) {
    return new ValueName(ORIGIN, app, key, Optional.of(request));
  }

  private static <T> List<T> together(List<Callable<T>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> each : threads.invokeAll(calls)) {
        results.add(each.get());
      }
      return results;
    }
  }

  @Test
  void shouldDecideForManyCallersAsOne() throws Exception {
    // Given
    owner("a");
    owner("b");
    List<ValueCaller> callers = List.of(caller("one"), caller("two"));
    // When
    List<Callable<Changed>> increments = new ArrayList<>();
    for (int i = 0; i < 240; i++) {
      ValueCaller caller = callers.get(i % 2);
      ValueName name = name("app" + i % 3, "n");
      increments.add(() -> caller.increment(name, 1, ANY));
    }
    List<Changed> changes = together(increments);
    // Then
    for (int app = 0; app < 3; app++) {
      assertThat(callers.get(app % 2).get(name("app" + app, "n")).map(Value::content))
          .contains(new Json("80"));
    }
    assertThat(changes.stream().filter(c -> c.content().text().equals("80"))).hasSize(3);
    // When: all of them expect the same version
    long version = callers.get(0).get(name("app0", "n")).orElseThrow().version();
    List<Callable<Optional<String>>> sets = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ValueCaller caller = callers.get(i % 2);
      Json content = new Json("\"" + i + "\"");
      sets.add(() -> refusal(() -> caller.set(name("app0", "n"), content, expecting(version))));
    }
    List<Optional<String>> refusals = together(sets);
    // Then
    assertThat(refusals.stream().filter(Optional::isEmpty)).hasSize(1);
    assertThat(refusals.stream().flatMap(Optional::stream))
        .allMatch(text -> text.startsWith("expected version " + version + ", found version "));
  }

  private static Terms expecting(long version) {
    return new Terms(Duration.ZERO, version);
  }

  private static Optional<String> refusal(Callable<?> call) throws Exception {
    try {
      call.call();
      return Optional.empty();
    } catch (ProblemException e) {
      assertThat(e.problem().kind()).isEqualTo("version-conflict");
      return Optional.of(e.problem().detail());
    }
  }

  @ParameterizedTest
  @EnumSource(BrokerAccess.class)
  void shouldForgetWhatHasExpiredOrWasDeleted(BrokerAccess access) throws Exception {
    // Given
    owner("a", access);
    ValueCaller caller = caller("one");
    caller.set(name("app", "short"), new Json("1"), new Terms(Duration.ofSeconds(1), -1));
    caller.set(name("app", "gone"), new Json("[1.10]"), ANY);
    assertThat(caller.get(name("app", "gone")).map(Value::content)).contains(new Json("[1.1]"));
    // When
    assertThat(caller.delete(name("app", "gone"), -1)).isTrue();
    assertThat(caller.delete(name("app", "gone"), -1)).isFalse();
    // Then
    Eventually.holds(() -> assertThat(caller.get(name("app", "short"))).isEmpty());
    assertThat(caller.list(ORIGIN, "app", "", "", 10).values()).isEmpty();
    Eventually.holds(() -> assertThat(removed()).contains("default/app/gone", "default/app/short"));
    // When: nothing more is asked, and time passes
    caller.set(name("app", "long"), new Json("1"), new Terms(Duration.ofHours(1), -1));
    ownersClock.passes(Duration.ofHours(2));
    Eventually.holds(() -> assertThat(removed()).contains("default/app/long"));
    // When: another owner begins where a removal stands last
    open.removeFirst().close();
    owner("b", access);
    // Then
    assertThat(caller.get(name("app", "gone"))).isEmpty();
    assertThat(caller.increment(name("app", "n"), 1, ANY).content()).isEqualTo(new Json("1"));
  }

  @Test
  void shouldTellEachOfTwoCallersUnderOneKeyWhatBecameOfHisOwnWish() throws Exception {
    // Given: nobody decides yet
    ValueCaller caller = caller("one");
    ValueName name = named("app", "n", "one key");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Changed> first = threads.submit(() -> caller.increment(name, 1, ANY));
      broker.await(Topic.VALUE_REQUESTS, ValueRequestEvent.class, 1);
      Future<Boolean> second = threads.submit(() -> caller.delete(name, -1));
      broker.await(Topic.VALUE_REQUESTS, ValueRequestEvent.class, 2);
      // When
      owner("a");
      // Then
      assertThat(first.get().content()).isEqualTo(new Json("1"));
      assertThatThrownBy(second::get)
          .cause()
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> assertThat(e.problem().kind()).isEqualTo("idempotency-key-reused"));
    }
    assertThat(caller.get(name("app", "n")).map(Value::content)).contains(new Json("1"));
  }

  @Test
  void shouldChangeNothingWhileADiskIsFullAndReadAllTheSame() {
    // Given
    owner("a");
    ValueCaller caller = caller("one");
    ValueName name = name("app", "n");
    caller.set(name, new Json("1"), ANY);
    // When
    shortage = Optional.of("the disk is full");
    // Then
    List<Callable<?>> changes =
        List.of(
            () -> caller.set(name, new Json("2"), ANY),
            () -> caller.increment(name, 1, ANY),
            () -> caller.delete(name, -1));
    assertThat(changes)
        .allSatisfy(
            change ->
                assertThatThrownBy(change::call)
                    .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().kind()).isEqualTo("disk-full")));
    assertThat(caller.get(name).map(Value::content)).contains(new Json("1"));
    assertThat(caller.list(ORIGIN, "app", "", "", 10).values()).hasSize(1);
  }

  @Test
  void shouldNotBeginWhereFactsHaveOtherPartitionsThanRequests() throws Exception {
    // Given
    String facts = broker.clients().name(Topic.VALUES);
    int more = BrokerExtension.SPREAD.executionPartitions() + 1;
    try (Admin admin = broker.clients().admin()) {
      admin.createPartitions(Map.of(facts, NewPartitions.increaseTo(more))).all().get();
    }
    // Then
    assertThatThrownBy(() -> owner("a"))
        .isInstanceOf(CannotGoOnException.class)
        .hasMessageContaining(facts + "=" + more)
        .hasMessageContaining("create anew those that have more than they had");
  }

  private static List<String> removed() {
    List<String> keys = new ArrayList<>();
    String topic = broker.clients().name(Topic.VALUES);
    try (KafkaConsumer<String, byte[]> consumer = broker.clients().assignedConsumer("look")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record -> {
                  if (record.value() == null) {
                    keys.add(record.key());
                  }
                });
      }
    }
    return keys;
  }

  @Test
  void shouldLoseNothingAndApplyNothingTwiceOverAKill() throws Exception {
    // Given
    long seed = Seeds.ofRun().getFirst();
    Seeds.print("ValuesIT", seed);
    Random random = new Random(seed);
    ValueCaller caller = caller("one");
    Process child = ChildOwner.running(settings("child"));
    var answersBeforeTheKill = new CountDownLatch(1 + random.nextInt(300));
    List<Callable<Changed>> increments = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      ValueName name = named("app" + i % 4, "n", "request " + i);
      increments.add(
          () -> {
            Changed change = insisting(() -> caller.increment(name, 1, ANY));
            answersBeforeTheKill.countDown();
            return change;
          });
    }
    // When
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Future<Changed>> changes = new ArrayList<>();
      increments.forEach(call -> changes.add(threads.submit(call)));
      assertThat(answersBeforeTheKill.await(2, TimeUnit.MINUTES)).isTrue();
      child.destroyForcibly().waitFor();
      assertThat(changes.stream().filter(change -> !change.isDone())).isNotEmpty();
      owner("successor");
      for (Future<Changed> change : changes) {
        change.get();
      }
    }
    // Then
    for (int app = 0; app < 4; app++) {
      assertThat(caller.get(name("app" + app, "n")).map(Value::content)).contains(new Json("100"));
    }
    // When: the same are asked again, also of a third owner
    open.removeLast().close();
    owner("third");
    Changed again = caller.increment(named("app0", "n", "request 0"), 1, ANY);
    // Then
    assertThat(Long.parseLong(again.content().text())).isBetween(1L, 100L);
    assertThat(caller.get(name("app0", "n")).map(Value::content)).contains(new Json("100"));
    assertThatThrownBy(() -> caller.increment(named("app0", "n", "request 0"), 2, ANY))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().kind()).isEqualTo("idempotency-key-reused"));
  }

  private static Changed insisting(Callable<Changed> call) throws Exception {
    while (true) {
      try {
        return call.call();
      } catch (ProblemException e) {
        assertThat(e.problem().kind()).isEqualTo("value-answer-late");
      }
    }
  }

  @Test
  void shouldPutAsideWhatNoEdgeWroteAndGoOn() {
    // Given
    owner("a");
    ValueCaller caller = caller("one");
    String key = Keys.values(TenantId.DEFAULT, "app");
    int partition = KeyPartition.of(key, BrokerExtension.SPREAD.executionPartitions());
    var body = new IncrementRequested("n", 1, Duration.ZERO, -1, new ReplyAddress("x", 99));
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.now(), TenantId.DEFAULT, "another", "key:test");
    // When
    producer
        .send(
            EventCodec.of(Topic.VALUE_REQUESTS, ValueRequestEvent.class),
            Topic.VALUE_REQUESTS,
            partition,
            key,
            new Event<>(envelope, body))
        .join();
    // Then
    assertThat(caller.increment(name("app", "n"), 1, ANY).content()).isEqualTo(new Json("1"));
    assertThat(broker.await(Topic.DEAD_LETTERS, DeadLetterEvent.class, 1)).hasSize(1);
    assertThatThrownBy(() -> caller.set(name("app", "n"), new Json("{oops"), ANY))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().detail()).startsWith("a value is JSON"));
  }
}
