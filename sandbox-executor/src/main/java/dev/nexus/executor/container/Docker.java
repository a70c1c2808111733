package dev.nexus.executor.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.pool.Alarm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Docker by its socket, for pools. What a container may do is said here and nowhere else.
class Docker implements Engine {
  /// Where the directory of an instance's sockets is in its container.
  static final String SOCKETS = "/run/nexus";

  /// Group of all, and the first of the users, one for each container: the kernel counts some of
  /// what it holds for processes by user, whatever their container.
  static final int GROUP = 10001;

  /// Above what systems give to users and to namespaces of users.
  static final int FIRST_USER = 1_900_000_000;

  static final int USERS = 100_000_000;
  private static final long PROCESSES = 64;

  /// Of a runtime with a kernel of its own: its own threads count, too, and it ends when it can
  /// have no more.
  private static final long PROCESSES_OF_A_KERNEL = 512;

  private static final long FILES = 256;
  private static final String SCRATCH = "rw,noexec,nosuid,nodev,size=32m,mode=1777,nr_inodes=8192";
  private static final int LAST_LINES = 20;

  /// Each service holds one for what it prints, some hold another one.
  private static final int CONNECTIONS = 512;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// For what is Docker, too.
  final DockerClient client;

  private final String host;
  private final int processors;
  private final String runtime;
  private final String seccomp = seccomp();

  /// Begins anywhere, so that executors of one machine hardly have the same.
  private final AtomicInteger users = new AtomicInteger(new SecureRandom().nextInt(USERS));

  /// @param host address of the engine, such as `unix:///var/run/docker.sock`
  /// @param runtime name of an OCI runtime that the engine knows, or "" for its own
  Docker(String host, String runtime) {
    this.host = host;
    this.runtime = runtime;
    this.processors = Runtime.getRuntime().availableProcessors();
    var config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(host)
            .withDockerTlsVerify(false)
            .build();
    var transport =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(URI.create(host))
            .maxConnections(CONNECTIONS)
            .connectionTimeout(Duration.ofSeconds(5))
            .build();
    client = DockerClientImpl.getInstance(config, transport);
  }

  private static String seccomp() {
    try (InputStream file =
        Objects.requireNonNull(Docker.class.getResourceAsStream("seccomp.json"))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String begin(Wanted wanted) {
    return asked(
        "begin a container of " + wanted.image(),
        () -> {
          String container;
          try {
            requireNoVolumes(wanted.image(), "");
            container =
                client
                    .createContainerCmd(wanted.image())
                    .withName(wanted.name())
                    .withHostName("sandbox")
                    .withHealthcheck(new HealthCheck().withTest(List.of("NONE")))
                    .withUser(user())
                    .withLabels(wanted.labels())
                    .withHostConfig(limits(wanted))
                    .exec()
                    .getId();
          } catch (NotFoundException e) {
            throw missing(wanted.image(), e);
          }
          try {
            client.startContainerCmd(container).exec();
          } catch (RuntimeException e) {
            remove(container);
            throw e;
          }
          return container;
        });
  }

  static EngineException missing(String image, NotFoundException cause) {
    return new EngineException(
        FailureClass.INVALID_DEFINITION,
        "the image '"
            + image
            + "' is not on this machine: build it (./nexus images build) or pull it (docker pull)",
        cause);
  }

  /// A volume would be room on the disk of the host, without a limit, that outlives a call.
  ///
  /// @param but the path of one that is named, "" for none
  void requireNoVolumes(String image, String but) {
    var config = client.inspectImageCmd(image).exec().getConfig();
    if (config == null || config.getVolumes() == null) {
      return;
    }
    Set<String> others = new TreeSet<>(config.getVolumes().keySet());
    others.remove(but);
    if (!others.isEmpty()) {
      throw new EngineException(
          FailureClass.INVALID_DEFINITION,
          "the image '"
              + image
              + "' has volumes "
              + others
              + ": a pool's image must have none, and a service's only the one that it names as its"
              + " volume, as what is written there would stay");
    }
  }

  private String user() {
    return FIRST_USER + users.getAndIncrement() % USERS + ":" + GROUP;
  }

  private HostConfig limits(Wanted wanted) {
    return limits(wanted.cpus(), wanted.memoryBytes())
        .withBinds(new Bind(wanted.directory().toString(), new Volume(SOCKETS), AccessMode.ro));
  }

  HostConfig limits(double cpus, long memoryBytes) {
    var limits =
        HostConfig.newHostConfig()
            .withMemory(memoryBytes)
            .withMemorySwap(memoryBytes)
            .withNanoCPUs(Math.round(Math.min(cpus, processors) * 1e9))
            .withPidsLimit(processes(PROCESSES))
            .withReadonlyRootfs(true)
            .withNetworkMode("none")
            .withIpcMode("none")
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges:true", "seccomp=" + seccomp))
            .withTmpFs(Map.of("/tmp", SCRATCH))
            .withUlimits(ulimits(FILES))
            .withLogConfig(
                new LogConfig(
                    LogConfig.LoggingType.JSON_FILE, Map.of("max-size", "1m", "max-file", "1")));
    return runtime.isEmpty() ? limits : limits.withRuntime(runtime);
  }

  /// How many processes and threads a container may have, as the machine's kernel counts.
  ///
  /// @param own of the program and what it starts
  long processes(long own) {
    return runtime.isEmpty() ? own : own + PROCESSES_OF_A_KERNEL;
  }

  static Ulimit[] ulimits(long files) {
    return new Ulimit[] {new Ulimit("nofile", files, files), new Ulimit("core", 0L, 0L)};
  }

  @Override
  public void remove(String container) {
    asked(
        "remove a container",
        () -> {
          try {
            client.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
          } catch (NotFoundException | ConflictException e) {
            // Gone, or going because somebody else removes it.
          }
          return container;
        });
  }

  @Override
  public Condition condition(String container) {
    return asked(
        "look at a container",
        () -> {
          try {
            var state = client.inspectContainerCmd(container).exec().getState();
            Long code = state.getExitCodeLong();
            return new Condition(
                Boolean.TRUE.equals(state.getRunning()),
                code == null ? 0 : code.intValue(),
                Boolean.TRUE.equals(state.getOOMKilled()));
          } catch (NotFoundException e) {
            return new Condition(false, 137, false);
          }
        });
  }

  @Override
  public String lastWords(String container) {
    var words = new StringBuilder();
    try (var lines =
        client
            .logContainerCmd(container)
            .withStdOut(true)
            .withStdErr(true)
            .withTail(LAST_LINES)
            .exec(
                new ResultCallback.Adapter<Frame>() {
                  @Override
                  public void onNext(Frame frame) {
                    words.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                  }
                })) {
      lines.awaitCompletion(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      return "";
    }
    return words.toString().strip();
  }

  @Override
  public List<Found> below(String id) {
    return asked(
        "list containers",
        () -> {
          List<Found> found = new ArrayList<>();
          client
              .listContainersCmd()
              .withShowAll(true)
              .withLabelFilter(Map.of(LABEL_BASE, id))
              .exec()
              .forEach(
                  one ->
                      found.add(
                          new Found(
                              one.getId(), one.getLabels(), "running".equals(one.getState()))));
          return List.copyOf(found);
        });
  }

  /// Docker may hang, and its socket knows no limit of time.
  final <T> T asked(String what, Supplier<T> question) {
    Alarm alarm = Alarm.after(PATIENCE);
    try {
      return answered(what, question);
    } catch (EngineException e) {
      if (alarm.end()) {
        throw new EngineException(
            FailureClass.UNREACHABLE,
            "Docker at " + host + " did not " + what + " within " + PATIENCE.toSeconds() + " s",
            e);
      }
      throw e;
    } finally {
      alarm.end();
    }
  }

  private <T> T answered(String what, Supplier<T> question) {
    try {
      return question.get();
    } catch (EngineException e) {
      throw e;
    } catch (DockerException e) {
      throw new EngineException(
          FailureClass.UNREACHABLE, "Docker could not " + what + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new EngineException(
          FailureClass.UNREACHABLE,
          "Docker at " + host + " does not answer, to " + what + ": " + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
