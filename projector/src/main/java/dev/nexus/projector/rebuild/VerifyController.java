package dev.nexus.projector.rebuild;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.RedisAddress;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.sse.Event;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.reactivestreams.Publisher;

/// Compares what Redis holds with the log. What it finds is of all tenants, so only operators who
/// look after tenants may ask. The work ends when the caller goes away.
@Controller("/v1/projections/verify")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class VerifyController {
  private final Verifier verifier;
  private final String redis;

  public VerifyController(Verifier verifier, Settings settings) {
    this.verifier = verifier;
    this.redis = RedisAddress.shown(settings.text(Setting.REDIS_URL));
  }

  /// Events: `progress` now and then, at the end `done` with the outcome or `failed` with a reason.
  /// Of a Redis that does not answer the outcome says what was not compared, and why.
  @Get
  @Produces(MediaType.TEXT_EVENT_STREAM)
  Publisher<Event<String>> verify(HttpCaller caller, @QueryValue Optional<String> projections) {
    caller.require(Action.OPERATE, new Resource.Tenants());
    return new VerificationPublisher(verifier, named(projections, verifier.names()), redis);
  }

  /// Names of projections, separated by commas; empty for all.
  static Set<String> named(Optional<String> projections, List<String> known) {
    Set<String> names = new TreeSet<>();
    projections
        .filter(text -> !text.isBlank())
        .map(text -> List.of(text.split(",", -1)))
        .orElse(List.of())
        .forEach(
            name -> {
              if (!known.contains(name.strip())) {
                throw Problem.unknown("projection", name.strip(), known).exception();
              }
              names.add(name.strip());
            });
    return names;
  }
}
