package dev.nexus.executor.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.TenantId;
import dev.nexus.executor.service.ServiceListener.Container;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrintedLinesTest {
  private static final Container CONTAINER =
      new Container(new ServiceKey(TenantId.DEFAULT, "shop", "agent"), "i1", "a/b", false, 0);

  private final HeardServices heard = new HeardServices();
  private final LineShares shares = new LineShares();
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger ended = new AtomicInteger();
  private final PrintedLines lines =
      new PrintedLines(CONTAINER, heard, shares, ended::incrementAndGet, now::get);

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
    assertThat(heard.lines.size()).isGreaterThanOrEqualTo(LineShares.AT_ONCE).isLessThan(10_000);
    assertThat(heard.lines.size() + told).isEqualTo(10_000);
  }

  @Test
  void shouldSayWhatWasDroppedThoughNothingFollows() {
    print(false, "x\n".repeat(300));
    lines.tellDropped();
    assertThat(heard.dropped).isEmpty();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    lines.tellDropped();
    lines.tellDropped();
    assertThat(heard.dropped).containsExactly(100L);
  }

  @Test
  void shouldCountWhatIsSaidOfTheDroppedAsALine() {
    print(false, "x\n".repeat(1000));
    for (int second = 0; second < 10; second++) {
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      print(false, "x\n".repeat(1000));
    }
    assertThat(heard.lines.size() + heard.dropped.size())
        .isLessThanOrEqualTo(LineShares.AT_ONCE + 10 * LineShares.A_SECOND);
  }

  /// Together they never print more than is written, and one that is loud takes nothing from
  /// others.
  @Test
  void shouldGiveEachItsShareHoweverMuchAnotherPrints() {
    // Given a hundred of them
    List<HeardServices> others = new ArrayList<>();
    List<PrintedLines> quiet = new ArrayList<>();
    for (int i = 0; i < 99; i++) {
      var other = new HeardServices();
      others.add(other);
      quiet.add(new PrintedLines(CONTAINER, other, shares, () -> {}, now::get));
    }

    // When one of them prints all the time
    int seconds = 10;
    for (int second = 0; second < seconds; second++) {
      print(false, "noise\n".repeat(100_000));
      quiet.forEach(one -> one.printed(false, "a\n".repeat(10).getBytes(UTF_8)));
      now.addAndGet(Duration.ofSeconds(1).toNanos());
    }

    // Then
    assertThat(others)
        .allSatisfy(
            one -> {
              assertThat(one.lines).hasSize(10 * seconds);
              assertThat(one.dropped).isEmpty();
            });
    assertThat(heard.lines.size())
        .isLessThanOrEqualTo(LineShares.AT_ONCE + seconds * LineShares.ALL_A_SECOND / 100);

    // When the others have gone
    quiet.forEach(PrintedLines::close);
    int before = heard.lines.size();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    print(false, "noise\n".repeat(1000));

    // Then it has more
    assertThat(heard.lines.size() - before).isBetween(LineShares.A_SECOND - 2, LineShares.AT_ONCE);
  }
}
