package dev.nexus.command.rpc;

import dev.nexus.platform.admission.NoPlaceException;
import dev.nexus.platform.admission.Places;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Principal;
import io.micronaut.http.HttpStatus;
import java.time.Duration;

/// What streams of events may hold of the heap: each so many bytes of events that are not answered,
/// and so many streams that all of them together leave most of it to the rest of the process. A key
/// has its share of them, so that others find a place.
final class StreamRoom {
  /// Of one stream, bytes; more where a single event may be larger than half of it.
  static final long EACH = 4 << 20;

  private static final int PART = 4;
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final long largest;
  private final long each;
  private final Places<PublishStream> places;

  /// @param largest bytes that an event may have
  /// @param most streams at once
  StreamRoom(long largest, int most) {
    this.largest = largest;
    this.each = each(largest);
    this.places =
        new Places<>(
            most,
            most
                + " streams of events are open at this instance or have writes on their way, as"
                + " many as its memory allows: one takes the events of all sources, or try again"
                + " later");
  }

  static StreamRoom ofThisProcess(long largest) {
    long fit = Runtime.getRuntime().maxMemory() / PART / each(largest);
    return new StreamRoom(largest, Math.clamp(fit, 1, Integer.MAX_VALUE));
  }

  /// Two of the largest at least: with room for one, the next event could only be asked for when
  /// the one before is answered, however small they are.
  private static long each(long largest) {
    return Math.max(EACH, 2 * largest);
  }

  /// How many more events a stream may ask for. Nobody knows how large one is before it is here, so
  /// each that was asked for counts as one of the largest.
  ///
  /// @param held bytes of events that are not answered
  /// @param asked events that are not here yet
  long more(long held, int asked) {
    return Math.max(0, each - held - asked * largest) / largest;
  }

  /// Gives a place to a stream, which `leave`s when it has ended and holds no event. Throws a
  /// `ProblemException` with the reason when there is none for its caller.
  void enter(PublishStream stream, Principal caller) {
    try {
      places.take(stream, caller.tenant(), caller.actor());
    } catch (NoPlaceException e) {
      String reason = String.valueOf(e.getMessage());
      throw Problem.of(
              HttpStatus.TOO_MANY_REQUESTS,
              "too-many-streams",
              e.ownShare()
                  ? reason
                      + " at this instance: one takes the events of all sources, and one that was"
                      + " cancelled counts until its writes are answered"
                  : reason)
          .retryAfter(RETRY)
          .exception();
    }
  }

  void leave(PublishStream stream) {
    places.leave(stream);
  }
}
