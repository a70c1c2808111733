package dev.nexus.executor.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Tier;
import dev.nexus.event.task.Usage;
import dev.nexus.executor.Samples;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.Work;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Deoptimised;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadWorkTest {
  /// Characters of what is certainly kept beside the log.
  private static final int LARGE = 100_000;

  private static final String NOWHERE = "a".repeat(64);

  /// What the work cost, whatever becomes of its output.
  private static final Usage USAGE = new Usage("m", 10, 20, 30, 1, Duration.ofMillis(5));

  @TempDir Path data;

  private Payloads payloads;

  @BeforeEach
  void open() {
    payloads =
        new Payloads(
            Settings.of(Map.of("NEXUS_DATA_DIR", data.toString(), "NEXUS_PAYLOAD_QUOTA_MB", "1")),
            Clock.systemUTC());
  }

  /// Work that answers one thing and remembers what it was given.
  private static final class Recorded implements Work {
    private final WorkResult result;
    private final List<Json> inputs = new ArrayList<>();

    Recorded(WorkResult result) {
      this.result = result;
    }

    static Recorded giving(Json output) {
      return new Recorded(new Succeeded(output, USAGE));
    }

    @Override
    public WorkResult perform(AssignedTask task) {
      inputs.add(task.body().input());
      return result;
    }

    @Override
    public boolean isInstant(AssignedTask task) {
      return true;
    }

    @Override
    public Tier tier(AssignedTask task) {
      return Tier.CODE;
    }
  }

  private WorkResult perform(Work work, Json input) throws InterruptedException {
    return new PayloadWork(work, payloads).perform(Samples.task("any", input.text()));
  }

  @Test
  void shouldGiveWorkTheContentAndKeepWhatIsLarge() throws InterruptedException {
    // Given
    Json content = text('i', 300_000);
    Json kept = payloads.keepInput(TenantId.DEFAULT, content);
    Recorded work = Recorded.giving(text('o', LARGE));

    // When
    WorkResult result = perform(work, kept);

    // Then
    assertThat(PayloadReference.isIn(kept)).isTrue();
    assertThat(work.inputs).containsExactly(content);
    Json output = ((Succeeded) result).output();
    assertThat(PayloadReference.isIn(output)).isTrue();
    assertThat(payloads.content(TenantId.DEFAULT, output)).isEqualTo(text('o', LARGE));
    assertThat(result.usage()).isEqualTo(USAGE);
  }

  @Test
  void shouldRefuseWorkWhoseInputIsGone() throws InterruptedException {
    // Given
    Recorded work = Recorded.giving(new Json("1"));

    // When
    Failed failed = (Failed) perform(work, new PayloadReference(NOWHERE, 5).toJson());

    // Then
    assertThat(failed.failure()).isEqualTo(FailureClass.REFUSED);
    assertThat(failed.detail()).contains(NOWHERE, "is not in the payload store");
    assertThat(work.inputs).isEmpty();
  }

  @Test
  void shouldSayThatAnInputCannotBeReadNow() throws Exception {
    // Given a name that is there and cannot be read
    Files.createDirectories(data.resolve("payloads/default/aa").resolve(NOWHERE));
    Recorded work = Recorded.giving(new Json("1"));

    // When
    Failed failed = (Failed) perform(work, new PayloadReference(NOWHERE, 5).toJson());

    // Then
    assertThat(failed.failure()).isEqualTo(FailureClass.UNREACHABLE);
    assertThat(failed.failure().retryable()).isTrue();
    assertThat(failed.detail()).contains("the payload store cannot read", NOWHERE);
    assertThat(work.inputs).isEmpty();
  }

  @Test
  void shouldCountWhatWorkCostWhoseOutputTheDiskDoesNotTake() throws Exception {
    // Given a file where the directory has to be
    Files.writeString(data.resolve("payloads"), "no directory");

    // When
    Failed failed = (Failed) perform(Recorded.giving(text('o', LARGE)), new Json("1"));

    // Then
    assertThat(failed.failure()).isEqualTo(FailureClass.UNREACHABLE);
    assertThat(failed.detail()).contains("the payload store cannot keep");
    assertThat(failed.usage()).isEqualTo(USAGE);
  }

  @Test
  void shouldNeedNoDiskForWhatIsSmall() throws IOException, InterruptedException {
    // Given
    Files.writeString(data.resolve("payloads"), "no directory");

    // Then
    assertThat(perform(Recorded.giving(new Json("2")), new Json("1")))
        .isEqualTo(new Succeeded(new Json("2"), USAGE));
  }

  /// Another attempt would be as large.
  @ParameterizedTest
  @ValueSource(ints = {1_200_000, (16 << 20) + 1})
  void shouldFailForGoodWhenAnOutputIsTooLarge(int characters) throws InterruptedException {
    // When
    Failed failed = (Failed) perform(Recorded.giving(text('o', characters)), new Json("1"));

    // Then
    assertThat(failed.failure()).isEqualTo(FailureClass.OUTPUT);
    assertThat(failed.failure().retryable()).isFalse();
    assertThat(failed.detail())
        .contains(
            characters > 16 << 20
                ? "at most 16777216 characters of output expected, found " + characters
                : "more do not fit: raise NEXUS_PAYLOAD_QUOTA_MB");
    assertThat(failed.usage()).isEqualTo(USAGE);
  }

  @Test
  void shouldPassOnWhatWorkSaysOfItself() throws InterruptedException {
    for (WorkResult result :
        List.of(
            new Failed(FailureClass.RATE_LIMITED, "later", Duration.ofSeconds(3), USAGE),
            new Deoptimised("not mine", USAGE))) {
      assertThat(perform(new Recorded(result), new Json("1"))).isSameAs(result);
    }
  }

  @Test
  void shouldNotHoldUpALaneForADisk() {
    // Given
    PayloadWork work = new PayloadWork(Recorded.giving(new Json("1")), payloads);

    // Then
    assertThat(work.isInstant(Samples.task("any", "1"))).isTrue();
    assertThat(work.isInstant(Samples.task("any", text('i', LARGE).text()))).isFalse();
    assertThat(
            work.isInstant(Samples.task("any", new PayloadReference(NOWHERE, 5).toJson().text())))
        .isFalse();
    assertThat(work.tier(Samples.task("any", "1"))).isEqualTo(Tier.CODE);
  }

  /// A JSON text of so many characters, its quotes included.
  private static Json text(char letter, int characters) {
    return new Json("\"" + String.valueOf(letter).repeat(characters - 2) + "\"");
  }
}
