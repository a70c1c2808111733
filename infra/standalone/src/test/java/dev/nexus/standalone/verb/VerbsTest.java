package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.RunFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerbsTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldNameTheTypeNearestToOneThatNoEventHas() {
    // When
    int code = run("events", "executions", "--type", "ExecutionSucceded");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .startsWith(
            "nexus: no event of nexus.executions is of type ExecutionSucceded; did you mean"
                + " ExecutionSucceeded");
  }

  @Test
  void shouldSayWhatASettingMustBe() {
    // When
    int code = run(Map.of("NEXUS_HTTP_PORT", "eighty"), "status");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "nexus: NEXUS_HTTP_PORT: expected a number from 0 to 65535, found 'eighty'");
  }

  @Test
  void shouldAnswerStatusWithAnExitCode() {
    // When
    int code = run("status", "--json");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(json().path("running").asBoolean()).isFalse();
  }

  @Test
  void shouldSayThatNothingAnswersWhereStatusIsAsked() {
    // When
    int code = run("status", "--url", "http://127.0.0.1:1");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("nexus: nothing of Nexus answers at http://127.0.0.1:1");
  }

  @Test
  void shouldTellHealthOfThePlatformHereAsOfOneThatIsNamed() throws Exception {
    // Given one that runs here and does not do all of its work
    HttpServer platform =
        answering(
            Map.of(
                "/health",
                "{\"details\": {\"diskSpace\": {\"status\": \"DOWN\"}, \"services\": {\"status\":"
                    + " \"DOWN\", \"details\": {\"unhealthy\": [\"router\", \"traces\"]}}}}"));
    String url = "http://127.0.0.1:" + platform.getAddress().getPort();
    RunFile.ofThisProcess(
            "i", Instant.now(), new Addresses(url, "", "", "", false, 0), Settings.of(Map.of()))
        .write(directory);
    try {
      // When
      int here = run("status", "--json");
      String toldHere = json().path("health").asText();
      out.getBuffer().setLength(0);
      int named = run("status", "--json", "--url", url);
      String toldNamed = json().path("health").asText();
      platform.stop(0);
      out.getBuffer().setLength(0);
      int gone = run("status", "--json");
      String toldGone = json().path("health").asText();
      out.getBuffer().setLength(0);
      run("status");

      // Then
      assertThat(List.of(here, named, gone)).containsOnly(1);
      assertThat(toldHere).isEqualTo("DOWN: router, traces, diskSpace").isEqualTo(toldNamed);
      assertThat(toldGone).isEqualTo("DOWN: does not answer");
      assertThat(out.toString())
          .startsWith("process " + ProcessHandle.current().pid() + " does not answer: it is ending")
          .doesNotContain("running");
    } finally {
      platform.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "doctor", "keys list"})
  void shouldNotTakeAKeyThatIsNoneForAnAddressThatDoesNotAnswer(String command) {
    // When
    int code =
        run(
            Map.of("NEXUS_URL", "http://127.0.0.1:1", "NEXUS_KEY", "nxs_live_secret\n"),
            command.split(" "));
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "nexus: NEXUS_KEY: expected a key, found characters that none has, such as a line"
                + " break");
  }

  @Test
  void shouldSayWhatAnAddressMustBe() {
    // When
    int code = run("status", "--url", "http://127.0.0.1 :8080");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "nexus: --url expects an address such as http://127.0.0.1:8080, found"
                + " 'http://127.0.0.1 :8080'");
  }

  @Test
  void shouldSayHowToStartWhenNothingRuns() {
    // When
    int code = run("keys", "list");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("start it with ./nexus up --data " + directory);
  }

  @Test
  void shouldKeepTheOperatorKeyFromOtherHosts() throws Exception {
    // Given
    Files.writeString(directory.resolve("cli.key"), "nxs_live_secret");
    // When
    int code = run(Map.of("NEXUS_URL", "http://127.0.0.1:1"), "keys", "list");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("no key for http://127.0.0.1:1").contains("set NEXUS_KEY");
  }

  @Test
  void shouldPutTheErrorIntoJsonWhenAskedForJson() {
    // When
    int code = run("invoke", "shop", "classify", "--input", "{oops", "--json");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(json().path("error").asText()).contains("--input").contains("line 1");
  }

  @Test
  void shouldWarnOfAHookWhoseSecretIsMissing() throws Exception {
    // Given a platform that does its work, and an integration that cannot
    Map<String, String> answers =
        Map.of(
            "/health",
            "{\"details\": {\"services\": {\"details\": {\"unhealthy\": []}}}}",
            "/v1/apps",
            "{\"apps\": [{\"app\": \"shop\"}]}",
            "/v1/apps/shop/integrations",
            "{\"integrations\": [{\"integrationId\": \"github\", \"hook\": \"/v1/hooks/github\","
                + " \"remark\": \"the hook of integration github answers 503 as it is\"}]}");
    HttpServer platform = answering(answers);
    try {
      // When
      String url = "http://127.0.0.1:" + platform.getAddress().getPort();
      Map<String, String> shell =
          Map.of(
              "NEXUS_URL", url, "NEXUS_KEY", "k", "NEXUS_HTTP_PORT", "0", "NEXUS_GRPC_PORT", "0");
      run(shell, "doctor");
      run(shell, "integrations", "list", "shop");

      // Then
      assertThat(out.toString())
          .contains(
              "warn  integrations: the hook of integration github answers 503 as it is -> whoever"
                  + " delivers there, such as GitHub, may not do so again");
      assertThat(err.toString())
          .contains("  note: the hook of integration github answers 503 as it is");
    } finally {
      platform.stop(0);
    }
  }

  @Test
  void shouldAskAServiceApartWhatWaitsForAPerson() throws Exception {
    // Given
    HttpServer apart =
        answering(
            Map.of(
                "/health", "{\"details\": {\"services\": {\"details\": {}}}}",
                "/v1/executions", "{\"executions\": []}",
                "/v1/dead-letters", "null"));
    try {
      Map<String, String> shell = new java.util.HashMap<>();
      shell.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
      shell.put("NEXUS_HTTP_PORT", String.valueOf(apart.getAddress().getPort()));

      // When
      run(shell, "doctor");
      shell.put("NEXUS_KEY", "k");
      run(shell, "doctor");

      // Then
      assertThat(out.toString())
          .contains("warn  quarantined: not known: no key for http://127.0.0.1:")
          .contains("ok    quarantined: no execution is")
          .contains("warn  dead letters: not known: the answer has no deadLetters");
    } finally {
      apart.stop(0);
    }
  }

  @Test
  void shouldSayThatCountsAreOfEveryKind() throws Exception {
    // Given
    HttpServer platform =
        answering(Map.of("/v1/events", "{\"events\": [], \"counts\": {\"matched\": 3}}"));
    try {
      // When
      String url = "http://127.0.0.1:" + platform.getAddress().getPort();
      Map<String, String> shell = Map.of("NEXUS_URL", url, "NEXUS_KEY", "k");
      run(shell, "ingress", "list");
      run(shell, "ingress", "list", "--app", "shop");

      // Then
      assertThat(err.toString()).contains("ever: matched 3", "ever, of every kind: matched 3");
    } finally {
      platform.stop(0);
    }
  }

  /// Says one thing at each path.
  private static HttpServer answering(Map<String, String> answers) throws IOException {
    HttpServer platform =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answers.forEach(
        (path, answer) ->
            platform.createContext(
                path,
                exchange -> {
                  byte[] body = answer.getBytes(StandardCharsets.UTF_8);
                  exchange.sendResponseHeaders(200, body.length);
                  exchange.getResponseBody().write(body);
                  exchange.close();
                }));
    platform.start();
    return platform;
  }

  @Test
  void shouldSayThatAnAddressIsNotThatOfNexus() throws Exception {
    // Given somebody who hears and says nothing of HTTP
    try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> hangUpOnEverybody(other));

      // When
      String url = "http://127.0.0.1:" + other.getLocalPort();
      int code = run(Map.of("NEXUS_URL", url, "NEXUS_KEY", "k"), "keys", "list");

      // Then
      assertThat(code).isEqualTo(1);
      assertThat(err.toString())
          .isEqualToIgnoringNewLines(
              "nexus: "
                  + url
                  + " does not answer in HTTP: expected the address of Nexus in NEXUS_URL or --url,"
                  + " such as http://127.0.0.1:8080");
    }
  }

  /// Once their request was read: who hangs up earlier resets the connection.
  private static void hangUpOnEverybody(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket caller = server.accept()) {
        var request = new Scanner(caller.getInputStream(), StandardCharsets.US_ASCII);
        while (request.hasNextLine() && !request.nextLine().isEmpty()) {
          // only the end matters
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  @Test
  void shouldSayThatRedisIsSilentAndThatNothingWasCompared() throws Exception {
    // Given a platform that says so
    String outcome =
        "{\"outcome\": \"nothing compared\", \"partitions\": 0, \"records\": 0, \"names\": 0,"
            + " \"different\": 0, \"differences\": [], \"notCompared\":"
            + " [\"Redis at 127.0.0.1:6379 does not answer: no greeting\"], \"seconds\": 10.0}";
    byte[] body = ("event: done\ndata: " + outcome + "\n\n").getBytes(StandardCharsets.UTF_8);
    HttpServer platform =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    platform.createContext(
        "/v1/projections/verify",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    platform.start();
    try {
      // When
      String url = "http://127.0.0.1:" + platform.getAddress().getPort();
      int code = run(Map.of("NEXUS_URL", url, "NEXUS_KEY", "k"), "verify");

      // Then
      assertThat(code).isEqualTo(3);
      assertThat(err.toString())
          .contains("not compared: Redis at 127.0.0.1:6379 does not answer: no greeting");
      assertThat(out.toString())
          .startsWith("nothing compared (Redis at 127.0.0.1:6379 does not answer: no greeting): ");
    } finally {
      platform.stop(0);
    }
  }

  @Test
  void shouldWatchARebuildOnThroughARestartOfRedis() throws Exception {
    // Given
    String away =
        "{\"type\": \"urn:nexus:problem:projections-unavailable\", \"status\": 503,"
            + " \"detail\": \"Redis does not answer (refused)\"}";
    Iterator<String> answers =
        List.of(
                away,
                "{\"state\": \"running\"}",
                away,
                away,
                "{\"state\": \"none\"}",
                "{\"state\": \"interrupted\"}",
                "{\"state\": \"running\"}",
                "{\"state\": \"done\", \"seconds\": 2}")
            .iterator();
    HttpServer platform =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    platform.createContext(
        "/v1/projections/rebuild",
        exchange -> {
          String answer = answers.next();
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.equals(away) ? 503 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    platform.start();
    try {
      // When
      String url = "http://127.0.0.1:" + platform.getAddress().getPort();
      int code = run(Map.of("NEXUS_URL", url, "NEXUS_KEY", "k"), "rebuild", "--watch");

      // Then
      assertThat(code).as(err.toString()).isZero();
      assertThat(answers.hasNext()).isFalse();
      assertThat(out.toString()).startsWith("done in 2.0 s");
      assertThat(err.toString().lines().filter(line -> line.startsWith("Redis does not answer")))
          .as("said once each time")
          .hasSize(2);
    } finally {
      platform.stop(0);
    }
  }

  @Test
  void shouldSayWhatAnEventNeeds() {
    // When
    int code = run("publish", "--source", "urn:shop");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("--source and --type are needed");
  }

  @Test
  void shouldSayWhereAnEventIsNoJson() {
    // When
    int code = run("publish", "--event", "{oops", "--json");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(json().path("error").asText()).contains("--event").contains("line 1");
  }

  @Test
  void shouldNameTheNearestTopic() {
    // When
    int code = run("events", "executons");
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("nexus.executions");
  }

  @Test
  void shouldRefuseADirectoryThatIsNoApplication() throws Exception {
    // Given
    Files.writeString(directory.resolve("notes.txt"), "nothing here");
    // When
    int code = run("apply", directory.toString());
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("app_definition.yaml");
  }

  @Test
  void shouldSaySoWhenNothingRunsToBeStopped() {
    // When
    int code = run("down", "--json");
    // Then
    assertThat(code).isZero();
    assertThat(json().path("result").asText()).isEqualTo("absent");
  }

  @Test
  void shouldFindNothingBrokenOnThisMachine() {
    // When
    int code = run(Map.of("NEXUS_HTTP_PORT", "0", "NEXUS_GRPC_PORT", "0"), "doctor", "--json");
    // Then
    assertThat(code).isZero();
    assertThat(json().path("findings").findValuesAsText("check")).contains("java", "disk", "data");
    assertThat(json().path("findings").findValuesAsText("detail"))
        .noneMatch(detail -> detail.contains("the log has"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"events executions", "events export executions"})
  void shouldSayWhichBrokersDoNotGiveATopic(String command) {
    // When
    int code =
        run(
            Map.of(
                "NEXUS_KAFKA_BOOTSTRAP_SERVERS",
                "127.0.0.1:1",
                "NEXUS_KAFKA_REQUEST_TIMEOUT_MS",
                "200",
                "NEXUS_KAFKA_DEFAULT_API_TIMEOUT_MS",
                "200"),
            command.split(" "));
    // Then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString())
        .startsWith("nexus: the brokers at 127.0.0.1:1 do not give nexus.executions: ");
  }

  private int run(String... arguments) {
    return run(Map.of(), arguments);
  }

  private int run(Map<String, String> more, String... arguments) {
    var environment = new java.util.HashMap<>(more);
    environment.put("NEXUS_DATA_DIR", directory.toString());
    return Verbs.run(terminal(environment), arguments);
  }

  private Terminal terminal(Map<String, String> environment) {
    return new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment);
  }

  private JsonNode json() {
    return CanonicalJson.read(out.toString());
  }
}
