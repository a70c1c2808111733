package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Calls that get no container are seen while they wait.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class OldestWaitIT {
  private static final Home.Pool POOL = Rig.pool("narrow", 1);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private static CodeCall call(String source) {
    var script = new Script(TenantId.DEFAULT, Language.PYTHON, source);
    return new CodeCall(script, POOL, new Json("1"), Rig.PATIENT, Samples.task("work", "1"));
  }

  private double oldest() {
    return meters.get("nexus.sandbox.oldest.wait.seconds").tag("pool", POOL.text()).gauge().value();
  }

  @Test
  void shouldShowHowLongTheFirstCallHasWaited() throws Exception {
    Rig.buildImages();
    Path base = Files.createTempDirectory(Path.of("/tmp"), "nxw");
    var options = new Containers.Options(Rig.HOST, "", Rig.IMAGES.pattern(), 2, base);
    var containers =
        new Containers(options, Tools.NONE, _ -> PoolListener.SILENT, List::of, meters);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // Given a pool whose container is taken
      assertThat(containers.run(call("def handle(i): return i")))
          .isEqualTo(new Result(new Json("1")));
      assertThat(oldest()).isZero();
      Future<CodeOutcome> endless =
          threads.submit(() -> containers.run(call("def handle(i):\n  while True: pass")));
      Eventually.holds(() -> assertThat(busy()).isEqualTo(1));

      // When
      Future<CodeOutcome> waiting =
          threads.submit(() -> containers.run(call("def handle(i): return 2")));

      // Then
      Eventually.holds(() -> assertThat(oldest()).isBetween(0.5, 60.0));
      assertThat(waiting.isDone()).isFalse();
      endless.cancel(true);
      assertThat(waiting.get()).isEqualTo(new Result(new Json("2")));
      assertThat(oldest()).isZero();
    } finally {
      containers.close();
      SocketDirectory.removed(base);
    }
  }

  private double busy() {
    return meters
        .get("nexus.sandbox.instances")
        .tags("pool", POOL.text(), "state", PoolView.State.BUSY.name())
        .gauge()
        .value();
  }
}
