package dev.nexus.standalone.compose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A project of Docker Compose under a name of its own, with its containers, networks and volumes.
/// Closing it removes all of them, also where Compose could not bring them up or down.
public final class ComposeProject implements AutoCloseable {
  private static final String LABEL = "com.docker.compose.project";
  private static final String SERVICE = "com.docker.compose.service";
  private static final List<String> KINDS = List.of("container", "network", "volume");
  private static final String STATE =
      "{{index .Config.Labels \""
          + SERVICE
          + "\"}} {{.State.Status}}"
          + " {{.State.ExitCode}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}";
  private static final String RESIDENT = "grep -h VmRSS /proc/[0-9]*/status || true";

  /// A dozen JVMs that begin at once; one that gives up amid that is started again.
  private static final Duration HEALTHY_WITHIN = Duration.ofMinutes(15);

  /// Each look starts a program.
  private static final Duration LOOKED_EVERY = Duration.ofMillis(300);

  /// What a program had asked the engine for when it was ended comes all the same.
  private static final Duration ASKED_FOR_COMES_WITHIN = Duration.ofSeconds(2);

  private static final Duration REMOVED_WITHIN = Duration.ofMinutes(2);

  private static final AtomicInteger BEGUN = new AtomicInteger();

  private final String docker;
  private final String names;
  private final String name;
  private final Map<String, String> variables;
  private final Programs programs;
  private final Programs removing;
  private final List<String> compose;

  /// @param docker the program that reaches the engine
  /// @param names what its name begins with; it ends with the process that began it, so that the
  ///     next one knows what nobody ends any more
  /// @param directory where its files are, and `.env`
  /// @param overrules what overrules `.env`, such as COMPOSE_FILE
  ComposeProject(String docker, String names, Path directory, Map<String, String> overrules)
      throws InterruptedException {
    this.docker = docker;
    this.names = names;
    this.name = names + ProcessHandle.current().pid() + "-" + BEGUN.incrementAndGet();
    Map<String, String> own = new HashMap<>(overrules);
    own.put("COMPOSE_PROJECT_NAME", name);
    // A machine that does something else too.
    own.put("COMPOSE_HTTP_TIMEOUT", "300");
    this.variables = Map.copyOf(own);
    programs = new Programs(directory, variables);
    // Its own files may be gone when it is removed, as by a second try.
    removing = new Programs(Path.of(System.getProperty("java.io.tmpdir")), variables);
    compose = List.copyOf(command(programs, docker));
    removeWhatNobodyEnds();
  }

  /// The words that call Compose; says what to install where an engine or Compose is missing.
  static List<String> command(Programs programs, String docker) throws InterruptedException {
    try {
      programs.run(docker, "version");
    } catch (ComposeFailedException e) {
      throw new ComposeFailedException(
          e.getCause() instanceof IOException
              ? "there is no Docker: install Docker Engine and its Compose plugin"
                  + " (https://docs.docker.com/engine/install/)"
              : "no Docker engine answers: start it, or have this user reach it; " + e.getMessage(),
          e);
    }
    for (List<String> words : List.of(List.of(docker, "compose"), List.of("docker-compose"))) {
      if (isThere(programs, words)) {
        return words;
      }
    }
    throw new ComposeFailedException(
        "there is no Compose: install Docker's Compose plugin"
            + " (https://docs.docker.com/compose/install/)");
  }

  private static boolean isThere(Programs programs, List<String> words)
      throws InterruptedException {
    List<String> command = new ArrayList<>(words);
    command.add("version");
    try {
      programs.run("", command);
      return true;
    } catch (ComposeFailedException e) {
      return false;
    }
  }

  /// What a shell has to have set so that its calls of Compose are about this project.
  public Map<String, String> variables() {
    return variables;
  }

  /// The words that call Compose on this machine.
  public List<String> words() {
    return compose;
  }

  /// Runs a command of Compose; gives what it prints.
  public String compose(String... words) throws InterruptedException {
    return telling("", words);
  }

  private String telling(String input, String... words) throws InterruptedException {
    List<String> command = new ArrayList<>(compose);
    command.addAll(List.of(words));
    return programs.run(input, command);
  }

  /// Has a shell in a container of a service run a script that reads `input`.
  public String shell(String service, String script, String input) throws InterruptedException {
    return telling(input, "exec", "-T", service, "sh", "-c", script);
  }

  /// MiB that the process of a service holds.
  public long residentMb(String service) throws InterruptedException {
    return ComposeAnswers.residentMb(shell(service, RESIDENT, ""));
  }

  /// How long the container of a service took until it said that it works; empty where it says
  /// nothing of the kind. Checks of health tell it only as finely as they are made.
  public Optional<Duration> startOf(String service) throws InterruptedException {
    String id = compose("ps", "-q", service).strip();
    String startedAt = programs.run(docker, "inspect", "--format", "{{.State.StartedAt}}", id);
    return ComposeAnswers.startOf(
        startedAt.strip(), programs.run(docker, "logs", "--timestamps", id));
  }

  /// The image of each service that is started when no profile is asked for.
  public Map<String, String> images() throws InterruptedException {
    return ComposeAnswers.images(compose("config"));
  }

  /// Bytes of an image; empty where the engine does not have it.
  public Optional<Long> imageBytes(String image) throws InterruptedException {
    try {
      String size = programs.run(docker, "image", "inspect", "--format", "{{.Size}}", image);
      return Optional.of(Long.parseLong(size.strip()));
    } catch (ComposeFailedException e) {
      if (isMissing(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// An engine that fails otherwise may have the image all the same.
  private static boolean isMissing(ComposeFailedException e) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("no such image");
  }

  /// kill -9 of all of these at once. Docker starts again what dies by itself, not what it killed.
  public void kill(List<String> services) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(docker, "kill"));
    for (String service : services) {
      command.add(compose("ps", "-q", service).strip());
    }
    programs.run("", command);
  }

  /// Waits until each container does its work, or has done it.
  public void awaitHealthy() throws InterruptedException {
    long deadline = System.nanoTime() + HEALTHY_WITHIN.toNanos();
    List<String> states = statesOrNone();
    while (states.isEmpty() || !states.stream().allMatch(ComposeProject::isAtWorkOrDone)) {
      if (System.nanoTime() > deadline) {
        throw new ComposeFailedException(
            "not every container is healthy after "
                + HEALTHY_WITHIN.toMinutes()
                + " minutes: "
                + String.join(", ", states));
      }
      TimeUnit.NANOSECONDS.sleep(LOOKED_EVERY.toNanos());
      states = statesOrNone();
    }
  }

  private static boolean isAtWorkOrDone(String state) {
    return state.endsWith(" running 0 healthy")
        || state.endsWith(" running 0 none")
        || state.endsWith(" exited 0 none");
  }

  /// The services whose containers run, in alphabetical order.
  public List<String> running() throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(docker, "container", "ls"));
    command.addAll(List.of("--filter", "label=" + LABEL + "=" + name));
    command.addAll(List.of("--filter", "status=running"));
    command.addAll(List.of("--format", "{{.Label \"" + SERVICE + "\"}}"));
    return programs.run("", command).lines().sorted().toList();
  }

  /// Each container in a line: service, state, exit code, health. Empty while there is none, or
  /// while one goes as it is looked at, which cannot be told from another failure; fails when this
  /// is closed meanwhile.
  private List<String> statesOrNone() throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(docker, "inspect", "--format", STATE));
    try {
      command.addAll(ids(programs, "container", name));
      return programs.run("", command).lines().toList();
    } catch (ComposeFailedException e) {
      if (programs.isEnded()) {
        throw e;
      }
      return List.of();
    }
  }

  /// Writes what the containers said to a file.
  public void keepLogs(Path file) throws IOException, InterruptedException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, compose("logs", "--no-color"));
  }

  /// Whatever there is of it, each a line with its kind and id.
  public List<String> left() throws InterruptedException {
    List<String> left = new ArrayList<>();
    for (String kind : KINDS) {
      ids(removing, kind, name).forEach(id -> left.add(kind + " " + id));
    }
    return left;
  }

  private List<String> ids(Programs programs, String kind, String project)
      throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(docker, kind, "ls", "--quiet"));
    command.addAll(List.of("--filter", "label=" + LABEL + "=" + project));
    if (kind.equals("container")) {
      command.add("--all");
    }
    return programs.run("", command).lines().toList();
  }

  /// Projects of processes that were killed, and so removed nothing. What of them stays is no
  /// reason to begin nothing: another run that removes the same may come first.
  private void removeWhatNobodyEnds() throws InterruptedException {
    Set<String> projects = new HashSet<>();
    for (String kind : KINDS) {
      List<String> command = new ArrayList<>(List.of(docker, kind, "ls"));
      command.addAll(List.of("--format", "{{.Label \"" + LABEL + "\"}}"));
      if (kind.equals("container")) {
        command.add("--all");
      }
      removing.run("", command).lines().filter(this::isOfTheDead).forEach(projects::add);
    }
    for (String project : projects) {
      try {
        remove(project);
      } catch (ComposeFailedException _) {
        // The next run finds what is left.
      }
    }
  }

  private boolean isOfTheDead(String project) {
    if (!project.matches(names + "\\d+-\\d+")) {
      return false;
    }
    String pid = project.substring(names.length(), project.lastIndexOf('-'));
    return ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }

  private void remove(String project) throws InterruptedException {
    for (String kind : KINDS) {
      List<String> command = new ArrayList<>(List.of(docker, kind, "rm"));
      if (kind.equals("container")) {
        command.addAll(List.of("--force", "--volumes"));
      }
      List<String> ids = ids(removing, kind, project);
      if (!ids.isEmpty()) {
        command.addAll(ids);
        removing.run("", command);
      }
    }
  }

  /// Ends what is being done to it, and removes it. May be called while another thread works with
  /// it, which then fails.
  @Override
  public void close() throws InterruptedException {
    if (programs.end()) {
      TimeUnit.NANOSECONDS.sleep(ASKED_FOR_COMES_WITHIN.toNanos());
    }
    long deadline = System.nanoTime() + REMOVED_WITHIN.toNanos();
    Optional<ComposeFailedException> failure = removeAll();
    while (failure.isPresent()) {
      if (System.nanoTime() > deadline) {
        throw failure.get();
      }
      TimeUnit.NANOSECONDS.sleep(LOOKED_EVERY.toNanos());
      failure = removeAll();
    }
  }

  /// Removes what there is; gives why something of it is there still, if so. A container that
  /// something else removes at the same time is refused to be removed.
  private Optional<ComposeFailedException> removeAll() throws InterruptedException {
    try {
      remove(name);
      List<String> left = left();
      return left.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new ComposeFailedException("left of " + name + ": " + String.join(", ", left)));
    } catch (ComposeFailedException e) {
      return Optional.of(
          new ComposeFailedException(name + " is not removed: " + e.getMessage(), e));
    }
  }
}
