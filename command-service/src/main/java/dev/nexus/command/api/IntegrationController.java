package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.access.MissingSecret;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.platform.security.Secrets;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sources of outside events of an application.
@Controller("/v1/apps/{app}/integrations")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class IntegrationController {
  private final Integrations integrations;
  private final Secrets secrets;
  private final Invocations invocations;

  public IntegrationController(
      Integrations integrations, Secrets secrets, Invocations invocations) {
    this.integrations = integrations;
    this.secrets = secrets;
    this.invocations = invocations;
  }

  /// `{"integrationId", "source", "credentialKind": "github-hmac"|"none", "secretRef", "format":
  /// "github"|"cloudevents"}`.
  @Post
  HttpResponse<String> register(HttpCaller caller, String app, @Nullable @Body String body) {
    caller.require(Action.APPLY, Resource.app(app));
    invocations.current(caller, app);
    ObjectNode request =
        Bodies.object(body, "integrationId", "source", "credentialKind", "secretRef", "format");
    String kind = kind(Bodies.text(request, "credentialKind", IntegrationDefinition.NONE));
    Integration wanted =
        new Integration(
            caller.principal().tenant(),
            app,
            id(Bodies.requiredText(request, "integrationId")),
            source(Bodies.requiredText(request, "source")),
            kind,
            Bodies.text(request, "secretRef", ""),
            format(kind, Bodies.text(request, "format", "")));
    if (wanted.credentialKind().equals(IntegrationDefinition.NONE) != wanted.secretRef().isEmpty()
        || !wanted.secretRef().isEmpty() && !Secrets.isReference(wanted.secretRef())) {
      throw Bodies.invalid(
          new Fault(
              "/secretRef",
              "",
              0,
              0,
              "wrong secretRef",
              wanted.credentialKind().equals(IntegrationDefinition.NONE)
                  ? "none, as credentialKind is none"
                  : Secrets.EXPECTED,
              "'" + wanted.secretRef() + "'",
              Secrets.nearest(wanted.secretRef())));
    }
    boolean visible =
        integrations.exclusively(
            () -> {
              integrations
                  .conflict(wanted, List.of())
                  .ifPresent(
                      detail -> {
                        throw Problem.of(HttpStatus.CONFLICT, "taken", detail).exception();
                      });
              return integrations.register(wanted, caller.principal().actor());
            });
    // 202: written, and this instance will take its events a moment later.
    return Answers.json(visible ? HttpStatus.CREATED : HttpStatus.ACCEPTED, shown(wanted));
  }

  @Get
  HttpResponse<String> list(HttpCaller caller, String app) {
    caller.require(Action.READ, Resource.app(app));
    invocations.current(caller, app);
    ObjectNode answer = Answers.object();
    ArrayNode list = answer.putArray("integrations");
    integrations.of(caller.principal().tenant(), app).forEach(i -> list.add(shown(i)));
    return Answers.json(HttpStatus.OK, answer);
  }

  @Delete("/{integration}")
  HttpResponse<?> remove(HttpCaller caller, String app, String integration) {
    caller.require(Action.APPLY, Resource.app(app));
    List<Integration> own = integrations.of(caller.principal().tenant(), app);
    Integration found =
        own.stream()
            .filter(i -> i.integrationId().equals(integration))
            .findFirst()
            .orElseThrow(
                () ->
                    Problem.unknown(
                            "integration",
                            integration,
                            own.stream().map(Integration::integrationId).toList())
                        .exception());
    boolean gone =
        integrations.exclusively(() -> integrations.remove(found, caller.principal().actor()));
    return gone ? HttpResponse.noContent() : HttpResponse.accepted();
  }

  /// With its hook, when it has one: without a credential nothing is delivered there.
  private ObjectNode shown(Integration integration) {
    ObjectNode shown =
        Answers.object()
            .put("integrationId", integration.integrationId())
            .put("source", integration.source())
            .put("credentialKind", integration.credentialKind())
            .put("secretRef", integration.secretRef())
            .put("format", integration.format());
    if (integration.delivers()) {
      shown.put("hook", "/v1/hooks/" + integration.integrationId());
    }
    MissingSecret.of(integration, secrets).ifPresent(remark -> shown.put("remark", remark));
    return shown;
  }

  private static String id(String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw Bodies.invalid(
          Fault.at(
              "/integrationId",
              "wrong integrationId",
              "up to 64 letters, digits, '.', '_', '-'",
              "'" + text + "'"));
    }
    return text;
  }

  private static String source(String text) {
    if (!IntegrationDefinition.isSource(text)) {
      throw Bodies.invalid(
          Fault.at("/source", "wrong source", IntegrationDefinition.SOURCE, "'" + text + "'"));
    }
    return text;
  }

  private static String format(String kind, String text) {
    String format = IntegrationDefinition.formatOf(kind, text);
    String wrong = IntegrationDefinition.formatFault(kind, format);
    if (!wrong.isEmpty()) {
      throw Bodies.invalid(Fault.at("/format", "wrong format", wrong, "'" + format + "'"));
    }
    return format;
  }

  private static String kind(String text) {
    if (!IntegrationDefinition.CREDENTIALS.contains(text)) {
      throw Bodies.invalid(
          new Fault(
              "/credentialKind",
              "",
              0,
              0,
              "unknown credentialKind",
              "one of " + String.join(", ", IntegrationDefinition.CREDENTIALS),
              "'" + text + "'",
              NearestNames.of(text, IntegrationDefinition.CREDENTIALS)));
    }
    return text;
  }
}
