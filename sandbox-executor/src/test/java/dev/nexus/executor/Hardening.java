package dev.nexus.executor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// What a container of the platform may not be without, looked at in what the engine says of it.
///
/// @param mounts as `kind destination writable`, and no others
/// @param network name of the mode
public record Hardening(
    int processes, int files, long memory, long cpus, Set<String> mounts, String network) {
  /// System calls that no program of a tenant needs, and by which kernels were broken.
  private static final Set<String> NEVER =
      Set.of(
          "ptrace",
          "mount",
          "unshare",
          "setns",
          "bpf",
          "keyctl",
          "io_uring_setup",
          "userfaultfd",
          "perf_event_open",
          "process_vm_readv",
          "shmget",
          "msgget",
          "kexec_load",
          "init_module");

  private static final Set<String> SCRATCH =
      Set.of("rw", "noexec", "nosuid", "nodev", "size=32m", "mode=1777", "nr_inodes=8192");

  private static final String PROFILE = "seccomp=";

  /// The directory of its sockets, which it may not write to.
  public static final String SOCKETS = "bind /run/nexus false";

  public static Hardening of(int processes, int files, double cpus, long memory) {
    return new Hardening(
        processes,
        files,
        memory,
        Math.round(Math.min(cpus, Runtime.getRuntime().availableProcessors()) * 1e9),
        Set.of(SOCKETS),
        "none");
  }

  public Hardening with(String otherNetwork, Set<String> otherMounts) {
    return new Hardening(processes, files, memory, cpus, otherMounts, otherNetwork);
  }

  /// What the engine says of a container.
  public static JsonNode inspected(String container) throws IOException, InterruptedException {
    Process inspect = new ProcessBuilder("docker", "inspect", container).start();
    String said = new String(inspect.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (inspect.waitFor() != 0) {
      throw new IllegalStateException("docker inspect " + container + " failed");
    }
    return CanonicalJson.read(said).get(0);
  }

  /// Each rule that does not hold, with what was found.
  ///
  /// @param inspected what `docker inspect` says of one container
  public Map<String, String> faults(JsonNode inspected) {
    Map<String, String> faults = new TreeMap<>();
    JsonNode host = inspected.path("HostConfig");
    var rules = new Rules(host, faults);
    rules.are("NetworkMode", network);
    rules.are("Memory", Long.toString(memory));
    rules.are("MemorySwap", Long.toString(memory));
    rules.are("NanoCpus", Long.toString(cpus));
    rules.are("PidsLimit", Integer.toString(processes));
    rules.are("ReadonlyRootfs", "true");
    rules.are("Privileged", "false");
    rules.are("IpcMode", "none");
    rules.are("PidMode", "");
    rules.are("UTSMode", "");
    rules.are("CapDrop", "[\"ALL\"]");
    rules.is("CapAdd", JsonNode::isEmpty);
    rules.is("Devices", JsonNode::isEmpty);
    rules.is("PortBindings", JsonNode::isEmpty);
    rules.is("GroupAdd", JsonNode::isEmpty);
    rules.is("SecurityOpt", Hardening::isConfined);
    rules.is(
        "Tmpfs",
        tmpfs ->
            tmpfs.size() == 1 && Set.of(tmpfs.path("/tmp").asText().split(",")).equals(SCRATCH));
    rules.is("Ulimits", all -> ulimits(all).equals(Set.of("nofile " + files, "core 0")));
    rules.is(
        "LogConfig",
        log ->
            log.path("Type").asText().equals("json-file")
                && log.at("/Config/max-size").asText().equals("1m")
                && log.at("/Config/max-file").asText().equals("1"));
    new Rules(inspected, faults).is("Mounts", found -> mounts(found).equals(mounts));
    var config = new Rules(inspected.path("Config"), faults);
    config.is("User", user -> user.asText().matches("19\\d{8}:10001"));
    config.is("Healthcheck", check -> check.path("Test").toString().equals("[\"NONE\"]"));
    config.is("Env", Hardening::tellsNothing);
    return faults;
  }

  private record Rules(JsonNode node, Map<String, String> faults) {
    void are(String name, String expected) {
      is(name, found -> (found.isValueNode() ? found.asText() : found.toString()).equals(expected));
    }

    void is(String name, Predicate<JsonNode> rule) {
      JsonNode found = node.path(name);
      if (!rule.test(found)) {
        String said = found.toString();
        faults.put(name, said.substring(0, Math.min(200, said.length())));
      }
    }
  }

  /// Nothing to be gained, and the profile's text: a name would be a file of the engine.
  private static boolean isConfined(JsonNode options) {
    Set<String> texts = texts(options);
    return texts.size() == 2
        && texts.contains("no-new-privileges:true")
        && texts.stream().anyMatch(text -> text.startsWith(PROFILE + "{") && isStrict(text));
  }

  private static boolean isStrict(String option) {
    JsonNode profile = CanonicalJson.read(option.substring(PROFILE.length()));
    Set<String> allowed =
        StreamSupport.stream(profile.path("syscalls").spliterator(), false)
            .filter(rule -> rule.path("action").asText().equals("SCMP_ACT_ALLOW"))
            .flatMap(rule -> texts(rule.path("names")).stream())
            .collect(Collectors.toSet());
    return profile.path("defaultAction").asText().equals("SCMP_ACT_ERRNO")
        && allowed.contains("read")
        && NEVER.stream().noneMatch(allowed::contains);
  }

  private static boolean tellsNothing(JsonNode variables) {
    return texts(variables).stream()
        .noneMatch(one -> one.contains("NEXUS") || one.contains("DOCKER"));
  }

  private static Set<String> ulimits(JsonNode all) {
    return StreamSupport.stream(all.spliterator(), false)
        .filter(one -> one.path("Soft").equals(one.path("Hard")))
        .map(one -> one.path("Name").asText() + " " + one.path("Hard").asText())
        .collect(Collectors.toSet());
  }

  private static Set<String> mounts(JsonNode all) {
    return StreamSupport.stream(all.spliterator(), false)
        .map(
            one ->
                one.path("Type").asText()
                    + " "
                    + one.path("Destination").asText()
                    + " "
                    + one.path("RW").asText())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.toSet());
  }
}
