package dev.nexus.projector.query;

import dev.nexus.platform.admission.NoPlaceException;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.live.Listener;
import dev.nexus.projector.live.LiveFact;
import dev.nexus.projector.live.LiveFeed;
import dev.nexus.projector.live.LiveFilter;
import dev.nexus.projector.live.StreamPosition;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.sse.Event;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;

/// Facts as they are written, as server-sent events. The id of each is a position: a client that
/// comes back with `Last-Event-ID` hears what it missed.
@Controller("/v1/stream")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class StreamController {
  private final LiveFeed feed;
  private final KeyRing keys;
  private final KnownNames names;

  public StreamController(LiveFeed feed, KeyRing keys, KnownNames names) {
    this.feed = feed;
    this.keys = keys;
    this.names = names;
  }

  @Get
  @Produces(MediaType.TEXT_EVENT_STREAM)
  Publisher<Event<String>> stream(
      HttpCaller caller,
      @QueryValue Optional<String> app,
      @QueryValue Optional<String> component,
      @QueryValue Optional<String> type,
      @Header("Last-Event-ID") Optional<String> lastEventId) {
    app.ifPresent(id -> caller.require(Action.READ, Resource.app(id)));
    if (app.isEmpty()) {
      caller.require(Action.READ, new Resource.AllApplications());
    }
    Set<String> types =
        type.map(named -> Set.copyOf(Arrays.asList(named.split(",")))).orElse(Set.of());
    requireKnown(types);
    // So would facts of an application or a component that never was.
    if (app.isPresent() || component.isPresent()) {
      names.require(caller, app, component);
    }
    LiveFilter filter =
        new LiveFilter(
            caller.principal().tenant(),
            app.orElse(""),
            component.orElse(""),
            types,
            id -> caller.may(Action.READ, Resource.app(id)));
    Principal principal = caller.principal();
    return new FactPublisher(
        listen(principal.actor(), filter, lastEventId.map(StreamController::position)),
        () -> keys.holds(principal));
  }

  /// A type that no fact has would be waited for for ever.
  private static void requireKnown(Set<String> types) {
    for (String type : types) {
      if (!LiveFact.TYPES.contains(type)) {
        List<String> nearest = NearestNames.of(type, LiveFact.TYPES);
        throw Problems.invalid(
            "type",
            "types of facts"
                + (nearest.isEmpty()
                    ? ": " + LiveFact.TYPES.stream().sorted().collect(Collectors.joining(", "))
                    : " such as " + String.join(" or ", nearest)),
            type);
      }
    }
  }

  private Listener listen(String keyId, LiveFilter filter, Optional<StreamPosition> from) {
    try {
      return feed.listen(keyId, filter, from);
    } catch (NoPlaceException e) {
      String reason = String.valueOf(e.getMessage());
      throw e.ownShare()
          ? Problem.of(
                  HttpStatus.TOO_MANY_REQUESTS,
                  "too-many-streams",
                  reason + " at this instance: close one that is not needed")
              .exception()
          : Problem.of(HttpStatus.SERVICE_UNAVAILABLE, "too-many-listeners", reason).exception();
    }
  }

  private static StreamPosition position(String id) {
    try {
      return StreamPosition.parse(id);
    } catch (IllegalArgumentException e) {
      throw Problems.invalid("Last-Event-ID", "the id of an event of this stream", id);
    }
  }
}
