package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.bench.PartProcess.Part;
import dev.nexus.event.Position;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A log that is there already, and what a router and a projector without files of their own keep
/// of it: memory, disk, and the time until they are at work. The floors: a process that is a bare
/// member of a group, and a consumer that only reads the log.
final class MemoryBenchmark implements Benchmark {
  static final int FINISHED = 100_000;

  /// For one that is open so many are finished.
  private static final int FINISHED_AN_OPEN_ONE = 10;

  private static final double MIB = 1 << 20;

  private final int finished;
  private final int open;

  MemoryBenchmark(int finished) {
    this.finished = finished;
    this.open = finished / FINISHED_AN_OPEN_ONE;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String describe() {
    return "MiB of router and projector after "
        + finished
        + " finished and "
        + open
        + " open executions";
  }

  /// A log of this size takes too long to be written again and again.
  @Override
  public int runs(Effort effort) {
    return 1;
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    try (ReadSide side = new ReadSide()) {
      Instant now = Instant.now();
      side.preload(open, number -> Facts.open("open", number, now));
      side.preload(finished, number -> Facts.ended("ended", number, now, Position.NONE));
      tell.accept(side.length() + " facts written");
      Held router = router(side);
      tell.accept("router: " + router.json());
      Held projector = projector(side);
      tell.accept("projector: " + projector.json());
      double redis = side.info("memory", "used_memory") / MIB;
      Held floor = bare(side);
      return findings(new Size(finished, open), router, projector, redis, floor);
    }
  }

  /// @param finished executions, `open` likewise
  record Size(int finished, int open) {}

  /// What a process holds, in MiB.
  ///
  /// @param seconds from its start until it was at work, all of the log folded
  record Held(double seconds, double heap, double resident, double disk) {
    ObjectNode json() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("recoverySeconds", Latencies.round(seconds))
          .put("heapMb", Math.round(heap))
          .put("residentMb", Math.round(resident))
          .put("diskMb", Math.round(disk));
    }
  }

  static Findings findings(Size size, Held router, Held projector, double redis, Held floor) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("finished", size.finished()).put("open", size.open());
    result.set("router", router.json());
    result.set("projector", projector.json());
    result.put("redisMb", Math.round(redis));
    ObjectNode bare = JsonNodeFactory.instance.objectNode();
    bare.put("readSeconds", Latencies.round(floor.seconds()))
        .put("heapMb", Math.round(floor.heap()))
        .put("residentMb", Math.round(floor.resident()));
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ratio
        .put("routerRecovery", Latencies.round(router.seconds() / floor.seconds()))
        .put("routerHeap", Latencies.round(router.heap() / floor.heap()))
        .put("routerResident", Latencies.round(router.resident() / floor.resident()))
        .put("projectorRecovery", Latencies.round(projector.seconds() / floor.seconds()))
        .put("projectorHeap", Latencies.round(projector.heap() / floor.heap()))
        .put("projectorResident", Latencies.round(projector.resident() / floor.resident()));
    return new Findings(result, bare, ratio);
  }

  private static Held router(ReadSide side) throws Exception {
    long from = System.nanoTime();
    try (PartProcess router = PartProcess.start(Part.ROUTER, side.variables("router"))) {
      return held(router, from, side.directory("router"));
    }
  }

  private static Held projector(ReadSide side) throws Exception {
    side.wipe();
    long from = System.nanoTime();
    try (PartProcess projector = PartProcess.start(Part.PROJECTOR, side.variables("projector"))) {
      while (side.folded() < side.length()) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      return held(projector, from, side.directory("projector"));
    }
  }

  private static Held bare(ReadSide side) throws Exception {
    double seconds = side.length() / side.bareConsumer();
    try (PartProcess member = PartProcess.start(Part.MEMBER, side.variables("member"))) {
      return new Held(seconds, member.heapBytes() / MIB, member.residentBytes() / MIB, 0);
    }
  }

  private static Held held(PartProcess part, long from, Path directory)
      throws IOException, InterruptedException {
    double seconds = (System.nanoTime() - from) / 1e9;
    return new Held(
        seconds, part.heapBytes() / MIB, part.residentBytes() / MIB, bytesIn(directory) / MIB);
  }

  private static long bytesIn(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return 0;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    }
  }
}
