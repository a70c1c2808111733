package dev.nexus.platform.host;

import static dev.nexus.platform.docs.Operation.get;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a process says of itself.
@Singleton
public final class HostApi implements ApiPart {
  private static final String ELSEWHERE = "Asked from another machine, without a key.";

  record Health(
      Optional<String> name,
      @Doc("`UP`, or `DOWN` when something does not do its work.") String status,
      @Doc("`services` names what does not do its work.")
          Optional<Map<String, JsonNode>> details) {}

  @Override
  public List<Chapter> chapters() {
    return List.of(
        Chapter.of(
            "Process",
            "What this process says of itself. Open to its own machine.",
            health(get("/health", "Whether everything does its work.")),
            health(get("/health/{selector}", "The same, for probes."))
                .reads(Parameter.path("selector", "`liveness` or `readiness`."))
                .refuses(404, "There is no such selector."),
            get("/metrics", "Measures, for Prometheus.")
                .answers(200, "text/plain", String.class, "Prometheus' text format.")
                .refuses(401, ELSEWHERE)));
  }

  private static Operation health(Operation operation) {
    return operation
        .answers(200, Health.class, "Everything does.")
        .answers(503, Health.class, "Something does not: the details name it.")
        .refuses(401, ELSEWHERE);
  }
}
