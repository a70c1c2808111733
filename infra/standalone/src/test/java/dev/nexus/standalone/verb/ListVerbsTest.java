package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What commands that list ask for, and what they make of the answer.
class ListVerbsTest {
  private static final String LONG = "the condition is false".repeat(20);

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer platform;

  @BeforeEach
  void answer() throws Exception {
    platform = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    platform.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          String answer = answers.getOrDefault(exchange.getRequestURI().getPath(), "{}");
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    platform.start();
  }

  @AfterEach
  void end() {
    platform.stop(0);
  }

  @Test
  void shouldAskForExecutionsOfAComponentAndGoOnWhereAListEnded() {
    // Given
    answers.put("/v1/executions", "{\"executions\": [], \"cursor\": \"7.b\"}");

    // When
    run("executions", "list", "--app", "shop", "--component", "triage", "--after", "t&1");
    run("executions", "list", "--cursor", "8.a", "--limit", "3");

    // Then
    assertThat(asked)
        .containsExactly(
            "/v1/executions?limit=20&app=shop&component=triage&after=t%261",
            "/v1/executions?limit=3&cursor=8.a");
    assertThat(err.toString()).contains("older ones, if there are: --cursor 7.b");
  }

  @Test
  void shouldSayWhereTheWholeReasonOfAnEventIs() {
    // Given
    String event = "{\"place\": \"%s\", \"status\": \"unmatched\", \"reason\": \"%s\"}";
    String first = event.formatted("0@12", "no trigger");
    String second = event.formatted("1@7", LONG);
    answers.put(
        "/v1/events",
        "{\"events\": [" + first + ", " + second + "], \"counts\": {}, \"cursor\": \"9.1@7\"}");
    answers.put("/v1/events/1@7", second);

    // When
    run("ingress", "list", "--cursor", "10.2@8");

    // Then
    assertThat(asked).containsExactly("/v1/events?limit=20&cursor=10.2%408");
    assertThat(out.toString()).contains("no trigger", LONG.substring(0, 100) + "…");
    assertThat(err.toString())
        .contains("what ends with … is whole in './nexus ingress show 1@7'")
        .contains("older ones, if there are: --cursor 9.1@7");

    // When the log does not say the verdict, which has the reasons
    run("ingress", "show", "1@7");

    // Then
    assertThat(out.toString()).contains("because: " + LONG);
  }

  @Test
  void shouldSayAmongWhichEventsNoneIsOfThisKind() {
    // Given
    String note = "no event of this kind is among the newest 2000";
    answers.put("/v1/events", "{\"events\": [], \"counts\": {}, \"note\": \"" + note + "\"}");

    // When
    run("ingress", "list", "--id", "l-1");

    // Then
    assertThat(err.toString()).contains(note);

    // When a page has nothing and another one may have
    answers.put("/v1/events", "{\"events\": [], \"counts\": {}, \"cursor\": \"9.1@7\"}");
    run("ingress", "list", "--id", "l-1");

    // Then
    assertThat(err.toString())
        .contains("no outside event on this page is of this kind")
        .contains("older ones, if there are: --cursor 9.1@7");
  }

  @Test
  void shouldSayFromWhereOnARebuildFolded() {
    // Given
    String projection =
        """
        {"projection": "%s", "records": 1061, "of": 1061, "resumedAt": %d, "fromSnapshots": %d,
         "fromRebuild": %d, "partitions": %d, "switched": %5$d}
        """;
    answers.put(
        "/v1/projections/rebuild",
        "{\"state\": \"done\", \"seconds\": 2, \"eventsPerSecond\": 7, \"projections\": ["
            + String.join(
                ",",
                projection.formatted("executions", 26, 26, 0, 1),
                projection.formatted("promotions", 0, 0, 0, 1),
                projection.formatted("definitions", 500, 0, 500, 1),
                projection.formatted("events", 526, 26, 500, 4),
                projection.formatted("evidence", 61, 0, 0, 4))
            + "]}");

    // When
    run("rebuild", "--watch");

    // Then
    assertThat(out.toString().lines())
        .containsExactly(
            "no rebuild runs; the last one:",
            "executions: from the snapshot at 26: 1035 records, 1 of 1 partitions switched",
            "promotions: 1061 records, 1 of 1 partitions switched",
            "definitions: from the 500 that the rebuild before had: 561 records, 1 of 1 partitions"
                + " switched",
            "events: from snapshots of the first 26 and the 500 that the rebuild before had: 535"
                + " records, 4 of 4 partitions switched",
            "evidence: 1000 records, 4 of 4 partitions switched",
            "done in 2.0 s, 7 records a second");
  }

  private void run(String... arguments) {
    String url = "http://127.0.0.1:" + platform.getAddress().getPort();
    var terminal =
        new Terminal(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Map.of("NEXUS_URL", url, "NEXUS_KEY", "k"));
    assertThat(Verbs.run(terminal, arguments)).as(err.toString()).isZero();
  }
}
