package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.TimeText;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.ApiKeys.NewKey;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.KeyRing.IssuedKey;
import dev.nexus.platform.security.Resource;
import dev.nexus.platform.security.Scope;
import dev.nexus.platform.stream.NotReadInTimeException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keys of the caller's tenant, for operators.
@Controller("/v1/keys")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class KeyController {
  private static final Duration LIFE = Duration.ofDays(90);
  private static final Duration LONGEST_LIFE = Duration.ofDays(3_650);
  private static final Duration VISIBLE = Duration.ofSeconds(10);

  /// Longest wait for the log to say which applications there are now.
  private static final Duration TOLD = Duration.ofSeconds(2);

  private final ApiKeys keys;
  private final KeyRing ring;
  private final DefinitionCatalog catalog;
  private final Duration visible;
  private final Duration told;

  @Inject
  public KeyController(ApiKeys keys, KeyRing ring, DefinitionCatalog catalog) {
    this(keys, ring, catalog, VISIBLE, TOLD);
  }

  /// @param visible how long a change is awaited to be seen here
  /// @param told how long the log is awaited to say which applications there are
  KeyController(
      ApiKeys keys, KeyRing ring, DefinitionCatalog catalog, Duration visible, Duration told) {
    this.keys = keys;
    this.ring = ring;
    this.catalog = catalog;
    this.visible = visible;
    this.told = told;
  }

  /// `{"description": …, "scopes": ["app:orders:invoke"], "expiresIn": "90d"}`. The answer is the
  /// only place the key itself is ever shown. 202 when it is on the log and this instance does not
  /// know it yet.
  @Post
  HttpResponse<String> issue(HttpCaller caller, @Nullable @Body String body) {
    caller.require(Action.OPERATE, new Resource.Installation());
    ObjectNode request = Bodies.object(body, "description", "scopes", "expiresIn");
    String description = Bodies.text(request, "description", "");
    Duration life = Bodies.duration(request, "expiresIn", LONGEST_LIFE, LIFE);
    if (!life.isPositive()) {
      throw Bodies.invalid(Fault.at("/expiresIn", "wrong expiresIn", "some time", "none"));
    }
    TenantId tenant = caller.principal().tenant();
    List<Scope> scopes = scopes(request);
    // Before there is a key: it is shown once, so nothing that may fail comes after it.
    List<String> remarks = remarks(tenant, scopes);
    NewKey key = keys.issue(tenant, caller.principal().actor(), description, scopes, life);
    boolean known = ring.await(key.key().keyId(), true, visible);
    ObjectNode answer =
        Answers.object()
            .put("keyId", key.key().keyId())
            .put("key", key.key().reveal())
            .put("description", description)
            .put("expiresAt", TimeText.of(key.expiresAt()));
    show(answer.putArray("scopes"), key.scopes());
    if (!remarks.isEmpty()) {
      remarks.forEach(answer.putArray("remarks")::add);
    }
    return Answers.json(known ? HttpStatus.CREATED : HttpStatus.ACCEPTED, answer)
        .header("Cache-Control", "no-store");
  }

  @Get
  HttpResponse<String> list(HttpCaller caller) {
    caller.require(Action.OPERATE, new Resource.Installation());
    ObjectNode answer = Answers.object();
    ArrayNode list = answer.putArray("keys");
    for (IssuedKey key : ring.keys(caller.principal().tenant())) {
      ObjectNode shown =
          list.addObject()
              .put("keyId", key.keyId())
              .put("description", key.description())
              .put("issuedAt", TimeText.of(key.issuedAt()))
              .put("expiresAt", TimeText.of(key.expiresAt()));
      show(shown.putArray("scopes"), key.scopes());
    }
    return Answers.json(HttpStatus.OK, answer);
  }

  /// 204 when no call here passes with the key any more; 202 when the log says so and this instance
  /// has not heard it yet.
  @Delete("/{keyId}")
  HttpResponse<?> revoke(HttpCaller caller, String keyId) {
    caller.require(Action.OPERATE, new Resource.Installation());
    TenantId tenant = caller.principal().tenant();
    if (ring.key(tenant, keyId).isEmpty()) {
      throw Problem.unknown("key", keyId, ring.keys(tenant).stream().map(IssuedKey::keyId).toList())
          .exception();
    }
    keys.revoke(tenant, caller.principal().actor(), keyId);
    return ring.await(keyId, false, visible)
        ? HttpResponse.noContent()
        : Answers.json(
            HttpStatus.ACCEPTED, Answers.object().put("keyId", keyId).put("status", "revoking"));
  }

  /// Scopes on applications that there are not. It is no fault: a key may come before what it is
  /// for. One that was applied at another instance a moment ago is not known here yet, so the log
  /// is asked first; where it does not say it in time, so much is not said of it either.
  private List<String> remarks(TenantId tenant, List<Scope> scopes) {
    List<Scope.OnApplication> named =
        scopes.stream()
            .filter(Scope.OnApplication.class::isInstance)
            .map(Scope.OnApplication.class::cast)
            .filter(scope -> !scope.appId().equals("*"))
            .toList();
    List<String> before = catalog.applications(tenant);
    if (named.stream().allMatch(scope -> before.contains(scope.appId()))) {
      return List.of();
    }
    boolean current = awaitCurrent();
    List<String> apps = catalog.applications(tenant);
    return named.stream()
        .filter(scope -> !apps.contains(scope.appId()))
        .map(scope -> remark(scope, current, apps))
        .toList();
  }

  /// Whether all applications that there are now are known here.
  private boolean awaitCurrent() {
    try {
      catalog.awaitCurrent(told);
      return true;
    } catch (NotReadInTimeException e) {
      return false;
    }
  }

  private static String remark(Scope.OnApplication scope, boolean current, List<String> apps) {
    return "scope "
        + scope
        + (current ? ": there is no application '" : ": this instance knows no application '")
        + scope.appId()
        + "' yet"
        + NearestNames.advice(NearestNames.of(scope.appId(), apps));
  }

  private static void show(ArrayNode array, List<Scope> scopes) {
    scopes.forEach(scope -> array.add(scope.toString()));
  }

  private static List<Scope> scopes(ObjectNode request) {
    JsonNode field = request.path("scopes");
    if (!field.isArray() || field.isEmpty()) {
      throw Bodies.invalid(
          Fault.at(
              "/scopes",
              "wrong scopes",
              "a list such as [\"app:orders:invoke\"]",
              field.isMissingNode() ? "nothing" : field.toString()));
    }
    List<Scope> scopes = new ArrayList<>();
    for (int i = 0; i < field.size(); i++) {
      try {
        scopes.add(Scope.parse(field.get(i).asText()));
      } catch (IllegalArgumentException e) {
        throw Bodies.invalid(Fault.at("/scopes/" + i, "wrong scope: " + e.getMessage(), "", ""));
      }
    }
    return scopes;
  }
}
