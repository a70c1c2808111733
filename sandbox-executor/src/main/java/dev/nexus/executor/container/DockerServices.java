package dev.nexus.executor.container;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.SELContext;
import com.github.dockerjava.api.model.StreamType;
import com.github.dockerjava.api.model.Volume;
import dev.nexus.event.NameIds;
import dev.nexus.event.task.FailureClass;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Docker for programs that go on running. They are under the same limits as the containers of
/// pools, with more processes and files.
final class DockerServices extends Docker implements ServiceEngine {
  private static final long PROCESSES = 256;
  private static final long FILES = 1024;

  /// Where a volume is while it is given to its user.
  private static final String GIVEN = "nexus-volume";

  private static final int OURS_ALONE = 0700;

  DockerServices(String host, String runtime) {
    super(host, runtime);
  }

  @Override
  public String begin(Program program) {
    return asked(
        "begin a container of " + program.image(),
        () -> {
          String container;
          try {
            if (program.place() instanceof Place.Alone(Optional<Files> files, _, _)) {
              requireNoVolumes(program.image(), files.map(Files::at).orElse(""));
              files.ifPresent(some -> give(program, some));
            }
            container = create(program);
          } catch (NotFoundException e) {
            throw missing(program.image(), e);
          } catch (ConflictException e) {
            throw new EngineException(
                FailureClass.LOST, "the container " + program.name() + " is still there", e);
          }
          try {
            client.startContainerCmd(container).exec();
          } catch (DockerException e) {
            remove(container);
            throw new EngineException(
                FailureClass.INVALID_DEFINITION,
                "the image '" + program.image() + "' cannot be started: " + e.getMessage(),
                e);
          } catch (RuntimeException e) {
            remove(container);
            throw e;
          }
          return container;
        });
  }

  private String create(Program program) {
    HostConfig limits =
        limits(program.cpus(), program.memoryBytes())
            .withPidsLimit(processes(PROCESSES))
            .withUlimits(ulimits(FILES));
    CreateContainerCmd create =
        client
            .createContainerCmd(program.image())
            .withName(program.name())
            .withHealthcheck(new HealthCheck().withTest(List.of("NONE")))
            .withUser(user(program.user()))
            .withEnv(
                program.environment().entrySet().stream()
                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                    .toList())
            .withLabels(program.labels())
            .withHostConfig(limits);
    if (!program.entrypoint().isEmpty()) {
      create.withEntrypoint(program.entrypoint());
    }
    if (!program.command().isEmpty()) {
      create.withCmd(program.command());
    }
    switch (program.place()) {
      case Place.Alone(var files, var asked, var sockets) -> {
        create.withHostName("sandbox").withStdinOpen(asked);
        List<Bind> binds = new ArrayList<>();
        files.ifPresent(some -> binds.add(bind(some.volume(), some.at())));
        sockets.ifPresent(some -> binds.add(bind(some)));
        limits.withBinds(binds);
      }
      case Place.Beside(var other, var directory) ->
          limits.withNetworkMode("container:" + other).withBinds(bind(directory));
    }
    return create.exec().getId();
  }

  private static Bind bind(Path directory) {
    return new Bind(directory.toString(), new Volume(SOCKETS), AccessMode.ro);
  }

  /// Nothing of the image is copied into it: it would be somebody else's.
  private static Bind bind(String volume, String at) {
    return new Bind(volume, new Volume(at), AccessMode.rw, SELContext.none, true);
  }

  /// Makes the volume and gives it to the program's user: by a container that is never started, as
  /// the engine writes into those.
  private void give(Program program, Files files) {
    client.createVolumeCmd().withName(files.volume()).withLabels(files.labels()).exec();
    String container =
        client
            .createContainerCmd(program.image())
            .withCmd(GIVEN)
            .withLabels(program.labels())
            .withHostConfig(
                HostConfig.newHostConfig()
                    .withNetworkMode("none")
                    .withBinds(bind(files.volume(), "/" + GIVEN)))
            .exec()
            .getId();
    try {
      byte[] archive = OwnerArchive.of(GIVEN, OURS_ALONE, userId(program.user()), GROUP);
      client
          .copyArchiveToContainerCmd(container)
          .withTarInputStream(new ByteArrayInputStream(archive))
          .withRemotePath("/")
          .exec();
    } finally {
      remove(container);
    }
  }

  private static String user(String name) {
    return userId(name) + ":" + GROUP;
  }

  /// The same user at every start, or it could not read its own files.
  private static long userId(String name) {
    return FIRST_USER + Math.floorMod(NameIds.uuid5("user", name).getLeastSignificantBits(), USERS);
  }

  @Override
  public void stop(String container, Duration grace) {
    asked(
        "stop a container",
        () -> {
          try {
            client.stopContainerCmd(container).withTimeout((int) grace.toSeconds()).exec();
          } catch (NotFoundException | NotModifiedException e) {
            // It has ended.
          }
          return container;
        });
  }

  @Override
  public Optional<Found> named(String name) {
    return asked(
        "look for a container",
        () -> {
          try {
            var there = client.inspectContainerCmd(name).exec();
            Map<String, String> labels = there.getConfig().getLabels();
            return Optional.of(
                new Found(
                    there.getId(),
                    labels == null ? Map.of() : labels,
                    Boolean.TRUE.equals(there.getState().getRunning())));
          } catch (NotFoundException e) {
            return Optional.empty(); // it has gone meanwhile
          }
        });
  }

  @Override
  public Closeable follow(String container, boolean errorsOnly, Prints to) {
    return asked(
        "follow a container",
        () ->
            client
                .logContainerCmd(container)
                .withFollowStream(true)
                .withStdOut(!errorsOnly)
                .withStdErr(true)
                .exec(new Following(to)));
  }

  @Override
  public Conversation converse(String container, Prints to) {
    return asked(
        "speak to a container",
        () -> {
          var input = new InputPipe();
          var output =
              client
                  .attachContainerCmd(container)
                  .withStdIn(input)
                  .withStdOut(true)
                  .withFollowStream(true)
                  .exec(new Following(to));
          return input.with(output);
        });
  }

  private static final class Following extends ResultCallback.Adapter<Frame> {
    private final Prints to;

    Following(Prints to) {
      this.to = to;
    }

    @Override
    public void onNext(Frame frame) {
      to.printed(frame.getStreamType() == StreamType.STDERR, frame.getPayload());
    }

    @Override
    public void onError(Throwable failure) {
      super.onError(failure);
      to.ended();
    }

    @Override
    public void onComplete() {
      super.onComplete();
      to.ended();
    }
  }
}
