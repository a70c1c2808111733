package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.nexus.platform.admission.DiskLimits;
import dev.nexus.platform.admission.DiskLimits.Measured;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.doctor.Finding.Verdict;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.Neighbour;
import dev.nexus.standalone.run.RunFile;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
  private static final Embedded OWN = new Embedded(true, true);

  @TempDir Path directory;

  @Test
  void shouldNameBrokersThatAreTooOld() {
    // Then
    assertThat(KafkaChecks.features(Map.of(), Embedded.NOTHING))
        .extracting(Finding::verdict)
        .containsExactly(Verdict.BROKEN, Verdict.DOUBTFUL, Verdict.BROKEN);
    assertThat(KafkaChecks.features(Map.of(), Embedded.NOTHING).getFirst().line())
        .contains("metadata.version is 0, expected 29 or more")
        .contains("upgrade --release-version 4.2");
  }

  @Test
  void shouldNameARedisThatIsTooOldOrEvicts() {
    // Given
    String old = "redis_version:5.0.14\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
    String evicting = "redis_version:6.2.11\r\nmaxmemory:0\r\nmaxmemory_policy:volatile-lru\r\n";
    String nearly =
        "redis_version:7.0.15\r\nmaxmemory:100\r\nused_memory:95\r\nmaxmemory_policy:noeviction";
    String full = nearly.replace("used_memory:95", "used_memory:100");

    // Then
    assertThat(RedisChecks.judged(old, true, Embedded.NOTHING).getFirst().line())
        .startsWith("FAIL  redis: answers, version 5.0.14, expected 6.2 or newer -> install");
    assertThat(RedisChecks.judged(evicting, true, Embedded.NOTHING))
        .extracting(Finding::verdict)
        .containsExactly(Verdict.GOOD, Verdict.DOUBTFUL, Verdict.GOOD);
    assertThat(RedisChecks.judged(nearly, true, Embedded.NOTHING).getLast().verdict())
        .isEqualTo(Verdict.DOUBTFUL);
    assertThat(RedisChecks.judged(full, true, Embedded.NOTHING).getLast().verdict())
        .isEqualTo(Verdict.BROKEN);
    assertThat(RedisChecks.judged("", true, Embedded.NOTHING).getFirst().verdict())
        .isEqualTo(Verdict.DOUBTFUL);
  }

  @Test
  void shouldDoubtARedisWithoutALimitOfWhoseMachineNothingIsKnown() {
    // Given
    String unlimited =
        "redis_version:7.0.15\r\nmaxmemory:0\r\nused_memory:0\r\nmaxmemory_policy:noeviction\r\n";
    String limited = unlimited.replace("maxmemory:0", "maxmemory:100");

    // Then
    assertThat(RedisChecks.judged(unlimited, false, Embedded.NOTHING).getLast().line())
        .isEqualTo(
            "warn  redis memory: 0 MiB used, without a limit (maxmemory), and not on this machine:"
                + " a rebuild may begin that does not fit there, and Redis be killed amid it ->"
                + " redis-cli config set maxmemory, to two thirds at most of what its machine or"
                + " container may use, and the same in redis.conf");
    assertThat(RedisChecks.judged(unlimited, true, Embedded.NOTHING).getLast().line())
        .isEqualTo("ok    redis memory: 0 MiB used, without a limit");
    assertThat(RedisChecks.judged(limited, false, Embedded.NOTHING))
        .extracting(Finding::verdict)
        .containsOnly(Verdict.GOOD);
  }

  @Test
  void shouldAskTheRedisOfAPlatformWhetherItAnswersOrNot() throws IOException {
    // Given what a start leaves, of a Redis that nobody hears
    Files.createDirectories(directory.resolve("redis"));
    Files.writeString(directory.resolve("redis/redis.conf"), "port 1\nrequirepass secret\n");
    Settings settings = Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString()));
    var addresses = new Addresses("http://127.0.0.1:8080", "", "127.0.0.1:9092", "", true, 1);
    var run =
        new RunFile(1, 0, "instance", Instant.parse("2026-01-01T12:00:00Z"), addresses, Map.of());

    // Then
    assertThat(RedisChecks.url(settings, Optional.of(run))).hasValue("redis://:secret@127.0.0.1:1");
    assertThat(RedisChecks.url(settings, Optional.empty())).isEmpty();
    assertThat(RedisChecks.silent("redis", new RedisException("no answer"), OWN).line())
        .startsWith("FAIL  redis: does not answer: no answer -> the platform starts it again");
  }

  /// Nobody has rights, properties or another address of a server that the platform starts itself.
  @Test
  void shouldSayWhatHelpsWithServersOfItsOwn() throws Exception {
    // Given
    String evicting = "redis_version:7.0.15\r\nmaxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n";

    // When
    List<Finding> redis = RedisChecks.judged(evicting, true, OWN);
    List<Finding> features = KafkaChecks.features(Map.of(), OWN);
    List<Finding> untold =
        Findings.of(
            "topics",
            OWN,
            () -> {
              throw new ExecutionException(new TimeoutException("no answer"));
            });

    // Then
    assertThat(redis.get(1).mend())
        .isEqualTo("./nexus down and ./nexus up start it as it has to be; then ./nexus verify");
    assertThat(features)
        .allSatisfy(f -> assertThat(f.mend()).contains("begin anew on another (--data DIR)"));
    assertThat(untold.getFirst().mend())
        .startsWith("./nexus down and ./nexus up start its own broker again")
        .doesNotContain("describe");
  }

  @Test
  void shouldNameOtherServersAndMisspeltVariablesOfThisShell() {
    // Given
    Map<String, String> own = Map.of("NEXUS_DATA_DIR", directory.toString());
    Map<String, String> shell = new HashMap<>(own);
    shell.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", "elsewhere:9092");
    shell.put("NEXUS_REDIS_URL", "redis://:secret@elsewhere:6379");
    shell.put("NEXUS_LEASES", "1s");
    var run =
        RunFile.ofThisProcess(
            "i",
            Instant.now(),
            new Addresses("http://127.0.0.1:8080", "", "127.0.0.1:9092", "", true, 7),
            Settings.of(own));

    // When
    List<Finding> found = SettingChecks.run(Settings.of(shell), Optional.of(run));

    // Then
    assertThat(found).extracting(Finding::verdict).containsOnly(Verdict.DOUBTFUL);
    assertThat(found.getFirst().detail())
        .contains(
            "NEXUS_KAFKA_BOOTSTRAP_SERVERS is 127.0.0.1:9092, its own broker, there and"
                + " elsewhere:9092 here",
            "it has a Redis of its own, and NEXUS_REDIS_URL names another here")
        .doesNotContain("secret");
    assertThat(found.getLast().line())
        .isEqualTo(
            "warn  settings: NEXUS_LEASES is no setting and has no effect; did you mean"
                + " NEXUS_LEASE? -> correct it, or unset it");
    assertThat(SettingChecks.run(Settings.of(own), Optional.of(run)))
        .singleElement()
        .satisfies(f -> assertThat(f.verdict()).isEqualTo(Verdict.GOOD));
  }

  @Test
  void shouldKnowThePortsOfADemonstration() throws Exception {
    // Given
    Path demonstration = Files.createTempDirectory(Neighbour.DEMONSTRATION);
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var strange = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      Map<String, String> shell =
          Map.of(
              "NEXUS_DATA_DIR",
              directory.toString(),
              "NEXUS_HTTP_PORT",
              "0",
              "NEXUS_GRPC_PORT",
              port,
              "NEXUS_KAFKA_PORT",
              String.valueOf(strange.getLocalPort()));
      Settings settings = Settings.of(shell);
      var addresses =
          new Addresses("http://127.0.0.1:1", "127.0.0.1:" + port, "127.0.0.1:2", "", true, 7);
      RunFile.ofThisProcess("i", Instant.now(), addresses, settings).write(demonstration);

      // When
      List<Finding> all = MachineChecks.run(settings, Optional.empty(), "", "");

      // Then
      assertThat(all)
          .extracting(Finding::line)
          .contains(
              "warn  port NEXUS_GRPC_PORT: "
                  + port
                  + " is that of the demonstration on "
                  + demonstration
                  + " -> ./nexus doctor --data "
                  + demonstration
                  + " looks at it; set NEXUS_GRPC_PORT to start another (0 takes a free one)")
          .contains(
              "FAIL  port NEXUS_KAFKA_PORT: "
                  + strange.getLocalPort()
                  + " is in use -> stop what uses it or set NEXUS_KAFKA_PORT");
    } finally {
      RunFile.delete(demonstration);
      Files.delete(demonstration);
    }
  }

  @Test
  void shouldSayThatAPlatformThatRefusesGoesOnToUntilThereIsMoreRoom() {
    // Given
    var limits = new DiskLimits(100L << 20, 0);
    var almost = new Measured("/data", 105L << 20, OptionalLong.of(0));

    // Then
    assertThat(DiskChecks.judged(almost, limits, true).detail())
        .contains("goes on to until there is a tenth more room");
    assertThat(DiskChecks.judged(almost, limits, false).mend()).isEqualTo("free some space");
    assertThat(
            DiskChecks.judged(new Measured("/data", 9L << 30, OptionalLong.of(0)), limits, true)
                .verdict())
        .isEqualTo(Verdict.GOOD);
  }

  /// What answers as a service of Nexus in which these do not do their work.
  private static HttpServer service(String unhealthy) throws IOException {
    String health =
        "{\"details\": {\"services\": {\"details\": {\"unhealthy\": [" + unhealthy + "]}}}}";
    HttpServer service =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext(
        "/health",
        exchange -> {
          byte[] body = health.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(unhealthy.isEmpty() ? 200 : 503, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    service.start();
    return service;
  }

  /// As one answers to who is on another machine.
  private static HttpServer strictService(String key) throws IOException {
    HttpServer service = service("");
    service.removeContext("/health");
    service.createContext(
        "/health",
        exchange -> {
          List<String> shown = exchange.getRequestHeaders().get("Authorization");
          boolean valid = shown != null && shown.contains("Bearer " + key);
          byte[] body =
              (valid
                      ? "{\"details\": {\"services\": {\"status\": \"UP\"}}}"
                      : "{\"type\": \"urn:nexus:problem:unauthenticated\", \"status\": 401}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(valid ? 200 : 401, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    return service;
  }

  private static String url(HttpServer service) {
    return "http://127.0.0.1:" + service.getAddress().getPort();
  }

  @Test
  void shouldAskTheServiceThatIsNamedAlsoWhileAPlatformRuns() throws Exception {
    // Given
    HttpServer platform = service("");
    HttpServer named = service("\"router\"");
    Settings settings = Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString()));
    RunFile run =
        RunFile.ofThisProcess(
            "i", Instant.now(), new Addresses(url(platform), "", "", "", false, 0), settings);
    try {
      // When
      List<Finding> both = MachineChecks.run(settings, Optional.of(run), url(named), "");
      List<Finding> own = MachineChecks.run(settings, Optional.of(run), "", "");
      platform.stop(0);
      List<Finding> gone = MachineChecks.run(settings, Optional.of(run), "", "");

      // Then
      assertThat(both)
          .extracting(Finding::line)
          .anyMatch(line -> line.startsWith("ok    platform: process "))
          .contains("ok    service: answers at " + url(platform) + " and does its work")
          .anyMatch(
              line ->
                  line.startsWith(
                      "FAIL  service: at " + url(named) + " does not do all of its work: router"));
      assertThat(own).extracting(Finding::check).containsOnlyOnce("service");
      assertThat(gone.getLast().line())
          .isEqualTo(
              "FAIL  service: nothing of Nexus answers at "
                  + url(platform)
                  + " -> look at its log, nexus.log in its directory");
    } finally {
      platform.stop(0);
      named.stop(0);
    }
  }

  @Test
  void shouldAskAServiceElsewhereForItsHealthWithTheKeyOfWhoeverLooks() throws Exception {
    // Given
    HttpServer elsewhere = strictService("nxs_a");
    Settings settings = Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString()));
    try {
      // When
      List<Finding> known = MachineChecks.run(settings, Optional.empty(), url(elsewhere), "nxs_a");
      List<Finding> unknown = MachineChecks.run(settings, Optional.empty(), url(elsewhere), "");

      // Then
      assertThat(known)
          .extracting(Finding::line)
          .contains("ok    service: answers at " + url(elsewhere) + " and does its work");
      assertThat(unknown)
          .extracting(Finding::line)
          .contains(
              "FAIL  service: answers at "
                  + url(elsewhere)
                  + " and tells its health to nobody without a valid key"
                  + " -> set NEXUS_KEY to a key of it");
    } finally {
      elsewhere.stop(0);
    }
  }

  @Test
  void shouldSayThatBrokersOfAServiceElsewhereWereNotLookedAt() throws Exception {
    // Given
    Settings settings = Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString()));

    // When
    List<Finding> elsewhere = Findings.of(settings, Optional.empty(), "http://127.0.0.1:1");
    List<Finding> here = Findings.of(settings, Optional.empty(), "");

    // Then
    assertThat(elsewhere)
        .extracting(Finding::line)
        .anyMatch(
            line ->
                line.startsWith("warn  kafka: brokers of the service at http://127.0.0.1:1")
                    && line.contains("NEXUS_KAFKA_BOOTSTRAP_SERVERS"));
    assertThat(here).extracting(Finding::check).doesNotContain("kafka");
  }

  @Test
  void shouldStillLookAtPortsWhenNothingAnswersAtTheAddressThatIsNamed() {
    // Given
    Settings settings = Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString()));

    // When
    List<Finding> all = MachineChecks.run(settings, Optional.empty(), "http://127.0.0.1:1", "");

    // Then
    assertThat(all)
        .extracting(Finding::check)
        .contains("service", "platform", "port NEXUS_HTTP_PORT", "port NEXUS_KAFKA_PORT");
  }

  @Test
  void shouldMindADirectoryThatCannotBeWrittenOnlyWhereAPlatformWouldWriteThere() {
    assertThat(MachineChecks.unwritable(Path.of("/data"), false).line())
        .isEqualTo("FAIL  data: /data is not writable -> make it writable for this user");
    assertThat(MachineChecks.unwritable(Path.of("/data"), true).line())
        .isEqualTo("ok    data: /data is only read from here");
  }

  @Test
  void shouldNotSayWhatTheLogHasWhereNoBrokerTells() throws Exception {
    // Given
    Map<String, String> plain =
        Map.of(
            "NEXUS_DATA_DIR", directory.toString(),
            "NEXUS_HTTP_PORT", "0",
            "NEXUS_GRPC_PORT", "0",
            "NEXUS_DISK_RESERVE_MB", "0");
    Map<String, String> limited = new HashMap<>(plain);
    limited.put("NEXUS_LOG_LIMIT_MB", "1");
    Map<String, String> away = new HashMap<>(limited);
    away.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");

    // Then
    assertThat(disk(plain)).contains(" MiB free on ").doesNotContain("log");
    assertThat(disk(limited))
        .endsWith(", and no broker says what the log has (NEXUS_LOG_LIMIT_MB)");
    assertThat(disk(away)).endsWith(", and no broker says what the log has (NEXUS_LOG_LIMIT_MB)");
  }

  private static String disk(Map<String, String> environment) throws InterruptedException {
    return Findings.of(Settings.of(environment), Optional.empty(), "").stream()
        .filter(f -> f.check().equals("disk"))
        .map(Finding::detail)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldBlameTheBrokersForNothingElse() throws Exception {
    // When
    List<Finding> untold =
        Findings.of(
            "topics",
            Embedded.NOTHING,
            () -> {
              throw new ExecutionException(new TimeoutException("no answer"));
            });
    List<Finding> wrong =
        Findings.of(
            "projections lag",
            Embedded.NOTHING,
            () -> {
              throw new IllegalStateException("a position that is no number");
            });

    // Then
    assertThat(untold.getFirst().line())
        .startsWith("FAIL  topics: the brokers do not tell it: ")
        .contains("no answer", "whether this user may describe");
    assertThat(wrong.getFirst().line())
        .startsWith("FAIL  projections lag: could not be looked at, and not because of the brokers")
        .contains("a position that is no number")
        .doesNotContain("describe");
  }

  @Test
  void shouldKnowAServiceThatAnswersAtThePort() throws Exception {
    // Given a service apart, whose broker is away
    HttpServer service = service("\"router\"");
    try {
      String port = String.valueOf(service.getAddress().getPort());
      Map<String, String> apart =
          Map.of(
              "NEXUS_DATA_DIR",
              directory.toString(),
              "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
              "127.0.0.1:1",
              "NEXUS_HTTP_PORT",
              port);

      // When
      List<Finding> all = MachineChecks.run(Settings.of(apart), Optional.empty(), "", "");

      // Then: its port is not in the way, and no platform is missed
      assertThat(all)
          .extracting(Finding::check)
          .contains("service")
          .doesNotContain("platform", "port NEXUS_HTTP_PORT", "port NEXUS_GRPC_PORT");
      assertThat(all.getLast().line())
          .isEqualTo(
              "FAIL  service: at http://127.0.0.1:"
                  + port
                  + " does not do all of its work: router -> look at its log; what it needs of"
                  + " Kafka and Redis is checked here too");
    } finally {
      service.stop(0);
    }
  }

  @Test
  void shouldSayThatBrokersDoNotAnswer() throws Exception {
    // Given
    Map<String, String> nowhere =
        Map.of(
            "NEXUS_DATA_DIR", directory.toString(),
            "NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
            "NEXUS_REDIS_URL", "redis://127.0.0.1:1",
            "NEXUS_HTTP_PORT", "0",
            "NEXUS_GRPC_PORT", "0");

    // When
    List<Finding> all = Findings.of(Settings.of(nowhere), Optional.empty(), "");

    // Then
    assertThat(all)
        .filteredOn(f -> f.check().equals("kafka"))
        .singleElement()
        .satisfies(
            f ->
                assertThat(f.mend())
                    .isEqualTo("start the brokers or correct NEXUS_KAFKA_BOOTSTRAP_SERVERS"));
    assertThat(all)
        .filteredOn(f -> f.check().equals("redis"))
        .singleElement()
        .satisfies(f -> assertThat(f.line()).contains("FAIL", "correct NEXUS_REDIS_URL"));
  }
}
