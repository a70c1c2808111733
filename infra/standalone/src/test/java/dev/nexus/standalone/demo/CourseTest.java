package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Setting;
import dev.nexus.scriptedmodel.triage.TriageCorpus;
import dev.nexus.standalone.verb.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// What `nexus demo` does when nobody shortens it.
class CourseTest {
  @Test
  void shouldSend600RequestsAfterTheFirstPromotionAnd300AfterTheSecond() {
    // Given
    var out = new PrintWriter(new StringWriter());
    var command = new DemoCommand(new Terminal(out, out, Map.of()));

    // When
    new CommandLine(command).parseArgs("--json");

    // Then
    assertThat(command.course()).isEqualTo(new Story.Course(600, 300));
    assertThat(new CommandLine(command).getUsageMessage()).doesNotContain("--after");
  }

  @Test
  void shouldHave32DeliveriesOutstandingFor16ModelPermits() {
    assertThat(Sender.OUTSTANDING).isEqualTo(32);
    assertThat(Setting.MODEL_PERMITS.defaultValue()).isEqualTo("16");
  }

  @Test
  void shouldDrawFrom324Payloads() {
    assertThat(TriageCorpus.load().webhooks()).hasSize(324);
  }
}
