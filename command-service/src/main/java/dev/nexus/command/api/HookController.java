package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.access.WebhookSignature;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.platform.http.AuthenticationFilter;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AuditTrail;
import dev.nexus.platform.security.Secrets;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Deliveries of registered integrations, in GitHub's form. A delivery becomes a CloudEvent of type
/// `com.github.webhook` on `nexus.ingress`: its id is the delivery's, its data
/// `{"event": X-GitHub-Event, "payload": body}`. The delivery's id is no part of the data, or each
/// delivery of the same payload would be an input of its own.
@Controller("/v1/hooks")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class HookController {
  private final Integrations integrations;
  private final Secrets secrets;
  private final AuditTrail audit;
  private final IngressWriter ingress;

  public HookController(
      Integrations integrations, Secrets secrets, AuditTrail audit, IngressWriter ingress) {
    this.integrations = integrations;
    this.secrets = secrets;
    this.audit = audit;
    this.ingress = ingress;
  }

  @Post("/{integration}")
  HttpResponse<String> deliver(
      HttpRequest<?> request, String integration, @Body byte @Nullable [] body) {
    byte[] bytes = body == null ? new byte[0] : body;
    Integration known =
        integrations
            .byId(integration)
            .filter(i -> i.credentialKind().equals(Integration.GITHUB_HMAC))
            .orElseThrow(() -> unknown(integration));
    verify(request, known, bytes);
    String event = header(request, "X-GitHub-Event");
    String delivery = header(request, "X-GitHub-Delivery");
    JsonNode payload = Bodies.json(new String(bytes, StandardCharsets.UTF_8));
    ObjectNode data = Answers.object();
    data.put("event", event);
    data.set("payload", payload);
    ingress.append(known, delivery, "com.github.webhook", data);
    return Answers.json(
        HttpStatus.ACCEPTED,
        Answers.object()
            .put("id", delivery)
            .put("source", known.source())
            .put("type", "com.github.webhook"));
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
