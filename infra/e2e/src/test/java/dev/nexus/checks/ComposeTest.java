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
  private static final String THREE = "infra/compose/compose.three.yaml";
  private static final String BROKER = "infra/compose/broker.yaml";
  private static final String PROMETHEUS = "infra/compose/metrics/prometheus.yaml";
  private static final String PAGE = "docs/compose.md";
  private static final String BUILD = "infra/images/build.sh";
  private static final String IMAGES = "infra/images/Dockerfile";
  private static final Pattern OWN_IMAGE =
      Pattern.compile("\\$\\{IMAGE_REPOSITORY:-nexus}/([a-z-]+):.*");
  private static final Pattern STAGE = Pattern.compile("FROM (\\S+) AS (\\S+)");
  private static final Pattern LIST = Pattern.compile("(?m)^all='([^']+)'$");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+)(:[-?][^}]*)?}");
  private static final Pattern SIZE = Pattern.compile("\\$\\{[A-Z_]+:-([0-9]+)([mg])b?}");
  private static final Pattern LISTENER = Pattern.compile("listener\\.name\\.[a-z]+\\.(.+)");
  private static final Pattern MECHANISM = Pattern.compile("(?:plain|scram-sha-512)\\.(.+)");

  /// Sections of a service to which a second file adds, where it takes the place of others.
  private static final List<String> ADDED_TO = List.of("environment", "depends_on");

  /// Their image writes its configuration as it starts.
  private static final Set<String> WRITING_THEIR_ROOT = Set.of("kafka-1", "kafka-2", "kafka-3");

  private static final String HEALTHY = "service_healthy";
  private static final Map<String, String> OF_A_SERVICE =
      Map.of("grants", "service_completed_successfully", "redis", HEALTHY);

  /// Read by the authorizer, of which the broker knows the name only.
  private static final Set<String> OF_THE_AUTHORIZER = Set.of("super.users");

  @TempDir Path directory;

  /// As Compose reads both files together.
  private static Map<String, Map<String, Object>> services() {
    Map<String, Map<String, Object>> services = services(FILE);
    services(THREE).forEach((name, more) -> services.merge(name, more, ComposeTest::merged));
    return services;
  }

  private static Map<String, Map<String, Object>> services(String path) {
    Map<String, Object> file = new Yaml().load(new TextFile(path).text());
    Map<String, Map<String, Object>> services = new TreeMap<>();
    map(file.get("services"))
        .forEach((name, service) -> services.put(name, withWhatItExtends(map(service))));
    return services;
  }

  private static Map<String, Object> withWhatItExtends(Map<String, Object> service) {
    Map<String, Object> extended = map(service.get("extends"));
    if (extended.isEmpty()) {
      return service;
    }
    String path = FILE.replaceFirst("[^/]*$", String.valueOf(extended.get("file")));
    return merged(services(path).get(String.valueOf(extended.get("service"))), service);
  }

  private static Map<String, Object> merged(Map<String, Object> first, Map<String, Object> more) {
    Map<String, Object> merged = new HashMap<>(first);
    merged.putAll(more);
    for (String section : ADDED_TO) {
      Map<String, Object> both = map(first.get(section));
      both.putAll(map(more.get(section)));
      merged.put(section, both);
    }
    return merged;
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

  /// Those that are the platform: what else has an image of ours is for whoever looks after it.
  private static Set<String> ofThePlatform() {
    return ownImages().entrySet().stream()
        .filter(service -> !service.getValue().equals("cli"))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /// What the others say of every service they say of those in these files.
  @Test
  void shouldHaveNoFileBesideThose() {
    assertThat(
            Repository.files("yaml", "yml").stream()
                .map(TextFile::path)
                .filter(path -> path.matches("infra/compose/[^/]+"))
                .toList())
        .containsExactlyInAnyOrder(FILE, THREE, BROKER);
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
              assertThat(service).as(name).containsKeys("mem_limit", "pids_limit");
              if (!WRITING_THEIR_ROOT.contains(name)) {
                assertThat(service).as(name).containsEntry("read_only", true);
              }
            });
    assertThat(services()).containsKeys(WRITING_THEIR_ROOT.toArray(String[]::new));
  }

  /// The images of others are told a user, as some of them begin as root; ours have one.
  @Test
  void shouldRunNothingAsRoot() {
    Map<String, String> users = users();
    Map<String, String> images = ownImages();
    services()
        .forEach(
            (name, service) -> {
              if (images.containsKey(name)) {
                assertThat(service).as(name).doesNotContainKey("user");
                assertThat(users).as(name).containsEntry(images.get(name), "nexus");
              } else {
                assertThat(String.valueOf(service.get("user")))
                    .as(name)
                    .matches("[1-9][0-9]*:[0-9]+");
              }
            });
  }

  /// The user of each stage of the images: the last it names, or that of what it begins with.
  private static Map<String, String> users() {
    Map<String, String> users = new HashMap<>();
    String stage = "";
    for (String line : new TextFile(IMAGES).lines()) {
      var from = STAGE.matcher(line);
      if (from.matches()) {
        stage = from.group(2);
        users.put(stage, users.getOrDefault(from.group(1), "root"));
      } else if (line.startsWith("USER ")) {
        users.put(stage, line.substring("USER ".length()).strip());
      }
    }
    return users;
  }

  /// A service that comes before its user is there is refused by the brokers. What is run beside an
  /// installation, such as a command, starts nothing of it.
  @Test
  void shouldStartNothingBeforeWhatItNeeds() {
    Set<String> platform = ofThePlatform();
    services()
        .forEach(
            (name, service) ->
                assertThat(conditions(service))
                    .as(name)
                    .isEqualTo(platform.contains(name) ? OF_A_SERVICE : ofAnother(name)));
  }

  private static Map<String, String> ofAnother(String name) {
    return switch (name) {
      case "grants" -> Map.of("kafka-1", HEALTHY, "kafka-2", HEALTHY, "kafka-3", HEALTHY);
      case "grafana" -> Map.of("prometheus", "service_started");
      default -> Map.of();
    };
  }

  /// What a service waits for, and until it is what.
  private static Map<String, String> conditions(Map<String, Object> service) {
    Map<String, String> conditions = new TreeMap<>();
    map(service.get("depends_on"))
        .forEach(
            (name, until) -> conditions.put(name, String.valueOf(map(until).get("condition"))));
    return conditions;
  }

  /// What is slow to begin is not taken for broken, which would fail all that waits for it.
  @Test
  void shouldGiveTimeToBeginToWhateverIsWaitedFor() {
    Map<String, Map<String, Object>> services = services();
    List<String> waitedFor =
        services.values().stream()
            .flatMap(service -> conditions(service).entrySet().stream())
            .filter(condition -> condition.getValue().equals(HEALTHY))
            .map(Map.Entry::getKey)
            .distinct()
            .toList();
    assertThat(waitedFor)
        .containsExactlyInAnyOrder("kafka-1", "kafka-2", "kafka-3", "redis")
        .allSatisfy(
            name ->
                assertThat(map(services.get(name).get("healthcheck")))
                    .containsKeys("test", "start_period"));
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

  /// Whoever installs it learns there what `.env` can change.
  @Test
  void shouldNameEveryVariableOnThePage() {
    String page = new TextFile(PAGE).text();
    String files =
        new TextFile(FILE).text() + new TextFile(THREE).text() + new TextFile(BROKER).text();
    assertThat(
            VARIABLE
                .matcher(files)
                .results()
                .filter(found -> found.group(2) != null && found.group(2).startsWith(":-"))
                .map(found -> found.group(1))
                .distinct()
                .toList())
        .hasSizeGreaterThan(10)
        .allSatisfy(variable -> assertThat(page).contains("`" + variable + "`"));
  }

  /// A property of a broker that is misspelt is ignored by it, so it has to be found here.
  @Test
  void shouldSetOnlyWhatBrokersRead() {
    Set<String> known = KafkaConfig.configDef().names();
    List<String> unknown = new ArrayList<>();
    services().entrySet().stream()
        .filter(service -> service.getKey().startsWith("kafka-"))
        .flatMap(broker -> map(broker.getValue().get("environment")).keySet().stream())
        .distinct()
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

  @Test
  void shouldTellEveryServiceOfAllThreeBrokers() {
    for (String name : ownImages().keySet()) {
      Map<String, Object> environment = map(services().get(name).get("environment"));
      if (environment.containsKey("NEXUS_KAFKA_BOOTSTRAP_SERVERS")) {
        assertThat(environment.get("NEXUS_KAFKA_BOOTSTRAP_SERVERS").toString().split(",", -1))
            .as(name)
            .satisfiesExactly(
                one -> assertThat(one).startsWith("kafka-1:"),
                two -> assertThat(two).startsWith("kafka-2:"),
                three -> assertThat(three).startsWith("kafka-3:"));
      }
      if (environment.containsKey("NEXUS_REPLICATION")) {
        assertThat(environment).as(name).containsEntry("NEXUS_REPLICATION", 3);
      }
    }
  }

  /// By fixed names whoever is always there: one that is gone has no address to be found by.
  @Test
  void shouldHavePrometheusMissWhoIsGone() {
    Set<String> always = new TreeSet<>();
    Set<String> sometimes = new TreeSet<>();
    for (String name : ownImages().keySet()) {
      Map<String, Object> service = services().get(name);
      if (service.containsKey("restart")) {
        (service.containsKey("profiles") ? sometimes : always).add(name);
      }
    }
    Map<String, Object> file = new Yaml().load(new TextFile(PROMETHEUS).text());
    List<Object> scraped = each(List.of(file), "scrape_configs");
    assertThat(each(each(scraped, "static_configs"), "targets"))
        .containsExactlyInAnyOrderElementsOf(always.stream().map(one -> one + ":8080").toList());
    assertThat(each(each(scraped, "dns_sd_configs"), "names"))
        .containsExactlyInAnyOrderElementsOf(sometimes);
  }

  /// What the lists under a name of each of several maps hold.
  private static List<Object> each(List<?> maps, String name) {
    List<Object> found = new ArrayList<>();
    for (Object one : maps) {
      if (map(one).get(name) instanceof List<?> values) {
        found.addAll(values);
      }
    }
    return found;
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
    copySetup();

    // When
    Map<String, String> first = setUp();
    Map<String, String> again = setUp();

    // Then
    Set<String> needed = new TreeSet<>();
    String files = new TextFile(FILE).text() + new TextFile(BROKER).text();
    for (var found : VARIABLE.matcher(files).results().toList()) {
      if (found.group(2) == null || found.group(2).startsWith(":?")) {
        needed.add(found.group(1));
      }
    }
    assertThat(first.keySet()).containsExactlyInAnyOrderElementsOf(needed);
    assertThat(first).hasSizeGreaterThan(5).doesNotContainValue("").isEqualTo(again);
    assertThat(Set.copyOf(first.values())).hasSameSizeAs(first.keySet());
    assertThat(permissions(".env")).isEqualTo("rw-------");
    assertThat(permissions("metrics/key")).isEqualTo("rw-r--r--");
  }

  /// It is another user in its container than who wrote the file.
  @Test
  void shouldLetPrometheusReadItsKeyAlsoWhereItCouldNot() throws Exception {
    // Given
    copySetup();
    setUp();
    Path key = directory.resolve("metrics/key");
    Files.writeString(key, "of an installation that runs");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));

    // When
    setUp();

    // Then
    assertThat(permissions("metrics/key")).isEqualTo("rw-r--r--");
    assertThat(key).hasContent("of an installation that runs");
  }

  @Test
  void shouldHavePrometheusAskWithItsKey() {
    Map<String, Object> file = new Yaml().load(new TextFile(PROMETHEUS).text());
    List<Object> jobs = each(List.of(file), "scrape_configs");
    List<Object> mounted = each(List.of(services().get("prometheus")), "volumes");
    assertThat(jobs)
        .isNotEmpty()
        .allSatisfy(
            job -> {
              Object key = map(map(job).get("authorization")).get("credentials_file");
              assertThat(mounted).contains("./metrics/key:" + key + ":ro");
            });
  }

  private void copySetup() throws IOException {
    Path copy = directory.resolve("setup");
    Files.copy(Repository.root().resolve("infra/compose/setup"), copy);
    copy.toFile().setExecutable(true);
  }

  private String permissions(String file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file)));
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
