package dev.nexus.executor.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.executor.container.ServiceEngine.Conversation;
import dev.nexus.executor.http.HttpChannel.LateException;
import dev.nexus.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StdioRpcTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final ByteArrayOutputStream read = new ByteArrayOutputStream();
  private final StdioRpc rpc = new StdioRpc();

  StdioRpcTest() {
    rpc.with(
        new Conversation() {
          @Override
          public OutputStream input() {
            return read;
          }

          @Override
          public void close() {}
        });
  }

  private static ObjectNode message(String json) {
    return (ObjectNode) CanonicalJson.read(json);
  }

  private CompletableFuture<String> asked(String json) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return rpc.ask(message(json), LONG).orElseThrow().toString();
          } catch (IOException e) {
            return "failed: " + e.getMessage();
          }
        });
  }

  private void printed(String text) {
    rpc.prints.printed(false, text.getBytes(UTF_8));
  }

  private void awaitRead(String part) {
    Eventually.holds(() -> assertThat(read.toString(UTF_8)).contains(part));
  }

  @Test
  void shouldGiveEachAnswerToWhoAskedUnderTheIdOfItsOwn() throws Exception {
    var one = asked("{\"id\":7,\"method\":\"a\"}");
    awaitRead("{\"id\":1,\"method\":\"a\"}\n");
    var two = asked("{\"id\":7,\"method\":\"b\"}");
    awaitRead("{\"id\":2,\"method\":\"b\"}\n");
    printed("no message\n{\"id\":99,\"result\":0}\n{\"id\":1,\"method\":\"ping\"}\n");
    printed("{\"id\":2,\"result\":\"of b\"}\n{\"id\":1,\"err");
    printed("or\":\"of a\"}\n");
    assertThat(one.get()).isEqualTo("{\"id\":7,\"error\":\"of a\"}");
    assertThat(two.get()).isEqualTo("{\"id\":7,\"result\":\"of b\"}");
  }

  @Test
  void shouldWaitForNoAnswerToANotification() throws IOException {
    assertThat(rpc.ask(message("{\"method\":\"note\"}"), LONG)).isEmpty();
    assertThat(rpc.ask(message("{\"id\":3,\"result\":{}}"), LONG)).isEmpty();
    assertThat(read.toString(UTF_8)).isEqualTo("{\"method\":\"note\"}\n{\"id\":3,\"result\":{}}\n");
  }

  @Test
  void shouldFailWhoWaitsWhenTheProgramEnds() throws Exception {
    var one = asked("{\"id\":7,\"method\":\"a\"}");
    awaitRead("\n");
    rpc.prints.ended();
    assertThat(one.get()).contains("the service ended");
    assertThatThrownBy(() -> rpc.ask(message("{\"method\":\"b\"}"), LONG))
        .hasMessageContaining("the service ended");
  }

  @Test
  void shouldNotWaitForEver() {
    assertThatThrownBy(() -> rpc.ask(message("{\"id\":7,\"method\":\"a\"}"), Duration.ofMillis(20)))
        .isInstanceOf(LateException.class);
  }
}
