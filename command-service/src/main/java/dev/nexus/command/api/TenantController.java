package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.access.Tenants;
import dev.nexus.event.TenantId;
import dev.nexus.event.TimeText;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Resource;
import dev.nexus.platform.security.Scope;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tenants of the installation, for operators of the tenant `default`.
@Controller("/v1/tenants")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class TenantController {
  private static final Duration LIFE = Duration.ofDays(90);
  private static final Duration VISIBLE = Duration.ofSeconds(10);

  private final Tenants tenants;
  private final ApiKeys keys;
  private final KeyRing ring;

  public TenantController(Tenants tenants, ApiKeys keys, KeyRing ring) {
    this.tenants = tenants;
    this.keys = keys;
    this.ring = ring;
  }

  /// `{"tenantId": "acme", "displayName": …}`. The answer shows, this once, the tenant's first key:
  /// an operator's, with which it issues its others.
  @Post
  synchronized HttpResponse<String> register(HttpCaller caller, @Nullable @Body String body) {
    caller.require(Action.OPERATE, new Resource.Tenants());
    ObjectNode request = Bodies.object(body, "tenantId", "displayName");
    TenantId tenant = tenant(Bodies.requiredText(request, "tenantId"));
    if (tenants.names().containsKey(tenant.value())) {
      throw Problem.of(HttpStatus.CONFLICT, "taken", "the tenant " + tenant + " is there already")
          .exception();
    }
    String actor = caller.principal().actor();
    String displayName = Bodies.text(request, "displayName", tenant.value());
    tenants.register(tenant, displayName, actor);
    var issued =
        keys.issue(tenant, actor, "first key of " + tenant, List.of(Scope.parse("operator")), LIFE);
    boolean known = ring.await(issued.key().keyId(), true, VISIBLE);
    return Answers.json(
            known ? HttpStatus.CREATED : HttpStatus.ACCEPTED,
            Answers.object()
                .put("tenantId", tenant.value())
                .put("displayName", displayName)
                .put("keyId", issued.key().keyId())
                .put("key", issued.key().reveal())
                .put("expiresAt", TimeText.of(issued.expiresAt())))
        .header("Cache-Control", "no-store");
  }

  @Get
  HttpResponse<String> list(HttpCaller caller) {
    caller.require(Action.OPERATE, new Resource.Tenants());
    ObjectNode answer = Answers.object();
    ArrayNode list = answer.putArray("tenants");
    tenants
        .names()
        .forEach((id, name) -> list.addObject().put("tenantId", id).put("displayName", name));
    return Answers.json(HttpStatus.OK, answer);
  }

  private static TenantId tenant(String text) {
    try {
      return new TenantId(text);
    } catch (IllegalArgumentException e) {
      throw Bodies.invalid(
          Fault.at("/tenantId", "wrong tenantId", "1 to 40 of a-z, 0-9 and '-'", "'" + text + "'"));
    }
  }
}
