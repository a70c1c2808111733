package dev.nexus.platform.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.event.snapshot.SnapshotEvent;
import dev.nexus.event.snapshot.SnapshotEvent.SnapshotTaken;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.RequestEvents;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.snapshot.SnapshotStore.Stored;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Payloads live as long as a record of a real log names them.
class PayloadCollectorIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.ofTest();

  private static final Instant NOW = Instant.now();
  private static final Duration HOUR = Duration.ofHours(1);

  /// Files of which a killed collector has deleted some.
  private static final int UNNAMED = 20_000;

  @TempDir Path directory;

  @Test
  void shouldCollectWhatNoRecordNamesAndSpareWhatWasAskedForLately() throws IOException {
    // Given payloads of two hours ago
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads then =
        new Payloads(settings, Clock.fixed(NOW.minus(HOUR).minus(HOUR), ZoneOffset.UTC));
    Json named = kept(then, 'a');
    Json putAside = kept(then, 'b');
    Json ofAnEvent = kept(then, 'e');
    Json unnamed = kept(then, 'c');
    Json ofAnOldExecution = kept(then, 'f');
    Json askedForAgain = kept(then, 'd');
    Stored snapshot =
        new SnapshotStore(directory.resolve("snapshots"))
            .write("router-0", sink -> sink.put(new byte[1], utf8("a " + ofAnOldExecution.text())));
    try (var producer = new EventProducer(BROKER.clients(), "payloads-it")) {
      announce(producer, snapshot);
      announce(producer, new Stored("../elsewhere.snapshot", snapshot.sha256(), 1, 1));
      name(producer, named);
      nameInEvent(producer, ofAnEvent);
      write(producer, Topic.DEAD_LETTERS, "around " + putAside.text() + " it");
      // A stranger's word.
      write(producer, Topic.INGRESS, unnamed.text());
    }
    Payloads now = new Payloads(settings, Clock.fixed(NOW, ZoneOffset.UTC));
    assertThat(kept(now, 'd')).isEqualTo(askedForAgain);
    var collector =
        new PayloadCollector(BROKER.clients(), now, settings, Clock.fixed(NOW, ZoneOffset.UTC));

    // When
    var swept = collector.collect(NOW.minus(HOUR)).orElseThrow();

    // Then
    assertThat(swept.files()).isEqualTo(1);
    assertThat(gone(now, unnamed)).isTrue();
    assertThat(gone(now, named)).isFalse();
    assertThat(gone(now, ofAnEvent)).isFalse();
    assertThat(gone(now, putAside)).isFalse();
    assertThat(gone(now, ofAnOldExecution)).isFalse();
    assertThat(gone(now, askedForAgain)).isFalse();

    // When its hour is over and still no record names it
    var later =
        new PayloadCollector(
            BROKER.clients(),
            now,
            settings,
            Clock.fixed(NOW.plus(HOUR).plus(HOUR), ZoneOffset.UTC));
    later.collect(NOW.plus(HOUR));

    // Then
    assertThat(gone(now, askedForAgain)).isTrue();
    assertThat(gone(now, named)).isFalse();
    spareAllWhileASnapshotIsGone(then, now, later, snapshot);
    assertThat(gone(now, ofAnOldExecution)).isFalse();
  }

  private static void write(EventProducer producer, Topic topic, String text) {
    producer
        .send(new ProducerRecord<>(BROKER.clients().name(topic), "somebody's", utf8(text)))
        .join();
  }

  @Test
  void shouldCollectOnceADayAndAgainSoonAfterAFailure() throws IOException {
    // Given
    SetClock clock = new SetClock(NOW);
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads payloads = new Payloads(settings, clock);
    var collector = new PayloadCollector(BROKER.clients(), payloads, settings, clock, clock::nanos);
    collector.round();
    assertThat(directory.resolve("payloads")).as("nothing was ever kept").doesNotExist();

    // When there is something that nobody names, and its hour is over
    Json first = kept(payloads, 'h');
    clock.pass(HOUR.plusMinutes(1));
    collector.round();

    // Then it is collected, and what comes then has a day
    assertThat(gone(payloads, first)).isTrue();
    Json second = kept(payloads, 'i');
    clock.pass(Duration.ofHours(23));
    collector.round();
    assertThat(gone(payloads, second)).isFalse();

    // When the day is over, but a snapshot cannot be read
    Stored snapshot =
        new SnapshotStore(directory.resolve("snapshots"))
            .write("router-1", sink -> sink.put(new byte[1], utf8("a snapshot")));
    Path file = directory.resolve("snapshots").resolve(snapshot.name());
    byte[] whole = Files.readAllBytes(file);
    Files.delete(file);
    try (var producer = new EventProducer(BROKER.clients(), "payloads-it")) {
      announce(producer, snapshot);
    }
    clock.pass(HOUR);
    assertThatThrownBy(collector::round).hasMessageContaining("missing or damaged");
    assertThat(gone(payloads, second)).isFalse();

    // Then the next round does it, and does not wait for another day
    Files.write(file, whole);
    clock.pass(Duration.ofMinutes(10));
    collector.round();
    assertThat(gone(payloads, second)).isTrue();

    // When the clock is set back by years
    clock.isSet(Duration.ofDays(-3_650));
    Json third = kept(payloads, 'j');
    clock.pass(HOUR.plusMinutes(1));
    collector.round();

    // Then nobody waits until it is there again
    assertThat(gone(payloads, third)).isTrue();
  }

  @Test
  void shouldSpareWhatWasPutJustBeforeTheClockWasSetForward() throws IOException {
    // Given what was put and is not named yet
    SetClock clock = new SetClock(NOW);
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads payloads = new Payloads(settings, clock);
    var collector = new PayloadCollector(BROKER.clients(), payloads, settings, clock, clock::nanos);
    Json awaitsItsEvent = kept(payloads, 'o');

    // When
    clock.isSet(HOUR.plus(HOUR));
    collector.round();
    clock.pass(Duration.ofMinutes(10));
    collector.round();

    // Then
    assertThat(gone(payloads, awaitsItsEvent)).isFalse();

    // When its hour is over, and no event came
    clock.pass(HOUR);
    collector.round();

    // Then
    assertThat(gone(payloads, awaitsItsEvent)).isTrue();
  }

  @Test
  void shouldSpareWhatWasPutJustBeforeTheClockWasSetForwardAndTheProcessBegan() throws IOException {
    // Given what was put and is not named yet
    SetClock clock = new SetClock(NOW);
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads payloads = new Payloads(settings, clock);
    Json awaitsItsEvent = kept(payloads, 'r');
    clock.isSet(HOUR.plus(HOUR));

    // When
    var collector = new PayloadCollector(BROKER.clients(), payloads, settings, clock, clock::nanos);
    clock.pass(Duration.ofMinutes(10));
    collector.round();

    // Then
    assertThat(gone(payloads, awaitsItsEvent)).isFalse();

    // When its hour is over, and no event came
    clock.pass(HOUR);
    collector.round();

    // Then
    assertThat(gone(payloads, awaitsItsEvent)).isTrue();
  }

  @Test
  void shouldCollectAlthoughNoProcessRunsForAnHour() throws IOException {
    // Given
    SetClock clock = new SetClock(NOW);
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads payloads = new Payloads(settings, clock);
    Json unnamed = kept(payloads, 's');

    // When
    runFor(Duration.ofMinutes(25), payloads, settings, clock);
    clock.pass(HOUR);
    runFor(Duration.ofMinutes(25), payloads, settings, clock);

    // Then nobody has watched it for an hour yet
    assertThat(gone(payloads, unnamed)).isFalse();

    // When
    Json usedAgain = kept(payloads, 't');
    clock.isSet(HOUR.plus(HOUR));
    runFor(Duration.ofMinutes(25), payloads, settings, clock);

    // Then
    assertThat(gone(payloads, unnamed)).isTrue();
    assertThat(gone(payloads, usedAgain)).as("what only seems two hours old").isFalse();

    // When its hour is over too
    runFor(Duration.ofMinutes(25), payloads, settings, clock);
    Files.delete(directory.resolve("payloads").resolve("collected"));
    runFor(Duration.ofMinutes(25), payloads, settings, clock);

    // Then
    assertThat(gone(payloads, usedAgain)).isTrue();
  }

  /// A process that looks once, and ends.
  private static void runFor(Duration time, Payloads payloads, Settings settings, SetClock clock)
      throws IOException {
    var collector = new PayloadCollector(BROKER.clients(), payloads, settings, clock, clock::nanos);
    clock.pass(time);
    collector.round();
  }

  /// A process that collects is killed amid its deletions; of what it meant to delete, one is named
  /// and one is used again before another process goes on.
  @Test
  void shouldFinishWhatAKilledCollectorBeganAndDeleteNothingThatIsNamedMeanwhile()
      throws Exception {
    // Given what is asked for and what nobody names, of two hours ago
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads then =
        new Payloads(settings, Clock.fixed(NOW.minus(HOUR).minus(HOUR), ZoneOffset.UTC));
    Json named = kept(then, 'k');
    Json usedAgain = kept(then, 'l');
    Json namedMeanwhile = kept(then, 'm');
    Path payloads = directory.resolve("payloads");
    try (var producer = new EventProducer(BROKER.clients(), "payloads-it")) {
      name(producer, named);

      // When
      Path unnamed = collectAndKillMidway(settings, payloads);
      Instant justInTime = NOW.minus(HOUR).plusSeconds(1);
      Payloads now = new Payloads(settings, Clock.fixed(justInTime, ZoneOffset.UTC));
      assertThat(kept(now, 'l')).isEqualTo(usedAgain);
      assertThat(kept(now, 'm')).isEqualTo(namedMeanwhile);
      name(producer, namedMeanwhile);

      // Then another one does the rest at once
      assertThat(payloads.resolve("collected")).doesNotExist();
      collector(now, settings, NOW).round();
      assertThat(payloads.resolve("collected")).exists();
      assertThat(filesIn(unnamed)).isZero();
      for (Json one : List.of(named, usedAgain, namedMeanwhile)) {
        assertThat(gone(now, one)).isFalse();
      }

      // When another day has passed, in which nobody used or named the one
      collector(now, settings, NOW.plus(Duration.ofDays(1))).round();

      // Then
      assertThat(gone(now, usedAgain)).isTrue();
      assertThat(gone(now, named)).isFalse();
      assertThat(gone(now, namedMeanwhile)).isFalse();
    }
  }

  /// Who reads what is committed sees neither for as long as the transaction lasts.
  @Test
  void shouldSpareWhatAnOpenTransactionNamesAndWhatIsNamedBehindIt() throws Exception {
    // Given contents of two hours ago
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    var then = new Payloads(settings, Clock.fixed(NOW.minus(HOUR).minus(HOUR), ZoneOffset.UTC));
    Json inside = kept(then, 'o');
    Json behind = kept(then, 'p');
    Json unnamed = kept(then, 'q');
    try (var open = BROKER.clients().transactionalProducer("open");
        var producer = new EventProducer(BROKER.clients(), "payloads-it")) {
      open.initTransactions();
      open.beginTransaction();
      String requests = BROKER.clients().name(Topic.REQUESTS);
      for (int p = 0; p < BrokerExtension.SPREAD.executionPartitions(); p++) {
        open.send(new ProducerRecord<>(requests, p, "open", utf8("in " + inside.text())));
      }
      open.flush();
      name(producer, behind);

      // When
      collector(then, settings, NOW).collect(NOW.minus(HOUR));
      // Then
      assertThat(gone(then, unnamed)).isTrue();
      assertThat(gone(then, inside)).isFalse();
      assertThat(gone(then, behind)).isFalse();
      open.abortTransaction();
    }
  }

  /// It has not seen then what the rest of the log names.
  @Test
  void shouldDeleteNothingWhenItEndsWhileItMarks() throws IOException {
    // Given
    Settings settings = BROKER.settings(Map.of("NEXUS_DATA_DIR", directory.toString()));
    Payloads payloads = new Payloads(settings, Clock.fixed(NOW, ZoneOffset.UTC));
    Json unnamed = kept(payloads, 'n');
    Instant later = NOW.plus(HOUR).plus(HOUR);
    var ending = collector(payloads, settings, later);

    // When
    ending.close();

    // Then
    assertThat(ending.collect(later.minus(HOUR))).isEmpty();
    assertThat(gone(payloads, unnamed)).isFalse();
    assertThat(collector(payloads, settings, later).collect(later.minus(HOUR))).isPresent();
    assertThat(gone(payloads, unnamed)).isTrue();
  }

  private static PayloadCollector collector(Payloads payloads, Settings settings, Instant now) {
    return new PayloadCollector(
        BROKER.clients(),
        payloads,
        settings,
        Clock.fixed(now, ZoneOffset.UTC),
        CollectingProcess.anHourEachTime());
  }

  /// Gives the directory of what nobody names, of which the killed process has deleted a part. One
  /// that was through before it could be killed is followed by another.
  private Path collectAndKillMidway(Settings settings, Path payloads) throws Exception {
    Path unnamed = payloads.resolve("default").resolve("ab");
    long left = 0;
    for (int i = 0; i < 10 && left == 0; i++) {
      Files.deleteIfExists(payloads.resolve("collected"));
      writeUnnamed(unnamed);
      Process process = CollectingProcess.start(settings, directory.resolve("output.txt"));
      try {
        Eventually.holds(() -> assertThat(filesIn(unnamed)).isLessThan(UNNAMED));
      } finally {
        process.destroyForcibly().waitFor();
      }
      left = filesIn(unnamed);
    }
    assertThat(left).as("killed midway").isPositive();
    return unnamed;
  }

  /// Many files, as a sweep is fast; what they hold does not matter.
  private static void writeUnnamed(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileTime old = FileTime.from(NOW.minus(HOUR).minus(HOUR));
    for (int i = 0; i < UNNAMED; i++) {
      Path file = directory.resolve("ab" + "%062x".formatted(i));
      Files.writeString(file, "x");
      Files.setLastModifiedTime(file, old);
    }
  }

  private static long filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  /// What only that snapshot names cannot be known.
  private void spareAllWhileASnapshotIsGone(
      Payloads then, Payloads now, PayloadCollector collector, Stored snapshot) throws IOException {
    Json another = kept(then, 'g');
    Files.delete(directory.resolve("snapshots").resolve(snapshot.name()));
    assertThatThrownBy(() -> collector.collect(NOW.plus(HOUR)))
        .hasMessageContaining("missing or damaged");
    assertThat(gone(now, another)).isFalse();
  }

  private static void announce(EventProducer producer, Stored file) {
    var taken =
        new SnapshotTaken(
            Owner.ROUTER.name(),
            Topic.EXECUTIONS.topicName(),
            0,
            10,
            0,
            "log",
            1,
            file.name(),
            file.sha256(),
            file.bytes(),
            file.entries(),
            "");
    var envelope = Envelope.of(UUID.randomUUID(), NOW, TenantId.DEFAULT, "", "service:test");
    producer
        .send(
            EventCodec.of(Topic.SNAPSHOTS, SnapshotEvent.class),
            "router/nexus.executions/0/0",
            new Event<>(envelope, taken))
        .join();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Json kept(Payloads payloads, char letter) {
    String text = String.valueOf(letter).repeat(300_000);
    return payloads.keepInput(TenantId.DEFAULT, new Json("\"" + text + "\""));
  }

  private static void name(EventProducer producer, Json kept) {
    assertThat(PayloadReference.isIn(kept)).isTrue();
    ExecutionId execution = new ExecutionId(UUID.randomUUID());
    var origin = new Origin(TenantId.DEFAULT, "service:test", "http", "");
    producer
        .send(
            EventCodec.of(Topic.REQUESTS, RequestEvent.class),
            Keys.execution(TenantId.DEFAULT, execution),
            RequestEvents.event(
                UUID.randomUUID(), NOW, origin, "shop", execution, new TruthSubmitted(kept)))
        .join();
  }

  private static void nameInEvent(EventProducer producer, Json kept) {
    var outside = new Outside("shop", "urn:shop", "o-1", "com.example.order", "", NOW);
    producer
        .send(
            EventCodec.of(Topic.EVENTS, IngressEvent.class),
            "default/o-1",
            new Event<IngressEvent>(
                Envelope.of(UUID.randomUUID(), NOW, TenantId.DEFAULT, "shop", "integration:shop"),
                new EventAccepted(outside, kept)))
        .join();
  }

  private static boolean gone(Payloads payloads, Json kept) {
    try {
      payloads.content(TenantId.DEFAULT, kept);
      return false;
    } catch (PayloadGoneException e) {
      return true;
    }
  }
}
