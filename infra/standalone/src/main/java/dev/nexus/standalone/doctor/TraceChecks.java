package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.Secrets;
import dev.nexus.projector.trace.OtlpReceiver;
import dev.nexus.projector.trace.OtlpReceiver.Answer;
import java.util.List;
import java.util.Optional;

/// Whether the receiver of traces takes any, asked with a request that has none.
final class TraceChecks {
  private static final String CHECK = "traces";

  private TraceChecks() {}

  static List<Finding> run(Settings settings) throws InterruptedException {
    var secrets = new Secrets(System.getenv(), settings.sharedDirectory().resolve("secrets"));
    Optional<OtlpReceiver> found = OtlpReceiver.of(settings, secrets);
    if (found.isEmpty()) {
      return List.of();
    }
    try (OtlpReceiver receiver = found.get()) {
      return List.of(
          switch (receiver.probe()) {
            case Answer.Taken _ -> Finding.good(CHECK, receiver.address() + " takes them");
            case Answer.Refused(var why) -> refused(receiver, why);
            case Answer.Later(var why, _) -> refused(receiver, why);
          });
    }
  }

  private static Finding refused(OtlpReceiver receiver, String why) {
    return Finding.doubtful(
        CHECK,
        receiver.address() + " takes none: " + why,
        "start it, or correct "
            + Setting.OTLP_ENDPOINT.variable()
            + " and "
            + Setting.OTLP_HEADERS.variable()
            + "; the log keeps what is to be sent");
  }
}
