package dev.nexus.executor.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.executor.service.ServiceListener.Container;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrintedLinesTest {
  private static final Container CONTAINER =
      new Container(new ServiceKey(TenantId.DEFAULT, "shop", "agent"), "i1", "a/b", false, 0);

  private final HeardServices heard = new HeardServices();
  private final AtomicInteger ended = new AtomicInteger();
  private final PrintedLines lines = new PrintedLines(CONTAINER, heard, ended::incrementAndGet);

  private void print(boolean isError, String text) {
    lines.printed(isError, text.getBytes(UTF_8));
  }

  @Test
  void shouldMakeLinesOfPiecesOfEachStream() {
    print(false, "one\ntw");
    print(true, "oh");
    print(false, "o\r\n\n  three  \n");
    print(true, " no\n");
    print(false, "the rest");
    assertThat(heard.lines).containsExactly("O one", "O two", "O   three", "E oh no");
    lines.ended();
    assertThat(heard.lines).endsWith("O the rest");
    assertThat(ended).hasValue(1);
  }

  @Test
  void shouldKeepCharactersWholeThatComeInPieces() {
    byte[] bytes = "Grüße 🦢\n".getBytes(UTF_8);
    for (byte one : bytes) {
      lines.printed(false, new byte[] {one});
    }
    assertThat(heard.lines).containsExactly("O Grüße 🦢");
  }

  @Test
  void shouldCutALongLineOff() {
    print(false, "x".repeat(10_000) + "\nnext\n");
    assertThat(heard.lines).hasSize(2).endsWith("O next");
    assertThat(heard.lines.getFirst()).endsWith("x…").hasSize(4096 + 3);
  }

  @Test
  void shouldCountWhatIsTooMuchAtOnce() {
    print(
        false,
        IntStream.range(0, 10_000).mapToObj(Integer::toString).collect(Collectors.joining("\n")));
    lines.ended();
    long told = heard.dropped.stream().mapToLong(Long::longValue).sum();
    assertThat(heard.lines.size()).isGreaterThanOrEqualTo(PrintedLines.AT_ONCE).isLessThan(10_000);
    assertThat(heard.lines.size() + told).isEqualTo(10_000);
  }
}
