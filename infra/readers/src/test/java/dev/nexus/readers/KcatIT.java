package dev.nexus.readers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.readers.Traffic.Spoilt;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.rig.Shell;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import dev.nexus.topic.Topic;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// kcat shows keys and headers, by the command of `docs/analytics.md`: only the address is of the
/// platform of the test.
@NeedsTool("kcat|kafkacat")
class KcatIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static Spoilt spoilt;

  @TempDir Path directory;

  @BeforeAll
  static void call() throws Exception {
    spoilt = Traffic.of(platform);
  }

  private List<KeyAndHeaders> kcat() throws Exception {
    String command = Examples.shell("read_committed -f");
    assertThat(command).contains("127.0.0.1:9092");
    String kafka = platform.platform().addresses().kafka();
    return KeyAndHeaders.printed(
        new Shell(directory, Map.of()).paste(command.replace("127.0.0.1:9092", kafka)));
  }

  @Test
  void shouldShowKeyAndIdOfEveryCommittedRecord() {
    KafkaClients clients = new KafkaClients(platform.platform().settings());
    Eventually.holds(
        () -> {
          // Given
          List<KeyAndHeaders> log = KeyAndHeaders.onLog(clients, Topic.EXECUTIONS);
          // When
          List<KeyAndHeaders> seen = kcat();
          // Then
          assertThat(seen)
              .containsExactlyInAnyOrderElementsOf(log)
              .allSatisfy(record -> assertThat(record.key()).isNotEmpty())
              .allSatisfy(record -> assertThat(record.id()).isNotEmpty());
        });
  }

  /// As the page says: a record is dropped whose `ce_id` was there before.
  @Test
  void shouldTellWhatIsThereTwiceByItsId() throws Exception {
    // When
    List<String> succeeded =
        kcat().stream()
            .filter(record -> record.type().equals("ExecutionSucceeded"))
            .map(KeyAndHeaders::id)
            .toList();
    // Then
    assertThat(succeeded)
        .hasSizeGreaterThan(Traffic.CALLS)
        .contains(spoilt.twice().toString())
        .doesNotContain(spoilt.aborted().toString());
    assertThat(new HashSet<>(succeeded)).hasSize(Traffic.CALLS);
  }
}
