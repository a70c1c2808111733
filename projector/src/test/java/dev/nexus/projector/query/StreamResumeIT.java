package dev.nexus.projector.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.projector.Story;
import dev.nexus.projector.live.StreamPosition;
import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.testkit.SentEvent;
import dev.nexus.testkit.StreamedFacts;
import dev.nexus.testkit.UnreadStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Who comes back to the live stream with the last id it had has heard each fact once: those from
/// before it left, those from while it was away and those from after, on every partition.
class StreamResumeIT {
  private static final int STORIES = 24;

  /// Facts of an execution that code answers.
  private static final int FACTS = 6;

  /// Fewer than there are of half of the executions when half of their facts are written.
  private static final int HEARD_FIRST = 20;

  private static final int PARTITIONS = BrokerExtension.SPREAD.executionPartitions();

  @RegisterExtension
  static final ServedProjector served =
      ServedProjector.on(BrokerExtension.ofClass(), RedisExtension.empty());

  /// What is done while a client is away.
  private interface Meanwhile {
    void happen() throws Exception;
  }

  @Test
  void shouldHearEachFactOnceWhenItLeftAmidThem() throws Exception {
    comesBack("resumed", "/v1/stream", fact -> true, () -> {});
  }

  @Test
  void shouldHearEachFactOfItsFilterOnceWhenItLeftAmidThem() throws Exception {
    String path = known("filtered") + "&component=c";
    comesBack("filtered", path, ofComponentC("filtered"), () -> {});
  }

  @Test
  void shouldHearEachFactOnceThroughTheSwitchOfARebuild() throws Exception {
    String path = known("switched") + "&component=c";
    comesBack("switched", path, ofComponentC("switched"), StreamResumeIT::rebuild);
  }

  /// @param filter what the path asks for
  private static void comesBack(
      String app, String path, Predicate<Event<?>> filter, Meanwhile meanwhile) throws Exception {
    // Given a client that leaves amid executions, each with half of its facts on the log
    List<Story> begun = stories(app, "begun");
    try (Client client = new Client(path, "")) {
      StreamPosition begin = StreamPosition.parse(client.awaitOpen().id());
      write(begun, 0, FACTS / 2);
      client.hear(HEARD_FIRST);
      client.leave();

      // When the others are written, and whole executions, and it comes back
      write(begun, FACTS / 2, FACTS);
      meanwhile.happen();
      write(stories(app, "missed"), 0, FACTS);
      assertThat(onLog(client.position(), filter).partitions())
          .as("partitions with facts that it missed")
          .isEqualTo(PARTITIONS);
      client.comeBack();
      client.hear(2 * HEARD_FIRST);
      write(stories(app, "while-it-catches-up"), 0, FACTS);

      // Then
      assertHearsAllOnce(client, begin, filter, stories(app, "behind"));
    }
  }

  /// What nobody reads fills the buffers of both sockets first; then the platform keeps it, up to a
  /// limit.
  @Test
  void shouldHearEachFactOnceWhenItWasDroppedAsTooSlow() throws Exception {
    // Given a client that heard that the stream is open, read no more until more was written than
    // all buffers hold, and then read on to the reason
    String path = known("slow");
    StreamPosition begin;
    List<String> heard = new ArrayList<>();
    SentEvent event;
    try (UnreadStream unread = new UnreadStream(served.uri(), served.operator(), path)) {
      begin = StreamPosition.parse(unread.readEvent().id());
      String text = "\"" + "x".repeat(24_000) + "\"";
      List<Event<ExecutionEvent>> facts = new ArrayList<>();
      for (int i = 0; i < 700; i++) {
        facts.addAll(Story.of("slow-" + i, "slow", Story.BEGIN).answeredByCode("c", text).facts());
      }
      served.write(facts);
      event = unread.readEvent();
      while (!event.name().equals("dropped")) {
        event.fact().ifPresent(heard::add);
        event = unread.readEvent();
      }
    }
    assertThat(event.data()).contains("too slow");
    String last = CanonicalJson.read(event.data()).path("lastEventId").asText();
    assertThat(event.id()).isEqualTo(last);

    // When
    write(stories("slow", "missed"), 0, FACTS);
    Predicate<Event<?>> filter = fact -> fact.envelope().appId().equals("slow");
    StreamedFacts missed = onLog(StreamPosition.parse(last), filter);
    assertThat(missed.partitions()).isEqualTo(PARTITIONS);
    assertThat(missed.ids()).hasSizeGreaterThan(STORIES * FACTS);
    try (Client client = new Client(path, last)) {
      client.heard.addAll(heard);

      // Then
      assertHearsAllOnce(client, begin, filter, stories("slow", "behind"));
    }
  }

  /// A fact that comes twice may do so when all have come once: something behind is waited for.
  private static void assertHearsAllOnce(
      Client client, StreamPosition begin, Predicate<Event<?>> filter, List<Story> behind)
      throws InterruptedException {
    client.hear(onLog(begin, filter).ids());
    write(behind, 0, FACTS);
    StreamedFacts facts = onLog(begin, filter);
    client.hear(facts.ids());
    facts.assertHeard(client.heard);
  }

  private static StreamedFacts onLog(StreamPosition begin, Predicate<Event<?>> filter) {
    return StreamedFacts.on(
        served.clients(),
        (topic, partition) -> begin.next().getOrDefault(new Part(topic, partition), 0L),
        filter);
  }

  /// Executions of two components in turn.
  private static List<Story> stories(String app, String name) {
    return IntStream.range(0, STORIES)
        .mapToObj(
            i ->
                Story.of(app + "-" + name + "-" + i, app, Story.BEGIN)
                    .answeredByCode(i % 2 == 0 ? "c" : "d", "1"))
        .toList();
  }

  private static Predicate<Event<?>> ofComponentC(String app) {
    Set<String> executions = new HashSet<>();
    for (String name : List.of("begun", "missed", "while-it-catches-up", "behind")) {
      List<Story> stories = stories(app, name);
      for (int i = 0; i < stories.size(); i += 2) {
        executions.add(stories.get(i).id().toString());
      }
    }
    return fact -> executions.contains(fact.envelope().executionId());
  }

  /// The same facts of each, interleaved.
  private static void write(List<Story> stories, int from, int to) {
    List<Event<ExecutionEvent>> facts = new ArrayList<>();
    for (int i = from; i < to; i++) {
      for (Story story : stories) {
        facts.add(story.facts().get(i));
      }
    }
    served.write(facts);
  }

  /// The stream of an application, once it and its component `c` are known.
  private static String known(String app) {
    served.write(Story.of("known-" + app, app, Story.BEGIN).answeredByCode("c", "1").facts());
    Eventually.value(
        () -> served.get("/v1/executions?component=c&app=" + app).body(),
        body -> body.contains("executionId"),
        app + " is known");
    return "/v1/stream?app=" + app;
  }

  /// Returns when everything was switched to what was built anew.
  private static void rebuild() {
    String path = "/v1/projections/rebuild";
    assertThat(served.post(path + "?projections=executions").statusCode()).isEqualTo(202);
    var ended =
        Eventually.value(
            Duration.ofMinutes(2),
            () -> CanonicalJson.read(served.get(path).body()),
            status -> status.path("state").asText().equals("done"),
            "the end of the rebuild");
    assertThat(ended.path("projections").get(0).path("switched").asInt()).isEqualTo(PARTITIONS);
  }

  /// A client that notes the facts it hears. When it is told to connect again, as the projections
  /// are behind with telling what a fact is about, it does that with its last id.
  private static final class Client implements AutoCloseable {
    private static final int MOST_DROPS = 1_000;

    private final String path;
    private final List<String> heard = new ArrayList<>();
    private Listening listening;
    private int drops;

    Client(String path, String last) throws InterruptedException {
      this.path = path;
      listening = connected(last);
    }

    private Listening connected(String last) throws InterruptedException {
      Listening connected = served.listen(path, last);
      assertThat(connected.awaitStatus()).isEqualTo(200);
      return connected;
    }

    SentEvent awaitOpen() throws InterruptedException {
      SentEvent event = listening.nextEvent();
      assertThat(event.name()).isEqualTo("open");
      return event;
    }

    /// Where it would go on.
    StreamPosition position() {
      return StreamPosition.parse(listening.lastId());
    }

    void leave() {
      listening.close();
    }

    void comeBack() throws InterruptedException {
      String last = listening.lastId();
      leave();
      listening = connected(last);
    }

    /// Hears so many facts in all.
    void hear(int count) throws InterruptedException {
      while (heard.size() < count) {
        hearOne();
      }
    }

    /// Hears all of these, and what comes between them.
    void hear(Set<String> facts) throws InterruptedException {
      Set<String> missing = new HashSet<>(facts);
      heard.forEach(missing::remove);
      while (!missing.isEmpty()) {
        int before = heard.size();
        hearOne();
        heard.subList(before, heard.size()).forEach(missing::remove);
      }
    }

    private void hearOne() throws InterruptedException {
      SentEvent event = listening.nextEvent();
      if (event.fact().isPresent()) {
        heard.add(event.fact().get());
      } else if (event.name().equals("dropped")) {
        assertThat(event.data()).contains("do not tell", "connect again");
        assertThat(++drops).as("times it was dropped").isLessThan(MOST_DROPS);
        comeBack();
      } else {
        assertThat(event.name()).isIn("open", "quiet");
      }
    }

    @Override
    public void close() {
      leave();
    }
  }
}
