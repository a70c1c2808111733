package dev.nexus.projector.live;

import static dev.nexus.projector.CutLog.facts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.projector.CutLog;
import dev.nexus.projector.Story;
import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients of the live stream of a log that loses its end with the power while they are away, or
/// listen, and grows past it again.
class CutStreamIT {
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final Part FACTS = new Part(Topic.EXECUTIONS, 0);

  /// Offsets of a fact and of the end of its transaction.
  private static final int WITH_END = 2;

  @TempDir Path directory;
  private CutLog log;

  @BeforeEach
  void begin() {
    log = new CutLog(directory.resolve("kafka"));
  }

  @AfterEach
  void end() {
    log.close();
  }

  private LiveFeed feed() {
    return new LiveFeed(log.clients(), (fact, offset) -> Optional.of(""));
  }

  private static Listener listen(LiveFeed feed, Optional<StreamPosition> from) {
    var everything = new LiveFilter(Story.TENANT, "", "", Set.of(), app -> true);
    Listener listener = feed.listen("key", everything, from);
    listener.open();
    return listener;
  }

  /// Writes facts of an execution or more.
  private interface Writing {
    void write(List<Event<ExecutionEvent>> facts);
  }

  /// The last id of a client that heard facts as they were written.
  private String idBehind(List<Event<ExecutionEvent>> facts, Writing writing) {
    LiveFeed feed = feed();
    try (Listener listener = listen(feed, Optional.empty())) {
      writing.write(facts);
      List<Event<?>> heard = new ArrayList<>();
      Eventually.holds(
          () -> {
            listener.next(WAIT).ifPresent(fact -> heard.add(fact.fact().event()));
            assertThat(heard).hasSameSizeAs(facts);
          });
      return listener.position().toString();
    } finally {
      feed.close();
    }
  }

  /// The id that a client has which heard that the stream is open, and nothing more.
  private String silentId() {
    LiveFeed feed = feed();
    try (Listener listener = listen(feed, Optional.empty())) {
      return listener.position().toString();
    } finally {
      feed.close();
    }
  }

  /// What a client hears that comes back with an id, up to the log's end, and its last id then.
  private record Back(Optional<Gap> gap, List<Long> places, String id) {
    void assertToldOfALostEnd() {
      assertThat(gap)
          .hasValueSatisfying(
              told -> {
                assertThat(told.lostEnds()).isOne();
                assertThat(told.deleted()).isZero();
              });
    }

    void assertMissedNothing(List<Long> facts) {
      assertThat(gap).isEmpty();
      assertThat(places).isEqualTo(facts);
    }
  }

  private Back comeBack(String id) {
    LiveFeed feed = feed();
    try (Listener listener = listen(feed, Optional.of(StreamPosition.parse(id)))) {
      List<Long> places = new ArrayList<>();
      long end = log.end();
      Eventually.value(
          () -> {
            listener.next(WAIT).ifPresent(heard -> places.add(heard.fact().offset()));
            return listener.position().of(FACTS);
          },
          next -> next == end,
          "the end of the log, by one who came back with " + id);
      return new Back(listener.gap(), places, listener.position().toString());
    } finally {
      feed.close();
    }
  }

  /// Comes back with an id from before the log lost its end and grew past it: is told of that, and
  /// hears these. Who comes again, with the id of the gap too, is told nothing more.
  private void assertTold(String id, List<Long> facts) {
    Back late = comeBack(id);
    late.assertToldOfALostEnd();
    assertThat(late.places()).as(id).isEqualTo(facts);
    comeBack(late.gap().orElseThrow().from().toString()).assertMissedNothing(facts);
    comeBack(late.id()).assertMissedNothing(List.of());
  }

  private static List<Long> places(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  /// Facts each of which has the end of its transaction behind it.
  private static List<Long> placesWithEnds(long from, long to) {
    return LongStream.iterate(from, at -> at < to, at -> at + WITH_END).boxed().toList();
  }

  @Test
  void shouldTellAClientWhatItMissesWhereTheLogGrewPastItsPosition() throws IOException {
    // Given clients that heard of a log that then loses its end
    List<String> ids = List.of(idBehind(facts("first", 10), log::write), silentId());
    long position = log.end();
    log.losePower();
    long cut = log.end();
    assertThat(cut).isLessThan(position);

    // When one comes back before anything is written
    List<Back> early = ids.stream().map(this::comeBack).toList();
    Back offsetsOnly = comeBack("x0:" + position + ",p0:0");

    // Then
    assertThat(early)
        .allSatisfy(Back::assertToldOfALostEnd)
        .allSatisfy(back -> assertThat(back.places()).isEmpty());
    offsetsOnly.assertToldOfALostEnd();

    // When others have been written past the position
    log.write(facts("other", 10));
    assertThat(log.end()).isGreaterThan(position);

    // Then who comes now is told, once, and hears what is behind its position
    ids.forEach(id -> assertTold(id, places(position, log.end())));

    // And who was told before hears all that came, also with the id of the gap
    for (Back back : early) {
      comeBack(back.id()).assertMissedNothing(places(cut, log.end()));
      String gap = back.gap().orElseThrow().from().toString();
      comeBack(gap).assertMissedNothing(places(cut, log.end()));
    }
  }

  @Test
  void shouldTellAClientByTheEpochWhenItsLastFactStandsWhereItStood() throws IOException {
    // Given
    List<Event<ExecutionEvent>> facts = facts("first", 10);
    List<String> ids = List.of(idBehind(facts, log::write), silentId());
    log.losePower();

    // When
    int kept = Math.toIntExact(log.end());
    assertThat(kept).isLessThan(facts.size());
    log.write(facts.subList(kept, facts.size()));

    // Then
    ids.forEach(id -> comeBack(id).assertToldOfALostEnd());
  }

  @Test
  void shouldTellAClientOfNoGapWhenNothingWasLost() {
    // Given
    List<String> ids = List.of(idBehind(facts("first", 10), log::write), silentId());
    long position = log.end();

    // When the broker begins anew and the log grows
    log.restart();
    log.write(facts("other", 2));

    // Then
    ids.forEach(id -> comeBack(id).assertMissedNothing(places(position, log.end())));
  }

  @Test
  void shouldSendAwayWhoListensWhileTheLogLosesItsEnd() throws IOException {
    // Given a client that hears that the stream is open, and nothing more
    log.write(facts("first", 10));
    LiveFeed feed = feed();
    try (Listener listener = listen(feed, Optional.empty())) {
      String id = listener.position().toString();

      // When the log loses its end, and grows where nobody sees it
      log.losePowerAndGrowUnseen(facts("other", 10));

      // Then
      Eventually.holds(
          () ->
              assertThat(listener.dropped()).isEqualTo("the log has lost its end; connect again"));
      assertThat(listener.position()).hasToString(id);
      comeBack(id).assertToldOfALostEnd();
    } finally {
      feed.close();
    }
  }

  @Test
  void shouldTellAClientOfNoGapBehindEndsOfTransactionsOfANewerEpoch() {
    // Given facts, and behind them only ends of transactions when the broker has begun anew
    List<String> ids = new ArrayList<>();
    ids.add(idBehind(facts("first", 2), log::writeInTransactions));
    ids.add(silentId());
    log.restart();
    log.abort(Story.of("aborted").accepted("classify").last());
    ids.add(silentId());
    Back back = comeBack(ids.getFirst());
    back.assertMissedNothing(List.of());
    long position = log.end();
    assertThat(back.id()).startsWith("x0:" + position + "~" + 2 * WITH_END + ".");
    ids.add(back.id());

    // When the log grows
    List<Event<ExecutionEvent>> written = facts("other", 1);
    log.writeInTransactions(written);

    // Then
    List<Long> others = placesWithEnds(position, log.end());
    assertThat(others).hasSameSizeAs(written);
    ids.forEach(id -> comeBack(id).assertMissedNothing(others));
  }

  @Test
  void shouldTellAClientOfTransactionsThatWereLost() throws IOException {
    // Given clients that heard of facts by transactions, up to the last one or to its end
    List<String> ids = idsBehindTransactions(facts("first", 2));
    long position = log.end();

    // When the log loses some of them, and grows past that place
    log.losePower(4 * WITH_END);
    assertThat(log.end()).isEqualTo(position - 4 * WITH_END);
    log.writeInTransactions(facts("other", 1));
    assertThat(log.end()).isGreaterThan(position);

    // Then
    ids.forEach(id -> assertTold(id, placesWithEnds(position, log.end())));
  }

  private List<String> idsBehindTransactions(List<Event<ExecutionEvent>> facts) {
    String heard = idBehind(facts, log::writeInTransactions);
    String readOn = comeBack(heard).id();
    assertThat(heard).startsWith("x0:" + (log.end() - 1) + "~1.");
    assertThat(readOn).startsWith("x0:" + log.end() + "~2.");
    return List.of(heard, silentId(), readOn);
  }

  @Test
  void shouldTellAClientOfAFactThatHasLostTheEndOfItsTransaction() throws IOException {
    // Given clients that heard a fact which then nobody sees any more
    List<Event<ExecutionEvent>> facts = facts("first", 2);
    List<String> ids = idsBehindTransactions(facts);
    long position = log.end();
    log.losePower(1);
    assertThat(log.end()).isEqualTo(position - WITH_END);

    // When one comes back before that has an end
    List<Back> early = ids.stream().map(this::comeBack).toList();

    // Then
    assertThat(early)
        .allSatisfy(Back::assertToldOfALostEnd)
        .allSatisfy(back -> assertThat(back.places()).isEmpty());

    // When its owner comes back, which ends it unseen and writes it again
    log.writeInTransactions(List.of(facts.getLast()));
    assertThat(log.end()).isEqualTo(position + WITH_END);

    // Then all hear it, and are told of the gap once
    early.forEach(back -> comeBack(back.id()).assertMissedNothing(List.of(position)));
    ids.forEach(id -> assertTold(id, List.of(position)));
  }
}
