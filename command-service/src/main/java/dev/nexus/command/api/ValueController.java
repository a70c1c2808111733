package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.nexus.event.Json;
import dev.nexus.event.TimeText;
import dev.nexus.event.value.ValueLimits;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.RuntimeValues;
import dev.nexus.platform.call.RuntimeValues.Changed;
import dev.nexus.platform.call.RuntimeValues.Listed;
import dev.nexus.platform.call.RuntimeValues.Page;
import dev.nexus.platform.call.RuntimeValues.Terms;
import dev.nexus.platform.call.RuntimeValues.Value;
import dev.nexus.platform.call.RuntimeValues.ValueName;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.QueryParameters;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Put;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runtime values of an application. A body is the value itself, so that numbers keep all their
/// digits; when a change is made, and for how long, stands in the query.
@Controller("/v1/apps/{app}/values")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ValueController {
  static final int PAGE = 100;

  private final RuntimeValues values;
  private final Invocations invocations;
  private final Admission admission;

  public ValueController(RuntimeValues values, Invocations invocations, Admission admission) {
    this.values = values;
    this.invocations = invocations;
    this.admission = admission;
  }

  @Get
  HttpResponse<String> list(
      HttpCaller caller,
      String app,
      @QueryValue Optional<String> prefix,
      @QueryValue Optional<String> afterKey,
      @QueryValue Optional<String> limit) {
    Origin origin = reading(caller, app);
    int most = QueryParameters.limit(limit, PAGE, ValueLimits.LARGEST_PAGE);
    Page page = values.list(origin, app, prefix.orElse(""), afterKey.orElse(""), most);
    ObjectNode answer = Answers.object();
    ArrayNode shown = answer.putArray("values");
    for (Listed each : page.values()) {
      ObjectNode one = shown.addObject().put("key", each.key()).put("version", each.version());
      expiry(one, each.expiresAt());
    }
    return Answers.json(HttpStatus.OK, answer.put("more", page.more()));
  }

  @Get("/{key}")
  HttpResponse<String> find(HttpCaller caller, String app, String key) {
    Origin origin = reading(caller, app);
    Value value =
        values
            .get(new ValueName(origin, app, key))
            .orElseThrow(
                () ->
                    Problem.of(
                            HttpStatus.NOT_FOUND,
                            "unknown-value",
                            "application '" + app + "' has no value '" + key + "'")
                        .exception());
    return shown(HttpStatus.OK, key, value.content(), value.version(), value.expiresAt());
  }

  /// The body is the value, any JSON.
  @Put("/{key}")
  HttpResponse<String> set(
      HttpCaller caller,
      HttpRequest<?> request,
      String app,
      String key,
      @QueryValue Optional<String> ttl,
      @QueryValue Optional<String> expectedVersion,
      @Nullable @Body String body) {
    Origin origin = changing(caller, app, trace(request));
    Bodies.json(body);
    Json content = new Json(body == null ? "" : body.strip());
    Changed changed =
        values.set(name(origin, request, app, key), content, terms(ttl, expectedVersion));
    ObjectNode answer = Answers.object().put("key", key).put("version", changed.version());
    return Answers.json(HttpStatus.OK, expiry(answer, changed.expiresAt()));
  }

  /// `{"by": 1}`, which may be left out.
  @Post("/{key}/increment")
  HttpResponse<String> increment(
      HttpCaller caller,
      HttpRequest<?> request,
      String app,
      String key,
      @QueryValue Optional<String> ttl,
      @QueryValue Optional<String> expectedVersion,
      @Nullable @Body String body) {
    Origin origin = changing(caller, app, trace(request));
    long by = by(Bodies.object(body == null || body.isBlank() ? "{}" : body, "by"));
    Changed changed =
        values.increment(name(origin, request, app, key), by, terms(ttl, expectedVersion));
    return shown(HttpStatus.OK, key, changed.content(), changed.version(), changed.expiresAt());
  }

  @Delete("/{key}")
  HttpResponse<String> delete(
      HttpCaller caller,
      HttpRequest<?> request,
      String app,
      String key,
      @QueryValue Optional<String> expectedVersion) {
    Origin origin = changing(caller, app, trace(request));
    boolean deleted = values.delete(name(origin, request, app, key), version(expectedVersion));
    return Answers.json(HttpStatus.OK, Answers.object().put("key", key).put("deleted", deleted));
  }

  /// Who may change values may read them: whoever runs components reads what they say of them.
  private Origin reading(HttpCaller caller, String app) {
    caller.requireEither(Action.READ, Action.INVOKE, Resource.app(app));
    return counted(caller, app, "");
  }

  private Origin changing(HttpCaller caller, String app, String trace) {
    caller.require(Action.INVOKE, Resource.app(app));
    return counted(caller, app, trace);
  }

  /// Who may not has heard so by now, whether the application exists or not.
  private Origin counted(HttpCaller caller, String app, String trace) {
    invocations.current(caller, app);
    admission.count(caller.principal().tenant(), caller.principal().actor(), 1);
    return Origin.of(caller.principal(), Invocations.ROAD, trace);
  }

  private static String trace(HttpRequest<?> request) {
    return request.getHeaders().getFirst("traceparent", String.class).orElse("");
  }

  private static ValueName name(Origin origin, HttpRequest<?> request, String app, String key) {
    return new ValueName(
        origin, app, key, request.getHeaders().getFirst("Idempotency-Key", String.class));
  }

  private static Terms terms(Optional<String> ttl, Optional<String> expectedVersion) {
    Duration kept = Bodies.duration("ttl", ttl, ValueLimits.LONGEST_TTL, Duration.ZERO);
    if (ttl.isPresent() && kept.isZero()) {
      throw QueryParameters.invalid(
          "ttl", "a duration from 1s to 365d; without one a value is kept for ever", ttl.get());
    }
    return new Terms(kept, version(expectedVersion));
  }

  private static long version(Optional<String> expected) {
    if (expected.isPresent() && !expected.get().matches("\\d{1,18}")) {
      throw QueryParameters.invalid(
          "expectedVersion", "a version, or 0 where there is to be none", expected.get());
    }
    return expected.map(Long::valueOf).orElse(ValueRequestEvent.ANY_VERSION);
  }

  private static long by(ObjectNode body) {
    JsonNode by = body.path("by");
    if (by.isMissingNode()) {
      return 1;
    }
    if (!by.isIntegralNumber() || !by.canConvertToLong()) {
      throw Bodies.invalid(Fault.at("/by", "wrong by", "a whole number of 64 bits", by.toString()));
    }
    return by.asLong();
  }

  private static HttpResponse<String> shown(
      HttpStatus status, String key, Json content, long version, Optional<Instant> expiresAt) {
    ObjectNode answer = Answers.object().put("key", key);
    answer.putRawValue("value", new RawValue(content.text()));
    return Answers.json(status, expiry(answer.put("version", version), expiresAt));
  }

  private static ObjectNode expiry(ObjectNode to, Optional<Instant> expiresAt) {
    expiresAt.ifPresent(at -> to.put("expiresAt", TimeText.of(at)));
    return to;
  }
}
