package dev.nexus.command.trigger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Decides what an outside event asks for. Tenant and actor come from the registration of its
/// source, never from the event.
final class IngressDecider {
  /// An event of this type reports the right output of an earlier one: its data is
  /// `{"source": …, "id": …, "output": …}`, `source` being its own when absent.
  static final String TRUTH = "dev.nexus.truth";

  private static final String ROAD = "trigger";

  /// What is asked, or why not.
  sealed interface Wish {
    ExecutionId execution();

    record Start(ExecutionId execution, Call call) implements Wish {}

    record ReportTruth(ExecutionId execution, Origin origin, String appId, Json output)
        implements Wish {}
  }

  /// @param refusals why some or all of it cannot be done
  record Verdict(List<Wish> wishes, List<String> refusals) {
    Verdict {
      wishes = List.copyOf(wishes);
      refusals = List.copyOf(refusals);
    }

    static Verdict refused(String reason) {
      return new Verdict(List.of(), List.of(reason));
    }
  }

  private final Integrations integrations;
  private final DefinitionCatalog catalog;
  private final SchemaChecks schemas;

  IngressDecider(Integrations integrations, DefinitionCatalog catalog, SchemaChecks schemas) {
    this.integrations = integrations;
    this.catalog = catalog;
    this.schemas = schemas;
  }

  Verdict decide(OutsideEvent event) {
    Optional<Integration> integration = integrations.bySource(event.source());
    if (integration.isEmpty()) {
      return Verdict.refused(
          "source '" + event.source() + "' is not registered: register an integration for it");
    }
    Origin origin =
        new Origin(
            integration.get().tenant(), integration.get().actor(), ROAD, event.traceparent());
    List<Version> current = catalog.current(origin.tenant());
    return event.type().equals(TRUTH)
        ? truth(event, origin, current)
        : start(event, origin, Triggers.of(current, event.type(), event.source()));
  }

  /// An event that starts nothing is no fault: an application may be applied later.
  private Verdict start(OutsideEvent event, Origin origin, List<Triggers.Match> matches) {
    List<Wish> wishes = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    Json input = new Json(CanonicalJson.write(event.data()));
    for (Triggers.Match match : matches) {
      List<Fault> faults = schemas.checkInput(match.digest(), match.component(), event.data());
      if (faults.isEmpty()) {
        wishes.add(
            new Wish.Start(
                executionId(origin, match, event.source(), event.id()),
                new Call(
                    origin,
                    match.appId(),
                    match.component().componentId(),
                    match.digest(),
                    input,
                    Duration.ZERO,
                    Optional.empty())));
      } else {
        refusals.add(refusal("the data is no valid input of ", match, faults));
      }
    }
    return new Verdict(wishes, refusals);
  }

  private Verdict truth(OutsideEvent event, Origin origin, List<Version> current) {
    JsonNode data = event.data();
    JsonNode output = data.get("output");
    String id = data.path("id").asText("");
    if (id.isEmpty() || output == null) {
      return Verdict.refused(
          TRUTH + " expects data {\"id\": …, \"output\": …}, found " + shortened(data.toString()));
    }
    String source = data.path("source").asText(event.source());
    if (integrations.bySource(source).filter(i -> i.tenant().equals(origin.tenant())).isEmpty()) {
      return Verdict.refused("source '" + source + "' in the data is not registered");
    }
    List<Triggers.Match> matches =
        data.path("type").isTextual()
            ? Triggers.of(current, data.path("type").asText(), source)
            : Triggers.ofSource(current, source);
    List<Wish> wishes = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    for (Triggers.Match match : matches) {
      List<Fault> faults = schemas.checkOutput(match.digest(), match.component(), output);
      if (faults.isEmpty()) {
        wishes.add(
            new Wish.ReportTruth(
                executionId(origin, match, source, id),
                origin,
                match.appId(),
                new Json(CanonicalJson.write(output))));
      } else {
        refusals.add(refusal("the truth is no valid output of ", match, faults));
      }
    }
    return new Verdict(wishes, refusals);
  }

  private static ExecutionId executionId(
      Origin origin, Triggers.Match match, String source, String id) {
    return ExecutionId.ofSource(
        origin.tenant(), match.appId(), match.component().componentId(), source, id);
  }

  private static String refusal(String what, Triggers.Match match, List<Fault> faults) {
    return what
        + match.appId()
        + "/"
        + match.component().componentId()
        + ": "
        + faults.stream().limit(3).map(Fault::sentence).collect(Collectors.joining("; "));
  }

  private static String shortened(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
