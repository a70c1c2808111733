package dev.nexus.command.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.execution.ExecutionState.Running;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionMemoryTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final long ONE = begun("t/sample").bytes();

  @TempDir Path directory;
  private ExecutionShelf shelf;

  @BeforeEach
  void open() {
    shelf = new ExecutionShelf(directory);
  }

  @AfterEach
  void close() {
    shelf.close();
  }

  private ExecutionMemory memory(HeapShare heap) {
    return new ExecutionMemory(
        shelf,
        RouterContext.FACTS,
        new RouterContext.Limits(Duration.ZERO, Duration.ZERO, Duration.ZERO, false, 4_096, heap));
  }

  /// An execution with an input of 10 KiB.
  private static Execution begun(String key) {
    Envelope envelope =
        Envelope.of(new UUID(0, 1), AT, RouterFixture.TENANT, RouterFixture.APP, "key:test")
            .withExecution(RouterFixture.execution(key))
            .withSequence(1);
    Json input = new Json("\"" + "x".repeat(10 << 10) + "\"");
    var accepted = new ExecutionAccepted("echo", "d1", input, "b", AT, ReplyAddress.NOBODY, "http");
    Event<ExecutionEvent> fact = new Event<>(envelope, accepted);
    Execution execution = new Execution(key);
    execution.apply(fact, RouterContext.FACTS.encode(fact));
    return execution;
  }

  private static List<String> keys(int count) {
    return IntStream.range(0, count).mapToObj(i -> "t/" + i).toList();
  }

  private static void begin(ExecutionMemory memory, List<String> keys) {
    keys.forEach(key -> memory.touch(begun(key)));
  }

  private static void save(ExecutionMemory memory) {
    memory.save(ExecutionShelf.Checkpoint.NONE);
  }

  @Test
  void shouldBeFullOfWhatIsNotSavedAndHoldAsManyAsItHasBytesFor() {
    // Given
    var memory = memory(new HeapShare(10 * ONE + 1_000));
    begin(memory, keys(10));
    assertThat(memory.full()).isFalse();
    begin(memory, List.of("t/10"));
    assertThat(memory.full()).isTrue();

    // When
    save(memory);

    // Then
    assertThat(memory.full()).isFalse();
    assertThat(memory.size()).isEqualTo(10);
    assertThat(memory.bytes()).isBetween(9 * ONE, 10 * ONE + 1_000);
    assertThat(keys(11))
        .allSatisfy(key -> assertThat(memory.get(key).state()).isInstanceOf(Running.class));
    assertThat(memory.bytes()).isBetween(9 * ONE, 10 * ONE + 1_000);
  }

  @Test
  void shouldLetWhatIsSavedGoForWhatIsNot() {
    // Given
    var memory = memory(new HeapShare(10 * ONE + 1_000));
    begin(memory, keys(8));
    save(memory);

    // When some of them and new ones change
    memory.touch(memory.get("t/0"));
    memory.touch(begun("t/8"));
    memory.touch(begun("t/9"));
    memory.touch(begun("t/10"));
    memory.get("t/absent");

    // Then
    assertThat(memory.full()).isFalse();
    assertThat(memory.bytes()).isBetween(9 * ONE, 10 * ONE + 1_000);
    assertThat(memory.get("t/10").state()).isInstanceOf(Running.class);
    assertThat(shelf.get("t/10")).as("not saved yet").isInstanceOf(Shelved.Nothing.class);
  }

  @Test
  void shouldHoldOneThatIsLargerThanItsPart() {
    // Given
    var memory = memory(new HeapShare(ONE / 2));
    begin(memory, keys(2));

    // When
    save(memory);

    // Then
    assertThat(memory.size()).isEqualTo(1);
    assertThat(memory.get("t/0").state()).isInstanceOf(Running.class);
    assertThat(memory.get("t/1").state()).isInstanceOf(Running.class);
    assertThat(memory.size()).isEqualTo(1);
  }

  @Test
  void shouldHoldLessWhileOthersHaveAPartToo() {
    // Given
    var heap = new HeapShare(10 * ONE + 1_000);
    var memory = memory(heap);
    begin(memory, keys(10));
    save(memory);

    // When
    try (var other = memory(heap)) {
      save(memory);

      // Then
      assertThat(memory.size()).isEqualTo(5);
      begin(other, List.of("u/0", "u/1", "u/2", "u/3", "u/4"));
      assertThat(other.full()).isFalse();
      begin(other, List.of("u/5"));
      assertThat(other.full()).isTrue();
    }
    keys(10).forEach(memory::get);
    assertThat(memory.size()).isEqualTo(10);
  }
}
