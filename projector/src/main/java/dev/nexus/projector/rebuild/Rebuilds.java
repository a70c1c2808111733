package dev.nexus.projector.rebuild;

import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.service.NexusService;
import dev.nexus.projector.rebuild.RebuildStatus.State;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.projector.stream.Projection;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Begins, watches and ends rebuilds. One runs at a time in an installation, on the instance that
/// was asked for it.
public final class Rebuilds implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(Rebuilds.class);
  /// Longer than a query may take.
  private static final Duration READ_ON = Duration.ofSeconds(6);

  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(5);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(30);

  private final Projection projection;
  private final MachineMemory machine;
  private final Duration readOn;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Thread working = new Thread(() -> {});

  /// @param projection with every fold there is
  /// @param machine that Redis runs on
  public Rebuilds(Projection projection, MachineMemory machine) {
    this(projection, machine, READ_ON);
  }

  /// @param readOn how long what was replaced stays for queries that began before
  public Rebuilds(Projection projection, MachineMemory machine, Duration readOn) {
    this.projection = projection;
    this.machine = machine;
    this.readOn = readOn;
  }

  @Override
  public String name() {
    return "projection-rebuilds";
  }

  @Override
  public void start() {}

  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return true;
  }

  List<String> names() {
    return projection.folds().stream().map(ProjectionName::of).toList();
  }

  public RebuildStatus status() {
    try (RebuildBoard board = board()) {
      return board.read();
    }
  }

  private RebuildBoard board() {
    return new RebuildBoard(
        projection.redis(), projection.clients().group("rebuild"), projection.instance());
  }

  /// Begins to rebuild the projections named, or all. Throws a problem when another rebuild runs,
  /// when it would make something worse, or when Redis has no room for it.
  public RebuildStatus begin(Set<String> names) {
    List<Fold<?>> folds =
        projection.folds().stream()
            .filter(fold -> names.isEmpty() || names.contains(ProjectionName.of(fold)))
            .toList();
    Projection wanted = projection.of(folds);
    RebuildBoard board = board();
    boolean begun = false;
    try {
      if (!board.take()) {
        throw running(board.read());
      }
      try {
        requireSense(wanted);
        requireRoom(wanted);
        if (!board.keep()) {
          throw running(board.read()); // the questions took longer than the lease
        }
        RebuildStatus status =
            new RebuildStatus(State.RUNNING, projection.instance(), List.of(), 0, "");
        board.begin(status);
        working =
            Thread.ofPlatform()
                .daemon()
                .name("projection-rebuild")
                .start(() -> work(wanted, board));
        begun = true;
        return status;
      } finally {
        if (!begun) {
          board.release();
        }
      }
    } finally {
      if (!begun) {
        board.close();
      }
    }
  }

  private void work(Projection wanted, RebuildBoard board) {
    try (board;
        RedisRoom room = new RedisRoom(projection.redis(), machine)) {
      RebuildStatus ended;
      try {
        ended = new ShadowBuild(wanted, board, room, closing, readOn).run();
      } catch (Throwable e) { // an Error too: who watches waits for its end
        LOG.atError().setCause(e).log("rebuild broke off");
        ended =
            new RebuildStatus(
                State.FAILED,
                projection.instance(),
                board.read().parts(),
                board.read().millis(),
                "it broke off: " + e + "; what it built so far is kept for the next one");
      }
      if (board.keep()) { // else it is another's, and so is what is said about it
        board.write(ended);
        board.release();
      }
      LOG.atInfo()
          .addKeyValue("state", ended.state())
          .addKeyValue("reason", ended.reason())
          .log("rebuild ended");
    } catch (Throwable e) {
      LOG.atWarn().setCause(e).log("how the rebuild ended could not be said");
    }
  }

  /// Ends the rebuild that runs, or gives up what an interrupted one left, of a newer version too.
  RebuildStatus stop() {
    try (RebuildBoard board = board()) {
      board.askToStop();
      long until = System.nanoTime() + STOPPED_WITHIN.toNanos();
      while (!board.take()) {
        if (System.nanoTime() > until || !pause()) {
          return board.read();
        }
      }
      return giveUpAll(board);
    }
  }

  private boolean pause() {
    try {
      return !closing.await(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// With the lease taken nobody works, whatever the board says.
  private RebuildStatus giveUpAll(RebuildBoard board) {
    try {
      each(projection, (shadows, part) -> shadows.stop(part.slot(), board.number()));
      RebuildStatus status = board.read();
      RebuildStatus after =
          switch (status.state()) {
            case NONE, DONE, STOPPED -> status;
            case RUNNING, SWEEPING, FAILED, INTERRUPTED -> status.with(State.STOPPED);
          };
      if (board.keep()) {
        board.write(after);
      }
      return after;
    } finally {
      board.release();
    }
  }

  /// A partition and its fold.
  private record Part(Slot slot, Fold<?> fold) {}

  private void each(Projection wanted, BiConsumer<Shadows, Part> work) {
    try (ProjectionStore store = projection.newStore();
        KafkaConsumer<String, byte[]> consumer =
            projection.clients().assignedConsumer("projection-rebuild-plan")) {
      Shadows shadows = new Shadows(wanted, store, consumer);
      for (Fold<?> fold : wanted.folds()) {
        String topic = projection.clients().name(fold.topic());
        consumer
            .partitionsFor(topic)
            .forEach(
                info -> work.accept(shadows, new Part(new Slot(topic, info.partition()), fold)));
      }
    }
  }

  private void requireSense(Projection wanted) {
    Map<String, String> objections = new LinkedHashMap<>();
    each(
        wanted,
        (shadows, part) -> {
          String objection = shadows.objection(part.slot(), part.fold());
          if (!objection.isEmpty()) {
            objections.putIfAbsent(ProjectionName.of(part.fold()), objection);
          }
        });
    if (objections.isEmpty()) {
      return;
    }
    String others =
        wanted.folds().stream()
            .map(ProjectionName::of)
            .filter(name -> !objections.containsKey(name))
            .collect(Collectors.joining(" "));
    String detail =
        String.join("; ", objections.values())
            + (others.isEmpty() ? "" : "; './nexus rebuild " + others + "' rebuilds the others");
    throw Problem.of(HttpStatus.CONFLICT, "rebuild-refused", detail).exception();
  }

  private void requireRoom(Projection wanted) {
    Set<Slot> slots = new HashSet<>();
    each(wanted, (shadows, part) -> slots.add(part.slot()));
    try (RedisRoom room = new RedisRoom(projection.redis(), machine);
        ProjectionStore store = projection.newStore()) {
      long needed = 0;
      Map<Slot, Map<String, Long>> sizes = room.sizes(slots);
      for (Slot slot : slots) {
        Map<String, Long> own = sizes.getOrDefault(slot, Map.of());
        needed += own.getOrDefault(generation(store, slot, Track.LIVE), 0L);
        needed -= own.getOrDefault(generation(store, slot, Track.SHADOW), 0L);
      }
      RedisRoom.Room left = room.room();
      if (needed + needed / 10 > left.free()) {
        throw Problem.of(
                HttpStatus.INSUFFICIENT_STORAGE,
                "redis-too-small",
                "a rebuild writes a second copy beside the one that is read: about "
                    + mebibytes(needed + needed / 10)
                    + " more, and Redis has "
                    + mebibytes(left.free())
                    + " left of "
                    + left.limit()
                    + ": give it more, or rebuild one projection after the other")
            .exception();
      }
    }
  }

  private static String mebibytes(long bytes) {
    return String.format("%.1f MiB", bytes / 1_048_576.0);
  }

  private static String generation(ProjectionStore store, Slot slot, Track track) {
    return store.position(slot, track) instanceof StoredPosition.At at
        ? at.mark().generation()
        : "none";
  }

  private static ProblemException running(RebuildStatus status) {
    if (status.state() == State.SWEEPING) {
      return Problem.of(
              HttpStatus.CONFLICT,
              "rebuild-running",
              "the last rebuild still deletes what it replaced: begin this one in some seconds")
          .exception();
    }
    return Problem.of(
            HttpStatus.CONFLICT,
            "rebuild-running",
            "a rebuild is running"
                + (status.state() == State.INTERRUPTED || status.instance().isEmpty()
                    ? ""
                    : " on instance " + status.instance())
                + ": watch it, or stop it first (one whose instance was killed is missed after "
                + RebuildBoard.LEASE.toSeconds()
                + " s)")
        .exception();
  }

  /// What is under way stays where it is, for the next rebuild to go on with.
  @Override
  public void close() {
    closing.countDown();
    try {
      Thread thread = working;
      if (thread.getState() != Thread.State.NEW && !thread.join(CLOSED_WITHIN)) {
        LOG.atWarn().log("rebuild did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
