package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.access.WebhookSignature;
import dev.nexus.command.intake.Arrival;
import dev.nexus.command.intake.HttpEvents;
import dev.nexus.command.intake.Registered;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.http.AuthenticationFilter;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.DenialAudit;
import dev.nexus.platform.security.Secrets;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Deliveries of registered integrations, in the format of each. One in GitHub's form becomes a
/// CloudEvent of type `com.github.webhook` on `nexus.ingress`: its id is the delivery's, its data
/// `{"event": X-GitHub-Event, "payload": body}`. The delivery's id is no part of the data, or each
/// delivery of the same payload would be an input of its own.
@Controller("/v1/hooks")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class HookController {
  private static final String GITHUB_TYPE = "com.github.webhook";

  private final Integrations integrations;
  private final Registered registered;
  private final Secrets secrets;
  private final DenialAudit audit;
  private final Admission admission;
  private final EventAnswers events;
  private final Clock clock;

  public HookController(
      Integrations integrations,
      Registered registered,
      Secrets secrets,
      DenialAudit audit,
      Admission admission,
      EventAnswers events,
      Clock clock) {
    this.integrations = integrations;
    this.registered = registered;
    this.secrets = secrets;
    this.audit = audit;
    this.admission = admission;
    this.events = events;
    this.clock = clock;
  }

  @Post("/{integration}")
  @Consumes(MediaType.ALL)
  HttpResponse<String> deliver(
      HttpRequest<?> request, String integration, @Body byte @Nullable [] body) {
    byte[] bytes = body == null ? new byte[0] : body;
    Integration known =
        registered
            .forHook()
            .find(() -> integrations.byId(integration).filter(Integration::delivers))
            .orElseThrow(() -> unknown(integration));
    verify(request, known, bytes);
    if (known.format().equals(IntegrationDefinition.GITHUB)) {
      admit(known, 1);
      return github(request, known, bytes);
    }
    List<Arrival> arrivals = HttpEvents.read(EventAnswers.headers(request), bytes);
    admit(known, Math.max(1, arrivals.size()));
    return events.take(arrivals, SourceCheck.ofIntegration(known));
  }

  /// Never refused for a backlog: GitHub, for one, does not deliver again what was refused.
  private void admit(Integration known, int events) {
    admission.count(known.tenant(), known.actor(), events);
    admission.refuseFull();
  }

  private HttpResponse<String> github(HttpRequest<?> request, Integration known, byte[] body) {
    requireJson(request);
    String event = header(request, "X-GitHub-Event");
    String delivery = header(request, "X-GitHub-Delivery");
    JsonNode payload = Bodies.json(new String(body, StandardCharsets.UTF_8));
    ObjectNode data = Answers.object();
    data.put("event", event);
    data.set("payload", payload);
    CloudEvent delivered =
        CloudEventBuilder.v1()
            .withId(delivery)
            .withSource(URI.create(known.source()))
            .withType(GITHUB_TYPE)
            .withTime(OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
            .withData("application/json", data.toString().getBytes(StandardCharsets.UTF_8))
            .build();
    return events.take(
        List.of(new Arrival.Legible("", delivered)), SourceCheck.ofIntegration(known));
  }

  private static void requireJson(HttpRequest<?> request) {
    String type = request.getContentType().map(MediaType::getName).orElse("");
    if (!type.isEmpty() && !type.contains("json")) {
      throw Problem.of(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "unsupported-media-type",
              "send Content-Type: application/json, which a webhook of GitHub has as a setting;"
                  + " found "
                  + type)
          .exception();
    }
  }

  private void verify(HttpRequest<?> request, Integration integration, byte[] body) {
    String signature =
        request.getHeaders().getFirst("X-Hub-Signature-256", String.class).orElse("");
    if (!WebhookSignature.matches(secret(integration), body, signature)) {
      String reason = signature.isEmpty() ? "no-signature" : "wrong-signature";
      audit.denied(
          integration.tenant(),
          integration.actor(),
          new AccessDenied(
              "deliver",
              "integration:" + integration.integrationId(),
              reason,
              AuthenticationFilter.remoteAddress(request)));
      throw Problem.of(
              HttpStatus.UNAUTHORIZED,
              reason,
              "X-Hub-Signature-256 must be sha256=<HMAC of the body> with the secret that the hook"
                  + " and this integration share")
          .exception();
    }
  }

  private String secret(Integration integration) {
    try {
      return secrets.resolve(integration.secretRef());
    } catch (IllegalStateException e) {
      throw Problem.of(
              HttpStatus.SERVICE_UNAVAILABLE,
              "secret-missing",
              "the integration "
                  + integration.integrationId()
                  + " cannot be checked: "
                  + e.getMessage())
          .exception();
    }
  }

  private static String header(HttpRequest<?> request, String name) {
    return request
        .getHeaders()
        .getFirst(name, String.class)
        .filter(value -> !value.isBlank())
        .orElseThrow(
            () ->
                Bodies.invalid(
                    Fault.at("", "the header " + name + " is missing", "a text", "nothing")));
  }

  /// Anyone may ask here, so no names are given away.
  private static RuntimeException unknown(String integration) {
    return Problem.of(
            HttpStatus.NOT_FOUND,
            "unknown-integration",
            "no integration '" + integration + "' takes deliveries here")
        .exception();
  }
}
