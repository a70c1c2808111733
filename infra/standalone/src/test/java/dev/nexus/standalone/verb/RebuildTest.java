package dev.nexus.standalone.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RebuildTest {
  private static final String DONE =
      "{\"state\": \"done\", \"seconds\": 2, \"eventsPerSecond\": 5, \"projections\":"
          + " [{\"projection\": \"executions\", \"records\": 10, \"partitions\": 1,"
          + " \"switched\": 1}]}";

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({"--stop", "--watch"})
  void shouldSayThatNoneRuns(String option) throws IOException {
    // When
    int code = run(DONE, DONE, option);

    // Then
    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "no rebuild runs; the last one:",
            "executions: 10 records, 1 of 1 partitions switched",
            "done in 2.0 s, 5 records a second");
  }

  @ParameterizedTest
  @CsvSource({"--stop, 0", "--watch, 1"})
  void shouldSayThatThereWasNone(String option, int expected) throws IOException {
    // When
    int code = run("{\"state\": \"none\"}", "{\"state\": \"none\"}", option);

    // Then
    assertThat(code).as(err.toString()).isEqualTo(expected);
    assertThat(out.toString()).isEqualToIgnoringNewLines("no rebuild runs");
  }

  @Test
  void shouldSayNoSuchThingOfOneThatItStops() throws IOException {
    // When
    int code = run("{\"state\": \"running\"}", "{\"state\": \"stopped\"}", "--stop");

    // Then
    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines("stopped");
  }

  /// @param status of the rebuild when it is asked for
  /// @param stopped what is answered to whoever ends it
  private int run(String status, String stopped, String option) throws IOException {
    HttpServer platform =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    platform.createContext(
        "/v1/projections/rebuild",
        exchange -> {
          String answer = exchange.getRequestMethod().equals("DELETE") ? stopped : status;
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    platform.start();
    try {
      Map<String, String> shell =
          Map.of(
              "NEXUS_DATA_DIR",
              directory.toString(),
              "NEXUS_URL",
              "http://127.0.0.1:" + platform.getAddress().getPort(),
              "NEXUS_KEY",
              "k");
      return Verbs.run(
          new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), shell),
          "rebuild",
          option);
    } finally {
      platform.stop(0);
    }
  }
}
