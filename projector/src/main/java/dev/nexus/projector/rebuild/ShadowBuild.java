package dev.nexus.projector.rebuild;

import dev.nexus.projector.rebuild.RebuildStatus.Part;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Sweeper;
import dev.nexus.projector.store.Track;
import dev.nexus.projector.stream.PartitionFold;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.SnapshotFill;
import dev.nexus.projector.stream.StoreFailedException;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One rebuild: folds the log from its beginning into a shadow of each partition, beside what is
/// read. When all have caught up, each takes the place of the live generation in the step in which
/// a batch is applied. It may end at any moment: the shadows stay where they are, with their own
/// positions, until another rebuild goes on with them or gives them up.
final class ShadowBuild {
  private static final Logger LOG = LoggerFactory.getLogger(ShadowBuild.class);
  private static final int RECORDS_AT_ONCE = 1_000;

  /// So near the end, a shadow follows the log at its pace.
  private static final int CAUGHT_UP = 2_000;

  private static final Duration WAIT = Duration.ofMillis(100);
  private static final Duration NEAR_THE_END = Duration.ofMillis(5);
  private static final Duration REPORTED_EVERY = Duration.ofMillis(700);
  private static final Duration RETRIED_AFTER = Duration.ofSeconds(1);
  private static final Duration GIVEN_UP_AFTER = Duration.ofMinutes(1);

  private final Projection projection;
  private final RebuildBoard board;
  private final RedisRoom room;
  private final CountDownLatch closing;
  private final Duration readOn;
  private final Map<TopicPartition, Building> buildings = new LinkedHashMap<>();
  private final long began = System.nanoTime();
  private long switchedAt = began;
  private long reportedAt;
  private long failingSince;
  private boolean allNear;
  private boolean broken;
  private List<PartitionFold.Prepared<?>> waiting = List.of();

  /// @param closing counted down when this process ends
  /// @param readOn how long what was replaced stays for queries that began before
  ShadowBuild(
      Projection projection,
      RebuildBoard board,
      RedisRoom room,
      CountDownLatch closing,
      Duration readOn) {
    this.projection = projection;
    this.board = board;
    this.room = room;
    this.closing = closing;
    this.readOn = readOn;
  }

  /// Something that ends the rebuild: with the shadows given up, or, when it is interrupted because
  /// another instance has it, with the shadows left to that.
  static final class EndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final State state;

    EndedException(State state, String reason) {
      super(reason);
      this.state = state;
    }
  }

  /// Works until everything is switched and swept, or until it is ended; gives how it ended. Throws
  /// nothing but what leaves the shadows as they are.
  RebuildStatus run() {
    try (ProjectionStore store = projection.newStore();
        KafkaConsumer<String, byte[]> consumer =
            projection.clients().gaplessConsumer("projection-rebuild", RECORDS_AT_ONCE)) {
      store.loadScripts();
      Shadows shadows = new Shadows(projection, store, consumer);
      try {
        begin(shadows, store, consumer);
        while (open() && buildings.values().stream().anyMatch(b -> !b.over)) {
          step(shadows, store, consumer);
        }
        if (!open() || !board.keep()) {
          return status(State.INTERRUPTED, "");
        }
        board.write(status(State.SWEEPING, ""));
        return sweep(shadows) ? status(State.DONE, "") : status(State.INTERRUPTED, "");
      } catch (EndedException e) {
        if (e.state != State.INTERRUPTED) {
          buildings.values().stream()
              .filter(building -> !building.over)
              .forEach(building -> giveUp(shadows, building));
        }
        return status(e.state, String.valueOf(e.getMessage()));
      }
    }
  }

  private boolean open() {
    return closing.getCount() > 0;
  }

  private void giveUp(Shadows shadows, Building building) {
    try {
      building.fold.drain();
      shadows.giveUp(building.slot(), building.generation(), board.number());
    } catch (StoreFailedException | RedisException e) {
      LOG.atWarn()
          .addKeyValue("partition", building.slot())
          .addKeyValue("reason", e.getMessage())
          .log("shadow not given up; the next rebuild finds it");
    }
  }

  private void begin(
      Shadows shadows, ProjectionStore store, KafkaConsumer<String, byte[]> consumer) {
    for (Fold<?> fold : projection.folds()) {
      String topic = projection.clients().name(fold.topic());
      for (var info : consumer.partitionsFor(topic)) {
        Slot slot = new Slot(topic, info.partition());
        shadows
            .begin(slot, fold, board.number())
            .ifPresent(
                start -> {
                  var building = new Building(newFold(slot, fold, store));
                  building.fold.restartAt(start.mark());
                  buildings.put(new TopicPartition(topic, info.partition()), building);
                  start
                      .snapshot()
                      .ifPresent(
                          taken ->
                              new SnapshotFill(
                                      building.fold, taken, shadows.files(), () -> report(consumer))
                                  .run());
                  building.began = building.fold.mark().next();
                  building.source = start.source();
                });
      }
    }
    allNear = false; // what was found while a snapshot was read is of the partitions until then
    consumer.assign(buildings.keySet());
    buildings.forEach((partition, building) -> consumer.seek(partition, building.began));
  }

  private static <E> PartitionFold<E> newFold(Slot slot, Fold<E> fold, ProjectionStore store) {
    return new PartitionFold<>(slot, Track.SHADOW, fold, store, new Unseen());
  }

  private void step(
      Shadows shadows, ProjectionStore store, KafkaConsumer<String, byte[]> consumer) {
    try {
      if (broken) {
        takeUpAgain(shadows, store, consumer);
      }
      report(consumer);
      ConsumerRecords<String, byte[]> records =
          consumer.poll(!waiting.isEmpty() ? Duration.ZERO : allNear ? NEAR_THE_END : WAIT);
      var next = prepare(records);
      waiting.forEach(PartitionFold.Prepared::finish);
      waiting = next;
      if (allNear) {
        waiting.forEach(PartitionFold.Prepared::finish);
        waiting = List.of();
      }
      boolean quiet = records.isEmpty() && waiting.isEmpty();
      buildings.forEach(
          (partition, building) -> {
            if (!building.over) {
              settle(shadows, consumer, partition, building, quiet);
            }
          });
      failingSince = 0;
    } catch (StoreFailedException | RedisException e) {
      recover(e);
    }
  }

  /// While Redis reads what these need, the next are polled.
  private List<PartitionFold.Prepared<?>> prepare(ConsumerRecords<String, byte[]> records) {
    List<PartitionFold.Prepared<?>> prepared = new ArrayList<>();
    for (TopicPartition partition : records.partitions()) {
      var own = records.records(partition);
      prepared.add(building(partition).fold.prepare(own, own.getLast().offset() + 1));
    }
    return prepared;
  }

  private Building building(TopicPartition partition) {
    Building building = buildings.get(partition);
    if (building == null) {
      throw new IllegalStateException(partition + " was never assigned");
    }
    return building;
  }

  private void settle(
      Shadows shadows,
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      Building building,
      boolean quiet) {
    boolean whole = building.fold.settle();
    if (whole && quiet && building.fold.idle()) {
      building.fold.skipTo(consumer.position(partition));
    }
    if (whole && allNear) {
      whole = building.fold.settleAll();
    }
    if (!whole) {
      restart(shadows, consumer, partition, building);
    } else if (allNear) {
      switch (building.fold.takeOver()) {
        case TOOK_OVER -> switched(consumer, partition, building);
        case APPLIED -> {} // the live one is ahead just now
        case REFUSED -> restart(shadows, consumer, partition, building);
      }
    }
  }

  private void switched(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, Building building) {
    over(consumer, partition, building);
    projection.progress().found(building.slot(), building.fold.mark());
    LOG.atInfo()
        .addKeyValue("partition", building.slot())
        .addKeyValue("generation", building.generation())
        .addKeyValue("position", building.fold.mark().next())
        .log("rebuilt partition is read from here on");
  }

  private void over(
      KafkaConsumer<String, byte[]> consumer, TopicPartition partition, Building building) {
    building.over = true;
    switchedAt = System.nanoTime();
    consumer.pause(Set.of(partition));
  }

  /// Goes on from where the shadow stands. One that is gone took over, or ended with what it stood
  /// beside, which was begun anew: that is as good as rebuilt. Where what is read is older than it
  /// was, somebody gave it up, or Redis has gone back to a time before it.
  private void restart(
      Shadows shadows,
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition partition,
      Building building) {
    building.fold.drain();
    if (shadows.position(building.slot())
            instanceof StoredPosition.At(_, _, _, var mark, var open, _)
        && mark.generation().equals(building.generation())) {
      if (open || SnapshotFill.unfinished(mark)) {
        throw new EndedException(
            State.FAILED, "what was built of " + building.slot() + " was left half-written");
      }
      building.fold.restartAt(mark);
      consumer.seek(partition, mark.next());
    } else if (shadows.isReplaced(building.slot(), building.generation())) {
      over(consumer, partition, building);
    } else {
      requireWanted();
      throw gone(building);
    }
  }

  private static EndedException gone(Building building) {
    return new EndedException(
        State.FAILED,
        "what was built of "
            + building.slot()
            + " is gone: Redis went back to an earlier time, or it was given up elsewhere. What is"
            + " read stays as it is; begin again");
  }

  private void recover(RuntimeException e) {
    LOG.atWarn().addKeyValue("reason", e.getMessage()).log("rebuild waits for Redis");
    broken = true;
    long now = System.nanoTime();
    failingSince = failingSince == 0 ? now : failingSince;
    if (now - failingSince > GIVEN_UP_AFTER.toNanos()) {
      throw new EndedException(State.FAILED, "Redis failed: " + e.getMessage());
    }
    pause(RETRIED_AFTER);
  }

  /// After a failure: every partition goes on from where its shadow stands before anything more is
  /// polled, as some of what was polled may not have been sent.
  private void takeUpAgain(
      Shadows shadows, ProjectionStore store, KafkaConsumer<String, byte[]> consumer) {
    store.loadScripts();
    waiting = List.of();
    buildings.forEach(
        (partition, building) -> {
          if (!building.over) {
            restart(shadows, consumer, partition, building);
          }
        });
    broken = false;
  }

  private boolean pause(Duration time) {
    try {
      return !closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Says how far it is, and hears whether to go on: now and then, as that takes time, and at once
  /// when what was the end is reached.
  private void report(KafkaConsumer<String, byte[]> consumer) {
    long now = System.nanoTime();
    if (now - reportedAt < (near() && !allNear ? NEAR_THE_END : REPORTED_EVERY).toNanos()) {
      return;
    }
    reportedAt = now;
    Map<TopicPartition, Long> ends = consumer.endOffsets(buildings.keySet());
    buildings.forEach((partition, its) -> its.end = ends.getOrDefault(partition, its.end));
    allNear = near();
    switchedAt = now;
    requireWanted();
    board.write(status(State.RUNNING, ""));
    RedisRoom.Room left = room.room();
    if (left.exhausted()) {
      throw new EndedException(
          State.FAILED,
          "Redis has only " + left.free() + " bytes left of " + left.limit() + ", which it needs");
    }
  }

  private void requireWanted() {
    if (!board.keep()) {
      throw new EndedException(State.INTERRUPTED, "another instance has taken the rebuild over");
    }
    if (board.askedToStop()) {
      throw new EndedException(State.STOPPED, "");
    }
  }

  /// Whether every partition has nearly reached its end, as far as that is known.
  private boolean near() {
    return buildings.values().stream()
        .allMatch(its -> its.over || its.fold.mark().next() >= its.end - CAUGHT_UP);
  }

  private boolean sweep(Shadows shadows) {
    long until = System.nanoTime() + readOn.toNanos();
    while (System.nanoTime() < until) {
      if (!pause(REPORTED_EVERY) || !board.keep()) {
        return false;
      }
      requireReplaced(shadows);
    }
    Map<Slot, String> built = new HashMap<>();
    buildings.values().forEach(each -> built.put(each.slot(), each.generation()));
    Sweeper.older(projection.redis(), built);
    requireReplaced(shadows);
    return true;
  }

  /// Redis may have gone back to a time before the switch.
  private void requireReplaced(Shadows shadows) {
    for (Building building : buildings.values()) {
      if (!shadows.isReplaced(building.slot(), building.generation())) {
        throw gone(building);
      }
    }
  }

  private RebuildStatus status(State state, String reason) {
    Map<String, Part> parts = new LinkedHashMap<>();
    for (Building building : buildings.values()) {
      Part part = building.part();
      parts.merge(part.projection(), part, Part::plus);
    }
    long millis = (switchedAt - began) / 1_000_000;
    return new RebuildStatus(
        state, projection.instance(), List.copyOf(parts.values()), millis, reason);
  }
}
