package dev.nexus.command.trigger;

import static dev.nexus.command.trigger.Definitions.trigger;
import static dev.nexus.command.trigger.Definitions.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.access.Integration;
import dev.nexus.command.topology.LeakySink;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
import dev.nexus.event.ingress.IngressEvent.EventRefused;
import dev.nexus.event.ingress.IngressEvent.EventRepeated;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.Transaction;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Owners of a partition of `nexus.events` that die and come back, with the test as their thread.
class DispatchCrashIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  @TempDir Path directory;

  private static final String ORDERED = "com.example.ordered";

  /// The broker deletes events by their time: old ones are gone as soon as it looks.
  private static final Instant TODAY = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private static final Version KEEP =
      version("orders", "digest-1", trigger("a", "*", "keep"), trigger("b", "*", "more"));
  private static final Version CHANGED =
      version("orders", "digest-2", trigger("c", "*", "changed"));
  private static final Version NOTHING = version("orders", "digest-0");

  /// Each asks for the current versions once.
  private final AtomicInteger decisions = new AtomicInteger();

  private final List<LeakySink> dead = new ArrayList<>();
  private Version current = KEEP;
  private EventProducer producer;

  @BeforeEach
  void begin() {
    producer = new EventProducer(BROKER.clients(), "test");
  }

  @AfterEach
  void bury() {
    dead.forEach(LeakySink::bury);
    producer.close();
  }

  /// The verdict and two requests, each of which may have got through when the owner dies.
  @Test
  void shouldDecideOnceWhicheverRecordsOfADecisionGotThrough() {
    int parts = 3;
    for (int subset = 0; subset < 1 << parts; subset++) {
      // When
      accept("o-" + subset);
      ownAndDie(subset, parts);
    }
    try (var last = owner(100)) {
      last.drain();
    }

    // Then
    assertThat(verdicts()).hasSize(8).allMatch(EventMatched.class::isInstance);
    assertThat(requests())
        .hasSize(16)
        .extracting(request -> request.envelope().eventId())
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldNotDecideAgainWhenDefinitionsChangedBeforeTheRestart() {
    // Given
    accept("o-1");
    try (var first = owner(100)) {
      first.drain();
    }

    // When
    current = CHANGED;
    accept("o-1");
    accept("o-2");
    try (var second = owner(100)) {
      second.drain();
    }

    // Then
    assertThat(verdicts())
        .hasExactlyElementsOfTypes(EventMatched.class, EventRepeated.class, EventMatched.class);
    assertThat(components()).containsExactlyInAnyOrder("keep", "more", "changed");
  }

  @Test
  void shouldDecideByTheNewDefinitionsWhatHadNoVerdict() {
    // Given
    accept("o-1");
    ownAndDie(0, 3);

    // When
    current = CHANGED;
    try (var second = owner(100)) {
      second.drain();
    }

    // Then
    assertThat(verdicts()).hasExactlyElementsOfTypes(EventMatched.class);
    assertThat(components()).containsExactly("changed");
  }

  @Test
  void shouldDecideAnewWhatStartedNothing() {
    // Given
    current = NOTHING;
    accept("o-1");
    try (var first = owner(100)) {
      first.drain();
    }

    // When
    current = CHANGED;
    accept("o-1");
    try (var second = owner(100)) {
      second.drain();
    }

    // Then
    assertThat(verdicts()).hasExactlyElementsOfTypes(EventUnmatched.class, EventMatched.class);
  }

  @Test
  void shouldRecogniseACopyOverRestartsAsFarBackAsItRemembers() {
    // Given
    accept("o-1");
    try (var first = owner(10)) {
      first.drain();
    }
    accept("o-1");
    try (var second = owner(10)) {
      second.drain();
    }

    // When: beyond what it remembers
    for (int i = 0; i < 10; i++) {
      accept("more-" + i);
    }
    accept("o-1");
    try (var third = owner(10)) {
      third.drain();
    }

    // Then: it is asked for again, with the same id, which the router knows
    assertThat(verdicts().getFirst()).isInstanceOf(EventMatched.class);
    assertThat(verdicts().get(1)).isEqualTo(new EventRepeated(outside("o-1", ORDERED), 0));
    assertThat(verdicts().getLast()).isInstanceOf(EventMatched.class);
    List<UUID> asked = asked("o-1").stream().map(r -> r.envelope().eventId()).toList();
    assertThat(asked).hasSize(4);
    assertThat(asked.stream().distinct()).hasSize(2);
  }

  /// Verdicts may stand far behind what they are about.
  @Test
  void shouldGoOnBehindTheNewestVerdictHoweverManyEventsWait() {
    // Given
    for (int i = 0; i < 60; i++) {
      accept("o-" + i);
    }
    try (var first = owner(10)) {
      first.process(first.read().subList(0, 20));
    }
    accept("o-15");

    // When
    try (var second = owner(10)) {
      assertThat(second.next()).isEqualTo(20);
      second.drain();
    }

    // Then
    assertThat(verdicts()).hasSize(61);
    assertThat(verdicts()).filteredOn(EventRepeated.class::isInstance).isEmpty();
    try (var third = owner(1_000)) {
      accept("o-15");
      third.drain();
    }
    assertThat(verdicts()).filteredOn(EventRepeated.class::isInstance).hasSize(1);
  }

  /// Decides what its predecessors died over, then dies over the next event, with a subset of its
  /// records on the broker.
  private void ownAndDie(int subset, int parts) {
    LeakySink[] sink = new LeakySink[1];
    DispatchContext.Sinks leaky =
        partition -> {
          sink[0] =
              LeakySink.of(BROKER.clients(), BrokerAccess.SHARED, partition, subset, () -> {});
          dead.add(sink[0]);
          return sink[0];
        };
    try (var owner = new HandDrivenOwner(context(leaky, 100))) {
      List<ConsumerRecord<String, byte[]>> waiting = owner.read();
      owner.process(waiting.subList(0, waiting.size() - 1));
      sink[0].arm();
      assertThatThrownBy(() -> owner.process(waiting.subList(waiting.size() - 1, waiting.size())))
          .isInstanceOf(LeakySink.DeadException.class);
    }
    assertThat(sink[0].parts()).isEqualTo(parts);
  }

  /// A truth with a large output waits, as there is a file where the directory of such has to be.
  @Test
  void shouldHoldBackAtTheEventThatTheDiskDoesNotTakeAndDecideItLater() throws IOException {
    // Given
    Path payloads = directory.resolve("payloads");
    Files.writeString(payloads, "no directory");
    String output = "x".repeat(20 << 10);
    accept("o-1");
    accept("t-bad", EventDecider.TRUTH, "{}");
    accept("t-1", EventDecider.TRUTH, "{\"id\": \"o-1\", \"output\": \"" + output + "\"}");
    accept("o-2");
    AtomicInteger owners = new AtomicInteger();
    try (OwnedPartitions owned = owned(owners)) {
      // When
      owned.start();

      // Then one owner tries it again and again, where each would only try once
      Eventually.holds(() -> assertThat(decisions.get()).isGreaterThan(3 * owners.get() + 3));
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
      Eventually.holds(
          () ->
              assertThat(verdicts())
                  .hasExactlyElementsOfTypes(EventMatched.class, EventRefused.class));
      Eventually.holds(() -> assertThat(asked("o-1")).hasSize(2));
      assertThat(BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).hasSize(1);

      // When
      Files.delete(payloads);

      // Then
      Eventually.holds(
          () ->
              assertThat(verdicts())
                  .hasExactlyElementsOfTypes(
                      EventMatched.class,
                      EventRefused.class,
                      EventMatched.class,
                      EventMatched.class));
      assertThat(about(verdicts())).containsExactly("o-1", "t-bad", "t-1", "o-2");
    }
    Eventually.holds(
        () ->
            assertThat(asked("t-1"))
                .hasSize(2)
                .allSatisfy(
                    request -> assertThat(request.body()).isInstanceOf(TruthSubmitted.class)));
    assertThat(BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).hasSize(1);
  }

  /// A directory is found under the name of the content.
  @Test
  void shouldHoldBackAtTheEventWhoseDataCannotBeReadUntilItCanOrIsGone() throws IOException {
    // Given
    Json broken = large('b');
    Json lost = large('l');
    Path content = Files.move(file(broken), directory.resolve("content"));
    Files.delete(file(lost));
    for (Json data : List.of(broken, lost)) {
      Files.createSymbolicLink(file(data), directory);
    }
    accept("o-1");
    accept("o-2", ORDERED, broken.text());
    accept("o-3", ORDERED, lost.text());
    accept("o-4");
    AtomicInteger owners = new AtomicInteger();
    try (OwnedPartitions owned = owned(owners)) {
      // When
      owned.start();

      // Then one owner tries it again and again
      Eventually.holds(() -> assertThat(decisions.get()).isGreaterThan(3 * owners.get() + 3));
      Eventually.holds(() -> assertThat(owned.healthy()).isTrue());
      Eventually.holds(() -> assertThat(about(verdicts())).containsExactly("o-1"));
      assertThat(BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).isEmpty();

      // When: in one step, as what is away for a moment is gone
      Files.move(content, file(broken), StandardCopyOption.ATOMIC_MOVE);

      // Then
      Eventually.holds(() -> assertThat(about(verdicts())).containsExactly("o-1", "o-2"));
      assertThat(BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).isEmpty();

      // When
      Files.delete(file(lost));

      // Then
      Eventually.holds(
          () -> assertThat(about(verdicts())).containsExactly("o-1", "o-2", "o-3", "o-4"));
    }
    assertThat(verdicts())
        .hasExactlyElementsOfTypes(
            EventMatched.class, EventMatched.class, EventRefused.class, EventMatched.class);
    assertThat(asked("o-2"))
        .hasSize(2)
        .allSatisfy(
            request -> assertThat(((InvokeRequested) request.body()).input()).isEqualTo(broken));
    assertThat(BROKER.read(Topic.DEAD_LETTERS, DeadLetterEvent.class)).hasSize(1);
  }

  private Json large(char letter) {
    var data = new Json("\"" + String.valueOf(letter).repeat(300_000) + "\"");
    return Definitions.payloads(directory).keepInput(Definitions.TENANT, data);
  }

  private Path file(Json kept) {
    String digest = PayloadReference.in(kept).orElseThrow().sha256();
    return directory.resolve("payloads/default").resolve(digest.substring(0, 2)).resolve(digest);
  }

  /// Driven as the dispatcher does.
  ///
  /// @param owners counts those of partition 0
  private OwnedPartitions owned(AtomicInteger owners) {
    DispatchContext context =
        context(partition -> new Transaction(BROKER.clients(), "owned-" + partition), 100);
    return new OwnedPartitions(
        Dispatcher.GROUP,
        BROKER.clients(),
        ConsumerGroup.DISPATCH.topics(),
        "",
        partition -> {
          if (partition == 0) {
            owners.incrementAndGet();
          }
          return new DispatchPartition(context, partition);
        });
  }

  private static List<Event<RequestEvent>> asked(String id) {
    return requests().stream()
        .filter(request -> request.envelope().causationId().equals(eventId(id).toString()))
        .toList();
  }

  private static List<String> about(List<IngressEvent> verdicts) {
    return verdicts.stream().map(verdict -> verdict.outside().sourceEventId()).toList();
  }

  private HandDrivenOwner owner(long reach) {
    return new HandDrivenOwner(
        context(partition -> new Transaction(BROKER.clients(), "router-" + partition), reach));
  }

  private DispatchContext context(DispatchContext.Sinks sinks, long reach) {
    EventDecider.Views views =
        new EventDecider.Views() {
          @Override
          public void await(Duration patience) {}

          @Override
          public List<Version> current(TenantId tenant) {
            decisions.incrementAndGet();
            return List.of(current);
          }

          @Override
          public Optional<Integration> bySource(String source) {
            return Optional.of(Definitions.SHOP);
          }
        };
    return new DispatchContext(
        BROKER.clients(),
        sinks,
        new EventDecider(views, new SchemaChecks(), Definitions.payloads(directory)),
        new DeadLetters(producer, "test", Clock.systemUTC()),
        reach);
  }

  private void accept(String id) {
    accept(id, ORDERED, "{}");
  }

  private void accept(String id, String type, String data) {
    var envelope =
        Envelope.of(eventId(id), TODAY, Definitions.TENANT, "orders", "integration:shop");
    producer
        .send(
            DispatchContext.EVENTS,
            Topic.EVENTS,
            0,
            Keys.outsideEvent(Definitions.TENANT, eventId(id)),
            new Event<>(envelope, new EventAccepted(outside(id, type), new Json(data))))
        .join();
  }

  private static UUID eventId(String id) {
    return Intake.eventId(Definitions.TENANT, "urn:shop", id);
  }

  private static Outside outside(String id, String type) {
    return new Outside("shop", "urn:shop", id, type, "", TODAY);
  }

  private static List<IngressEvent> verdicts() {
    awaitVisible();
    return BROKER.read(Topic.EVENTS, IngressEvent.class).stream()
        .map(Event::body)
        .filter(body -> !(body instanceof EventAccepted))
        .toList();
  }

  private static List<Event<RequestEvent>> requests() {
    awaitVisible();
    return BROKER.read(Topic.REQUESTS, RequestEvent.class);
  }

  /// A commit returns when it is certain; readers see it some milliseconds later.
  private static void awaitVisible() {
    try (Admin admin = BROKER.clients().admin()) {
      Eventually.holds(
          () ->
              assertThat(ends(admin, IsolationLevel.READ_COMMITTED))
                  .isEqualTo(ends(admin, IsolationLevel.READ_UNCOMMITTED)));
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (Topic topic : List.of(Topic.EVENTS, Topic.REQUESTS)) {
      for (int partition = 0; partition < 4; partition++) {
        asked.put(new TopicPartition(BROKER.clients().name(topic), partition), OffsetSpec.latest());
      }
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    try {
      admin
          .listOffsets(asked, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .forEach((partition, found) -> ends.put(partition, found.offset()));
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return ends;
  }

  private static List<String> components() {
    return requests().stream().map(r -> ((InvokeRequested) r.body()).component()).toList();
  }
}
