package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.Json;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.testkit.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Calls while containers are killed at random leave nothing: no container in whatever state, no
/// volume, socket, thread, open file, or memory.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class ContainerLeaksIT {
  private static final int CALLS = Seeds.SOAK ? 10_000 : 500;

  /// Far below what a call would need to leave for these to be a leak, and above what a JVM keeps
  /// for itself of two equal rounds.
  private static final long MOST_HEAP_MORE = 8L << 20;

  private static final String ECHO = "def handle(i): return {'got': i['n'] + 1}";
  private static final Result TWO = new Result(new Json("{\"got\":2}"));
  private static final Home.Pool POOL = Rig.pool("killed", 3);
  private static final PoolKey KEY = new PoolKey(POOL, Rig.IMAGES.of(Language.PYTHON));

  @Test
  void shouldLoseNoCallSilentlyAndLeaveNothingBehind() throws Exception {
    // Given a process that has done all of this before
    callsInARigOfTheirOwn(60);
    ProcessState before = ProcessState.now();

    // When
    callsInARigOfTheirOwn(CALLS);

    // Then
    Eventually.holds(
        () -> {
          ProcessState after = ProcessState.now();
          List<String> more = new ArrayList<>(after.threads());
          before.threads().forEach(more::remove);
          assertThat(more).as("threads more than before").isEmpty();
          assertThat(after.files()).as("open files").isLessThanOrEqualTo(before.files());
          assertThat(after.heap()).as("heap").isLessThan(before.heap() + MOST_HEAP_MORE);
        });
    ProcessState after = ProcessState.now();
    System.out.printf(
        "%d calls: heap %+d KiB, open files %+d, threads %+d%n",
        CALLS,
        (after.heap() - before.heap()) >> 10,
        after.files() - before.files(),
        after.threads().size() - before.threads().size());
  }

  private static void callsInARigOfTheirOwn(int calls) throws Exception {
    long seed = System.nanoTime();
    var killer = new Killer(new Random(seed));
    try (Rig rig = Rig.open(6)) {
      List<CodeOutcome> outcomes = outcomes(rig, calls, killer);
      System.out.printf(
          "%d calls, %d answered, %d containers killed, seed %d%n",
          calls, outcomes.stream().filter(TWO::equals).count(), killer.killed, seed);
      assertThat(killer.killed).isPositive();
      assertThat(outcomes)
          .as("seed %d", seed)
          .allSatisfy(
              outcome -> {
                if (outcome instanceof Failure(var failure, var detail, _)) {
                  assertThat(failure).as(detail).isEqualTo(FailureClass.LOST);
                } else {
                  assertThat(outcome).isEqualTo(TWO);
                }
              });
      // Also while the executor lives: what it ends for itself takes its sockets along.
      Eventually.holds(() -> assertOnlyItsMembers(rig));
      assertThat(killer.volumes).as("volumes of its containers").isEmpty();
    }
  }

  private static List<CodeOutcome> outcomes(Rig rig, int calls, Killer killer)
      throws InterruptedException, ExecutionException {
    List<CodeOutcome> outcomes = new ArrayList<>();
    AtomicBoolean going = new AtomicBoolean(true);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> killing = threads.submit(() -> killer.kill(rig, going));
      List<Future<CodeOutcome>> all =
          IntStream.range(0, calls)
              .mapToObj(
                  n ->
                      threads.submit(
                          () -> rig.run(POOL, Language.PYTHON, ECHO, "{\"n\":1}", Rig.PATIENT)))
              .toList();
      for (Future<CodeOutcome> one : all) {
        outcomes.add(one.get());
      }
      // Few calls may be answered before the first was killed.
      while (killer.killed == 0) {
        outcomes.add(rig.run(POOL, Language.PYTHON, ECHO, "{\"n\":1}", Rig.PATIENT));
      }
      going.set(false);
      killing.get();
    }
    return outcomes;
  }

  private static void assertOnlyItsMembers(Rig rig) {
    rig.pools().round();
    Set<String> members = rig.pools().pool(KEY).instances();
    assertThat(rig.found())
        .extracting(one -> one.labels().get(Engine.LABEL_INSTANCE))
        .containsExactlyInAnyOrderElementsOf(members);
    Set<String> directories =
        Leftovers.filesBelow(rig.base()).stream()
            .filter(Files::isDirectory)
            .filter(path -> !path.getParent().equals(rig.base()))
            .map(path -> path.getFileName().toString())
            .collect(Collectors.toSet());
    assertThat(directories).isEqualTo(members);
  }

  /// Removes containers, as somebody would who does not know whose they are.
  private static final class Killer {
    private final Random random;
    private final Set<String> volumes = ConcurrentHashMap.newKeySet();
    private volatile int killed;

    Killer(Random random) {
      this.random = random;
    }

    @org.jspecify.annotations.Nullable
    Void kill(Rig rig, AtomicBoolean going) throws InterruptedException {
      while (going.get()) {
        Thread.sleep(20 + random.nextInt(200));
        List<Engine.Found> running = rig.found().stream().filter(Engine.Found::running).toList();
        if (!running.isEmpty() && going.get()) {
          String one = running.get(random.nextInt(running.size())).container();
          look(rig, one);
          rig.docker().remove(one);
          killed++;
        }
      }
      return null;
    }

    private void look(Rig rig, String container) {
      try {
        rig.docker().client.inspectContainerCmd(container).exec().getMounts().stream()
            .filter(mount -> mount.getName() != null)
            .forEach(mount -> volumes.add(String.valueOf(mount.getName())));
      } catch (com.github.dockerjava.api.exception.NotFoundException e) {
        // It has ended by itself.
      }
    }
  }

  /// Or none of the tests would see what is left.
  @Test
  void shouldFailARigThatLeavesAContainerOrASocketAndRemoveBoth() throws Exception {
    // Given
    Rig rig = Rig.open(1);
    Path forgotten = Files.createDirectories(rig.base().resolve("forgotten"));
    Files.createFile(forgotten.resolve("mcp.sock"));
    rig.docker()
        .begin(
            new Engine.Wanted(
                "nexus-left-" + SocketDirectory.name(),
                Rig.IMAGES.of(Language.PYTHON),
                forgotten,
                1,
                64L << 20,
                Map.of(Engine.LABEL_BASE, rig.id())));

    // Then
    assertThatThrownBy(rig::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(" container {", Engine.LABEL_BASE, "forgotten/mcp.sock");
    try (var docker = new Docker(Rig.HOST, "")) {
      assertThat(docker.below(rig.id())).isEmpty();
    }
    assertThat(rig.base()).doesNotExist();
  }
}
