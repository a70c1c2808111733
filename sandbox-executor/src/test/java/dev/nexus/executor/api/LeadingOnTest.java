package dev.nexus.executor.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.service.Served;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeadingOnTest {
  private final LeadingOn leading = new LeadingOn();
  private final CountDownLatch more = new CountDownLatch(1);
  private HttpServer other;
  private volatile Headers asked;
  private volatile String target;
  private volatile String body;

  @BeforeEach
  void listen() throws IOException {
    other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          asked = exchange.getRequestHeaders();
          target = exchange.getRequestURI().toString();
          body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(201, 0);
          exchange.getResponseBody().write("first".getBytes(UTF_8));
          exchange.getResponseBody().flush();
          try {
            more.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.getResponseBody().write("last".getBytes(UTF_8));
          exchange.close();
        });
    other.start();
  }

  @AfterEach
  void close() {
    more.countDown();
    other.stop(0);
    leading.close();
  }

  private static LeadingOn.Call call() {
    return new LeadingOn.Call(
        "POST",
        "/v1/apps/shop/services/web/a%2Fb?q=%20",
        List.of(
            new Header("Authorization", "Bearer nxs_live_key"),
            new Header("Content-Length", "4"),
            new Header("Connection", "keep-alive"),
            new Header("X-Forwarded-For", "6.6.6.6"),
            new Header("X-Own", "kept")),
        "body".getBytes(UTF_8),
        "10.0.0.9");
  }

  @Test
  void shouldPassOnWhatTheCallerPresentedAndSayThatItDid() throws Exception {
    URI address = URI.create("http://127.0.0.1:" + other.getAddress().getPort());
    var served = (Served.Flowing) leading.ask(address, call());
    try (var flowing = served.body()) {
      // Its beginning is there before its end.
      assertThat(new String(flowing.readNBytes(5), UTF_8)).isEqualTo("first");
      more.countDown();
      assertThat(new String(flowing.readAllBytes(), UTF_8)).isEqualTo("last");
    }
    assertThat(served.status()).isEqualTo(201);
    assertThat(served.headers())
        .anyMatch(header -> header.is("Content-Type") && header.value().equals("text/event-stream"))
        .noneMatch(header -> header.is("Transfer-Encoding"));
    assertThat(target).isEqualTo("/v1/apps/shop/services/web/a%2Fb?q=%20");
    assertThat(body).isEqualTo("body");
    assertThat(asked.get("Authorization")).containsExactly("Bearer nxs_live_key");
    assertThat(asked.get("X-Own")).containsExactly("kept");
    assertThat(asked.get("X-Forwarded-For")).containsExactly("10.0.0.9");
    assertThat(asked.get(LeadingOn.LED)).containsExactly("1");
  }

  @Test
  void shouldTellWhereNobodyListens() {
    int port = other.getAddress().getPort();
    other.stop(0);
    assertThatThrownBy(() -> leading.ask(URI.create("http://127.0.0.1:" + port), call()))
        .isInstanceOf(IOException.class);
  }
}
