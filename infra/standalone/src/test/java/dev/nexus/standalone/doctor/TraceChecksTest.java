package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Settings;
import dev.nexus.testkit.OtlpServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceChecksTest {

  @Test
  void shouldSayNothingWhereThereAreNoTraces() throws InterruptedException {
    assertThat(TraceChecks.run(Settings.of(Map.of()))).isEmpty();
  }

  @Test
  void shouldTellWhetherTheReceiverTakesTraces() throws InterruptedException {
    try (OtlpServer receiver = OtlpServer.start()) {
      String address = receiver.url() + "/v1/traces";
      assertThat(lines(receiver)).containsExactly("ok    traces: " + address + " takes them");

      receiver.answerWith(401);
      assertThat(lines(receiver))
          .singleElement()
          .asString()
          .startsWith("warn  traces: " + address + " takes none: HTTP 401 -> start it, or correct");
      assertThat(receiver.spans()).isEmpty();
    }
  }

  @Test
  void shouldNameAReceiverThatIsAway() throws InterruptedException {
    OtlpServer gone = OtlpServer.start();
    gone.close();
    assertThat(lines(gone))
        .singleElement()
        .asString()
        .startsWith("warn  traces: " + gone.url() + "/v1/traces takes none: ");
  }

  private static List<String> lines(OtlpServer receiver) throws InterruptedException {
    return TraceChecks.run(Settings.of(Map.of("NEXUS_OTLP_ENDPOINT", receiver.url()))).stream()
        .map(Finding::line)
        .toList();
  }
}
