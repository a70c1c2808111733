package dev.nexus.projector.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.GroupMembers;
import dev.nexus.platform.stream.LogLag;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.OtlpServer;
import dev.nexus.testkit.OtlpServer.Received;
import dev.nexus.testkit.Seeds;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Spans of facts on a real log, sent to a real receiver that may be away or refuse.
class TraceExporterIT {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static final EventCodec<ExecutionEvent> FACTS =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);

  /// Of an execution that a model answers.
  private static final Set<String> HOPS =
      Set.of("invoke classify", "accept classify", "task classify", "prompt classify", "chat gpt");

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<AutoCloseable> toEnd = new ArrayList<>();
  private EventProducer producer;

  @BeforeEach
  void begin() {
    producer = new EventProducer(broker.clients(), "test");
    toEnd.add(producer);
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : toEnd.reversed()) {
      one.close();
    }
  }

  @Test
  void shouldSendWhatTheReceiverMissedWhenItIsBack() {
    // Given
    OtlpServer gone = OtlpServer.start();
    int port = gone.port();
    gone.close();
    exporter("one", gone.url(), Map.of());

    // When
    List<Story> stories = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      stories.add(Story.of("missed" + i).answeredByModel("classify", "1"));
    }
    stories.forEach(story -> write(story.facts()));
    OtlpServer receiver = OtlpServer.startAt(port);
    toEnd.add(receiver);

    // Then
    for (Story story : stories) {
      Eventually.holds(() -> assertThat(names(receiver, story)).containsAll(HOPS));
    }
    assertThat(meters.find("nexus.spans.dropped").counters()).isEmpty();
    Eventually.holds(
        () -> assertThat(Measure.SPANS.counter(meters).count()).isEqualTo(20 * HOPS.size()));
  }

  @Test
  void shouldCountWhatTheReceiverRefuses() {
    // Given
    OtlpServer receiver = receiver();
    receiver.answerWith(400);
    exporter("one", receiver.url(), Map.of());

    // When
    Story refused = Story.of("refused").answeredByModel("classify", "1");
    write(refused.facts());
    Eventually.holds(
        () ->
            assertThat(Measure.SPANS_DROPPED.counter(meters, "refused").count())
                .isEqualTo(HOPS.size()));
    receiver.answerWith(200);
    Story taken = Story.of("taken").answeredByModel("classify", "1");
    write(taken.facts());

    // Then
    Eventually.holds(
        () -> assertThat(Measure.SPANS.counter(meters).count()).isEqualTo(HOPS.size()));
    assertThat(names(receiver, taken)).containsExactlyInAnyOrderElementsOf(HOPS);
  }

  /// It took the request and says that some of it was no good.
  @Test
  void shouldCountWhatTheReceiverRejectsOfARequest() {
    // Given
    OtlpServer receiver = receiver();
    receiver.reject(1, "too old");
    exporter("one", receiver.url(), Map.of());

    // When
    write(Story.of("rejected").answeredByModel("classify", "1").facts());

    // Then
    Eventually.holds(
        () -> {
          double rejected = Measure.SPANS_DROPPED.counter(meters, "refused").count();
          assertThat(rejected).isPositive();
          assertThat(Measure.SPANS.counter(meters).count() + rejected).isEqualTo(HOPS.size());
        });
  }

  /// The receiver had them and could not say so: they come again, as the same spans.
  @Test
  void shouldTellASpanAgainUnderTheSameId() {
    // Given
    OtlpServer receiver = receiver();
    receiver.answerWith(503);
    exporter("one", receiver.url(), Map.of());
    Story story = Story.of("again").answeredByModel("classify", "1");

    // When
    write(story.facts());
    Eventually.holds(
        () -> assertThat(names(receiver, story)).hasSizeGreaterThanOrEqualTo(2 * HOPS.size()));
    receiver.answerWith(200);

    // Then
    Eventually.holds(
        () -> assertThat(Measure.SPANS.counter(meters).count()).isEqualTo(HOPS.size()));
    Map<String, Set<Received>> byName =
        of(receiver, story).stream()
            .collect(Collectors.groupingBy(Received::name, Collectors.toSet()));
    assertThat(byName).containsOnlyKeys(HOPS);
    assertThat(byName.values()).allMatch(same -> same.size() == 1);
  }

  /// What was open at the end of the first is read again from its beginning, and what was sent is
  /// not sent again.
  @Test
  void shouldGoOnAfterARestartWhereItWas() throws Exception {
    // Given
    OtlpServer receiver = receiver();
    TraceExporter first = exporter("one", receiver.url(), Map.of());
    Story open = Story.of("open").accepted("classify").step(Tier.MODEL);
    Story done =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> Story.of("done" + i))
            .filter(story -> partition(story) == partition(open))
            .findFirst()
            .orElseThrow()
            .answeredByModel("classify", "1");
    write(open.facts());
    write(done.facts());
    Eventually.holds(() -> assertThat(names(receiver, done)).containsAll(HOPS));
    awaitTold();
    first.close();

    // When
    int before = open.facts().size();
    answer(open);
    exporter("two", receiver.url(), Map.of());
    write(open.facts().subList(before, open.facts().size()));

    // Then
    Eventually.holds(() -> assertThat(names(receiver, open)).containsAll(HOPS));
    awaitTold();
    assertThat(names(receiver, open)).containsExactlyInAnyOrderElementsOf(HOPS);
    assertThat(names(receiver, done)).containsExactlyInAnyOrderElementsOf(HOPS);
    assertThat(of(receiver, open))
        .filteredOn(span -> span.name().equals("invoke classify"))
        .singleElement()
        .satisfies(
            span ->
                assertThat(span.begin())
                    .isEqualTo(Duration.ofMillis(Story.BEGIN.toEpochMilli()).toNanos()));
  }

  /// What it had read and could not send is the next one's, though that starts later than all this
  /// was written, and nothing was ever sent.
  @Test
  void shouldSendWhatAnotherHadReadAndNeverSent() {
    // Given
    OtlpServer receiver = receiver();
    receiver.answerWith(503);
    Story story = Story.of("unsent").answeredByModel("classify", "1");
    write(story.facts());
    Clock earlier = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-1));
    TraceExporter first = exporter("one", receiver.url(), Map.of(), earlier);
    Eventually.holds(() -> assertThat(names(receiver, story)).containsAll(HOPS));
    first.close();

    // When
    receiver.answerWith(200);
    exporter("two", receiver.url(), Map.of());

    // Then
    awaitTaken(receiver, List.of(story));
  }

  /// It is killed when it has sent its half of the spans and was not told that they are taken; some
  /// executions are under way, some end when nobody owns its partitions.
  @Test
  void shouldLoseNoSpanOfAProjectorThatIsKilledWhileItSends(@TempDir Path directory)
      throws Exception {
    // Given
    OtlpServer receiver = receiver();
    Process doomed =
        ExporterProcess.start(
            broker.settings(Map.of("NEXUS_OTLP_ENDPOINT", receiver.url())),
            directory.resolve("exporter.log"));
    toEnd.add(doomed::destroyForcibly);
    awaitMembers(1);
    awaitAllOwned(receiver);
    exporter("two", receiver.url(), Map.of());
    awaitMembers(2);

    // When
    receiver.answerWith(503);
    List<Story> open = stories("open", 24);
    open.forEach(story -> story.accepted("classify").step(Tier.MODEL));
    List<Event<ExecutionEvent>> begun = facts(open);
    write(begun);
    List<Story> unsure = answered("unsure", 24);
    write(facts(unsure));
    for (Story story : unsure) {
      Eventually.holds(() -> assertThat(names(receiver, story)).containsAll(HOPS));
    }
    ExporterProcess.kill(doomed);
    open.forEach(TraceExporterIT::answer);
    write(facts(open).stream().filter(fact -> !begun.contains(fact)).toList());
    receiver.answerWith(200);

    // Then
    awaitTaken(receiver, unsure);
    awaitTaken(receiver, open);
    awaitTold();
    assertEqualIdsAreEqualSpans(receiver);
  }

  /// Each member that comes or goes has every partition given anew, at any moment of what it reads,
  /// sends and waits for.
  @ParameterizedTest
  @MethodSource("dev.nexus.testkit.Seeds#ofRun")
  void shouldLoseNoSpanOfPartitionsThatMoveWhileTheyAreSent(long seed) throws Exception {
    Seeds.print("TraceExporterIT", seed);
    Random random = new Random(seed);
    // Given
    int rounds = 4;
    OtlpServer receiver = receiver();
    List<Story> stories = answered("moving" + seed, 40);
    List<Event<ExecutionEvent>> facts = mixed(stories, random);
    int part = facts.size() / (2 * rounds);
    TraceExporter oldest = exporter("0", receiver.url(), Map.of());
    awaitMembers(1);
    awaitAllOwned(receiver);

    // When
    int written = 0;
    for (int round = 1; round <= rounds; round++) {
      receiver.answerWith(random.nextBoolean() ? 200 : 503);
      write(facts.subList(written, written + part));
      TraceExporter next = exporter(Integer.toString(round), receiver.url(), Map.of());
      if (random.nextBoolean()) {
        awaitMembers(2);
      }
      write(facts.subList(written + part, written + 2 * part));
      written += 2 * part;
      oldest.close();
      oldest = next;
    }
    receiver.answerWith(200);
    write(facts.subList(written, facts.size()));

    // Then
    awaitTaken(receiver, stories);
    awaitTold();
    assertEqualIdsAreEqualSpans(receiver);
  }

  @Test
  void shouldSendSecretsInHeaders() {
    // Given
    OtlpServer receiver = receiver();
    exporter(
        "one",
        receiver.url() + "/",
        Map.of("NEXUS_OTLP_HEADERS", "Authorization=env:NEXUS_SECRET_OTLP"));

    // When
    write(Story.of("header").answeredByModel("classify", "1").facts());

    // Then
    Eventually.holds(
        () -> assertThat(receiver.authorisations()).isNotEmpty().containsOnly("Bearer abc"));
  }

  private OtlpServer receiver() {
    OtlpServer receiver = OtlpServer.start();
    toEnd.add(receiver);
    return receiver;
  }

  private TraceExporter exporter(String instance, String endpoint, Map<String, String> more) {
    return exporter(instance, endpoint, more, Clock.systemUTC());
  }

  private TraceExporter exporter(
      String instance, String endpoint, Map<String, String> more, Clock clock) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("NEXUS_OTLP_ENDPOINT", endpoint);
    var secrets = new Secrets(Map.of("NEXUS_SECRET_OTLP", "Bearer abc"), Path.of("."));
    TraceExporter exporter =
        new TraceExporter(
            OtlpReceiver.of(broker.settings(settings), secrets),
            broker.clients(),
            new InstanceId(instance),
            meters,
            clock);
    toEnd.add(exporter);
    exporter.start();
    return exporter;
  }

  /// Until the brokers know that all was sent.
  private static void awaitTold() throws Exception {
    try (Admin admin = broker.clients().impatientAdmin()) {
      var lag = new LogLag(broker.clients(), admin);
      ConsumerGroup group = ConsumerGroup.TRACES;
      Eventually.holds(() -> assertThat(lag.ofGroup(group.groupName(), group.topics())).isZero());
    }
  }

  private static void awaitMembers(int count) throws Exception {
    String group = broker.clients().group(ConsumerGroup.TRACES.groupName());
    try (Admin admin = broker.clients().admin()) {
      Eventually.holds(
          () -> assertThat(GroupMembers.ofConsumerGroup(admin, group)).isEqualTo(count));
    }
  }

  /// Until spans of every partition of facts were sent.
  private void awaitAllOwned(OtlpServer receiver) {
    List<Story> stories = answered("owned", 24);
    assertThat(stories.stream().map(TraceExporterIT::partition).distinct())
        .hasSize(BrokerExtension.SPREAD.executionPartitions());
    write(facts(stories));
    awaitTaken(receiver, stories);
  }

  /// Until the receiver has said of every span of them that it has it.
  private static void awaitTaken(OtlpServer receiver, List<Story> stories) {
    for (Story story : stories) {
      String id = story.id().toString();
      Eventually.holds(
          () ->
              assertThat(receiver.taken())
                  .filteredOn(span -> id.equals(span.attributes().get("nexus.execution")))
                  .extracting(Received::name)
                  .containsAll(HOPS));
    }
  }

  private static void assertEqualIdsAreEqualSpans(OtlpServer receiver) {
    Map<String, Set<Received>> byId =
        receiver.spans().stream()
            .collect(Collectors.groupingBy(Received::spanId, Collectors.toSet()));
    assertThat(byId.values()).allMatch(same -> same.size() == 1);
  }

  private static List<Story> stories(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> Story.of(name + i)).toList();
  }

  private static List<Story> answered(String name, int count) {
    return stories(name, count).stream()
        .map(story -> story.answeredByModel("classify", "1"))
        .toList();
  }

  /// Ends one that a model works on.
  private static void answer(Story story) {
    story.worked(new Usage("gpt", 100, 20, 300, 1, Duration.ofMillis(8)), "1");
    story.succeeded(Tier.MODEL, "1");
  }

  private static List<Event<ExecutionEvent>> facts(List<Story> stories) {
    return stories.stream().flatMap(story -> story.facts().stream()).toList();
  }

  /// Their facts among each other, those of each story in order.
  private static List<Event<ExecutionEvent>> mixed(List<Story> stories, Random random) {
    List<Iterator<Event<ExecutionEvent>>> left = new ArrayList<>();
    stories.forEach(story -> left.add(story.facts().iterator()));
    List<Event<ExecutionEvent>> mixed = new ArrayList<>();
    while (!left.isEmpty()) {
      Iterator<Event<ExecutionEvent>> one = left.get(random.nextInt(left.size()));
      mixed.add(one.next());
      if (!one.hasNext()) {
        left.remove(one);
      }
    }
    return mixed;
  }

  private void write(List<Event<ExecutionEvent>> facts) {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (var fact : facts) {
      var envelope = fact.envelope();
      sent.add(
          producer.send(FACTS, Keys.execution(envelope.tenantId(), envelope.execution()), fact));
    }
    sent.forEach(CompletableFuture::join);
  }

  private static int partition(Story story) {
    byte[] key = Keys.execution(Story.TENANT, story.id()).getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % BrokerExtension.SPREAD.executionPartitions();
  }

  private static List<Received> of(OtlpServer receiver, Story story) {
    String id = story.id().toString();
    return receiver.spans().stream()
        .filter(span -> id.equals(span.attributes().get("nexus.execution")))
        .toList();
  }

  private static List<String> names(OtlpServer receiver, Story story) {
    return of(receiver, story).stream().map(Received::name).toList();
  }
}
