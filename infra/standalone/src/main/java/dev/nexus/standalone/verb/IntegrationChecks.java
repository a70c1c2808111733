package dev.nexus.standalone.verb;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.standalone.doctor.Finding;
import java.util.ArrayList;
import java.util.List;

/// Whether hooks can check who delivers to them, as the platform itself says: its secrets may be
/// variables that only it has.
final class IntegrationChecks {
  private static final String CHECK = "integrations";

  private IntegrationChecks() {}

  /// Nothing where nobody with integrations answers, or this user has no key.
  static List<Finding> run(Api api, Terminal terminal) {
    List<Finding> findings = new ArrayList<>();
    int hooks = 0;
    try {
      for (JsonNode app : api.get(terminal, "/v1/apps").body().path("apps")) {
        String path = "/v1/apps/" + Api.encoded(app.path("app").asText()) + "/integrations";
        for (JsonNode integration : api.get(terminal, path).body().path("integrations")) {
          hooks += integration.has("hook") ? 1 : 0;
          if (integration.has("remark")) {
            findings.add(
                Finding.doubtful(
                    CHECK,
                    integration.path("remark").asText(),
                    "whoever delivers there, such as GitHub, may not do so again"));
          }
        }
      }
    } catch (CommandFailedException e) {
      return List.of();
    }
    if (findings.isEmpty() && hooks > 0) {
      findings.add(Finding.good(CHECK, "the secret of every hook is there (" + hooks + ")"));
    }
    return findings;
  }
}
