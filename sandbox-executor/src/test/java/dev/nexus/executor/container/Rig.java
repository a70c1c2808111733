package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.executor.Samples;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeLimits;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.code.Program.Script;
import dev.nexus.executor.code.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Containers of the real engine, with runners built from Debian's packages.
final class Rig implements AutoCloseable {
  static final String HOST =
      Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock");
  static final RunnerImages IMAGES = new RunnerImages("nexus/runner-{runner}:offline");
  static final CodeLimits PATIENT = new CodeLimits(Duration.ofSeconds(60), 64 << 20, 10_000);

  private final Path base;
  private final SocketDirectory sockets;
  private final Docker docker = new Docker(HOST, "");
  private final Heard heard = new Heard();
  private final ContainerPools pools;
  private final ContainerCode code;

  private Rig(Path base, int most, Tools tools) {
    this.base = base;
    this.sockets = SocketDirectory.in(base);
    this.pools = new ContainerPools(docker, sockets, heard, tools, List::of, most);
    this.code = new ContainerCode(pools, IMAGES, ContainerCode.GRACE);
  }

  /// Builds what is missing of the images, and begins.
  static Rig open(int most) throws IOException, InterruptedException {
    return open(most, Tools.NONE);
  }

  static Rig open(int most, Tools tools) throws IOException, InterruptedException {
    buildImages();
    return new Rig(Files.createTempDirectory(Path.of("/tmp"), "nx"), most, tools);
  }

  static void buildImages() throws IOException, InterruptedException {
    Process built =
        new ProcessBuilder("../infra/images/offline/offline.sh", "--runners").inheritIO().start();
    if (built.waitFor() != 0) {
      throw new IllegalStateException("infra/images/offline/offline.sh --runners failed");
    }
  }

  ContainerPools pools() {
    return pools;
  }

  Docker docker() {
    return docker;
  }

  Heard heard() {
    return heard;
  }

  /// Containers of this rig that there are.
  List<Engine.Found> found() {
    return docker.below(sockets.id());
  }

  String id() {
    return sockets.id();
  }

  Path base() {
    return base;
  }

  static Home.Pool pool(String name, int most) {
    return new Home.Pool(
        TenantId.DEFAULT, "shop", new PoolDefinition(name, "", 0, most, 1, 256L << 20));
  }

  CodeOutcome run(Home.Pool pool, Language language, String source, String input, CodeLimits limits)
      throws InterruptedException {
    return run(pool, new Script(TenantId.DEFAULT, language, source), input, limits);
  }

  CodeOutcome run(Home.Pool pool, Program program, String input) throws InterruptedException {
    return run(pool, program, input, PATIENT);
  }

  CodeOutcome run(Home.Pool pool, Program program, String input, CodeLimits limits)
      throws InterruptedException {
    return run(new CodeCall(program, pool, new Json(input), limits, Samples.task("work", input)));
  }

  CodeOutcome run(CodeCall call) throws InterruptedException {
    return code.run(call);
  }

  CodeOutcome run(Language language, String source, String input) throws InterruptedException {
    return run(pool(language.text(), 1), language, source, input, PATIENT);
  }

  /// Ends everything, and fails where that left something, which is then removed.
  @Override
  public void close() {
    pools.close();
    List<String> left = Leftovers.of(docker, sockets.id(), base);
    docker.below(sockets.id()).forEach(one -> docker.remove(one.container()));
    docker.close();
    SocketDirectory.removed(base);
    assertThat(left).as("what is left of the containers of this test").isEmpty();
  }
}
