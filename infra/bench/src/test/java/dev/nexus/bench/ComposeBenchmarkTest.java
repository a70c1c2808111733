package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.nexus.standalone.verb.CommandFailedException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which answers of a platform that has just begun are waited out, and which are not.
@Timeout(60)
class ComposeBenchmarkTest {
  /// What it answers in turn; then 200.
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();

  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer platform;
  private FakeSite site;

  @BeforeEach
  void answer() throws Exception {
    platform = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    platform.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          Integer status = statuses.poll();
          byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status == null ? 200 : status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    platform.start();
    site = new FakeSite(URI.create("http://127.0.0.1:" + platform.getAddress().getPort()), 0);
  }

  @AfterEach
  void end() {
    platform.stop(0);
  }

  @Test
  void shouldAskAgainForWhatIsNotThereYet() throws Exception {
    // Given
    statuses.addAll(List.of(401, 404, 409, 429, 503));

    // When
    double seconds = ComposeBenchmark.secondsToFirstAnswer(site);

    // Then
    assertThat(seconds).isPositive();
    assertThat(asked).hasValue(7);
  }

  @Test
  void shouldGiveUpAtOnceWhereTheApplicationIsRefused() {
    // Given
    statuses.add(422);

    // Then
    assertThatThrownBy(() -> ComposeBenchmark.secondsToFirstAnswer(site))
        .isInstanceOf(CommandFailedException.class)
        .hasMessage("the benchmark's application was refused: 422 {}");
    assertThat(asked).hasValue(1);
  }

  @Test
  void shouldGiveUpAtOnceWhereACallIsRefused() {
    // Given
    statuses.addAll(List.of(200, 403));

    // Then
    assertThatThrownBy(() -> ComposeBenchmark.secondsToFirstAnswer(site))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining("HTTP/1.1 403");
    assertThat(asked).hasValue(2);
  }
}
