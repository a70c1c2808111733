package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/// What Compose starts: each container is as closed as it is said to be, and no name in the file is
/// one that nobody reads.
class ComposeTest {
  private static final String FILE = "infra/compose/compose.yaml";
  private static final String BUILD = "infra/images/build.sh";
  private static final Pattern OWN_IMAGE =
      Pattern.compile("\\$\\{IMAGE_REPOSITORY:-nexus}/([a-z-]+):.*");
  private static final Pattern LIST = Pattern.compile("(?m)^all='([^']+)'$");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+)(:[-?][^}]*)?}");
  private static final Pattern SIZE = Pattern.compile("\\$\\{[A-Z_]+:-([0-9]+)([mg])b?}");
  private static final Pattern LISTENER = Pattern.compile("listener\\.name\\.[a-z]+\\.(.+)");
  private static final Pattern MECHANISM = Pattern.compile("(?:plain|scram-sha-512)\\.(.+)");

  /// Read by the authorizer, of which the broker knows the name only.
  private static final Set<String> OF_THE_AUTHORIZER = Set.of("super.users");

  @TempDir Path directory;

  private static Map<String, Map<String, Object>> services() {
    Map<String, Object> file = new Yaml().load(new TextFile(FILE).text());
    Map<String, Map<String, Object>> services = new TreeMap<>();
    map(file.get("services")).forEach((name, service) -> services.put(name, map(service)));
    return services;
  }

  private static Map<String, Object> map(Object yaml) {
    Map<String, Object> map = new HashMap<>();
    if (yaml instanceof Map<?, ?> found) {
      found.forEach((key, value) -> map.put(String.valueOf(key), value));
    }
    return map;
  }

  /// The images of our own that it starts, each without repository and version.
  private static Map<String, String> ownImages() {
    Map<String, String> images = new TreeMap<>();
    services()
        .forEach(
            (name, service) -> {
              var image = OWN_IMAGE.matcher(String.valueOf(service.get("image")));
              if (image.matches()) {
                images.put(name, image.group(1));
              }
            });
    return images;
  }

  @Test
  void shouldStartEveryImageThereIs() {
    String all =
        LIST.matcher(new TextFile(BUILD).text())
            .results()
            .map(found -> found.group(1))
            .findFirst()
            .orElse("");
    assertThat(Set.of(all.split(" "))).isEqualTo(Set.copyOf(ownImages().values())).hasSize(6);
  }

  @Test
  void shouldCloseEveryContainer() {
    services()
        .forEach(
            (name, service) -> {
              assertThat(service.get("cap_drop")).as(name).isEqualTo(List.of("ALL"));
              assertThat(service.get("security_opt"))
                  .as(name)
                  .isEqualTo(List.of("no-new-privileges:true"));
              assertThat(service).as(name).containsKey("mem_limit");
            });
    ownImages()
        .keySet()
        .forEach(
            name -> assertThat(services().get(name)).as(name).containsEntry("read_only", true));
  }

  /// Whether a rebuild fits is asked of Redis, which knows its own limit and not that of its
  /// container. Where it has none the kernel kills it amid the rebuild.
  @Test
  void shouldLimitRedisWellBelowItsContainer() {
    Map<String, Object> redis = services().get("redis");
    long container = bytes(String.valueOf(redis.get("mem_limit")));
    assertThat(option(redis, "--maxmemory-policy")).isEqualTo("noeviction");
    assertThat(bytes(option(redis, "--maxmemory"))).isBetween(container / 2, container / 10 * 7);
  }

  /// What a command has behind an option.
  private static String option(Map<String, Object> service, String name) {
    List<String> words = new ArrayList<>();
    if (service.get("command") instanceof List<?> command) {
      command.forEach(word -> words.add(String.valueOf(word)));
    }
    assertThat(words).contains(name);
    return words.get(words.indexOf(name) + 1);
  }

  /// A size of Compose or of Redis where `.env` has no other.
  private static long bytes(String size) {
    var found = SIZE.matcher(size);
    assertThat(found.matches()).as("a size with a variable of its own: %s", size).isTrue();
    return Long.parseLong(found.group(1)) << (found.group(2).equals("g") ? 30 : 20);
  }

  @Test
  void shouldOpenPortsToThisMachineOnly() {
    services()
        .forEach(
            (name, service) -> {
              if (service.get("ports") instanceof List<?> ports) {
                assertThat(ports)
                    .as(name)
                    .allMatch(port -> port.toString().startsWith("127.0.0.1:"));
              }
            });
  }

  @Test
  void shouldSetOnlyWhatServicesRead() {
    Set<String> known =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    known.add("NEXUS_URL"); // of the commands
    for (String name : ownImages().keySet()) {
      assertThat(map(services().get(name).get("environment")).keySet())
          .as(name)
          .allMatch(
              variable ->
                  known.contains(variable)
                      || variable.startsWith("NEXUS_KAFKA_")
                      || variable.startsWith("NEXUS_SECRET_KAFKA_"));
    }
  }

  /// A property of a broker that is misspelt is ignored by it, so it has to be found here.
  @Test
  void shouldSetOnlyWhatBrokersRead() {
    Set<String> known = KafkaConfig.configDef().names();
    List<String> unknown = new ArrayList<>();
    map(services().get("kafka-1").get("environment"))
        .keySet()
        .forEach(
            variable -> {
              if (variable.startsWith("KAFKA_") && !variable.equals("KAFKA_HEAP_OPTS")) {
                String property = property(variable);
                var listener = LISTENER.matcher(property);
                String bare = listener.matches() ? listener.group(1) : property;
                var mechanism = MECHANISM.matcher(bare);
                String read = mechanism.matches() ? mechanism.group(1) : bare;
                if (!known.contains(read) && !OF_THE_AUTHORIZER.contains(read)) {
                  unknown.add(variable);
                }
              }
            });
    assertThat(unknown).isEmpty();
  }

  /// As the image of a broker reads variables.
  private static String property(String variable) {
    return variable
        .substring("KAFKA_".length())
        .toLowerCase(Locale.ROOT)
        .replace("___", "-")
        .replace('_', '.');
  }

  @Test
  void shouldWriteEveryPasswordThatIsNeeded() throws Exception {
    // Given
    Files.copy(Repository.root().resolve("infra/compose/setup"), directory.resolve("setup"));
    directory.resolve("setup").toFile().setExecutable(true);

    // When
    Map<String, String> first = setUp();
    Map<String, String> again = setUp();

    // Then
    Set<String> needed = new TreeSet<>();
    for (var found : VARIABLE.matcher(new TextFile(FILE).text()).results().toList()) {
      if (found.group(2) == null || found.group(2).startsWith(":?")) {
        needed.add(found.group(1));
      }
    }
    assertThat(first.keySet()).containsExactlyInAnyOrderElementsOf(needed);
    assertThat(first).hasSizeGreaterThan(5).doesNotContainValue("").isEqualTo(again);
    assertThat(Set.copyOf(first.values())).hasSameSizeAs(first.keySet());
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(".env"))))
        .isEqualTo("rw-------");
  }

  private Map<String, String> setUp() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(directory.resolve("setup").toString()).inheritIO().start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    Map<String, String> written = new TreeMap<>();
    for (String line : Files.readAllLines(directory.resolve(".env"))) {
      written.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
    }
    return written;
  }
}
