package dev.nexus.command.value;

import dev.nexus.command.value.ValueDecision.Accepted;
import dev.nexus.command.value.ValueDecision.Answered;
import dev.nexus.command.value.ValueDecision.Refused;
import dev.nexus.command.value.ValueState.Absent;
import dev.nexus.command.value.ValueState.Present;
import dev.nexus.event.Excerpt;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueEvent.ValueDeleted;
import dev.nexus.event.value.ValueEvent.ValueIncremented;
import dev.nexus.event.value.ValueEvent.ValueSet;
import dev.nexus.event.value.ValueLimits;
import dev.nexus.event.value.ValueRefusal;
import dev.nexus.event.value.ValueReplyEvent.AbsentReplied;
import dev.nexus.event.value.ValueReplyEvent.FoundReplied;
import dev.nexus.event.value.ValueReplyEvent.RefusedReplied;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.event.value.ValueRequestEvent.DeleteRequested;
import dev.nexus.event.value.ValueRequestEvent.GetRequested;
import dev.nexus.event.value.ValueRequestEvent.IncrementRequested;
import dev.nexus.event.value.ValueRequestEvent.ListRequested;
import dev.nexus.event.value.ValueRequestEvent.SetRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Decides about one key. What a request finds, and when, comes with it, so the same requests have
/// the same answers whoever decides on them and however often.
public final class ValueDecider {
  /// A JSON number that is whole as it stands there: 5, not 5.0 or 5e0.
  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,18})");

  private static final int SHOWN = 60;

  private ValueDecider() {}

  /// What a request meets.
  ///
  /// @param state under the key, as the fold has it
  /// @param before what this very request was answered, when it was applied already
  /// @param place of the request in its partition, which grows: versions come of it, so that a key
  ///     never has one twice though nothing be left of its past
  public record Occasion(
      ValueState state, Room room, Optional<Recorded> before, long place, Instant at) {}

  public static ValueDecision decide(ValueRequestEvent request, Occasion on) {
    ValueState state = on.state().at(on.at());
    return switch (request) {
      case GetRequested get ->
          guarded(get, ValueLimits.faultOfKey(get.valueKey()), () -> read(get, state));
      case SetRequested set -> guarded(set, fault(set), () -> change(set, state, on));
      case IncrementRequested increment ->
          guarded(increment, fault(increment), () -> change(increment, state, on));
      case DeleteRequested delete ->
          guarded(delete, fault(delete), () -> change(delete, state, on));
      case ListRequested list ->
          refused(list, ValueRefusal.INVALID, "a list is no request about one key", 0, 0);
    };
  }

  /// What a request asks for, as a digest: only the same may be asked under the same id.
  public static String digest(ValueRequestEvent request) {
    return switch (request) {
      case SetRequested(var key, var content, var ttl, var expected, _) ->
          digest("set", key, content.text(), ttl.toMillis(), expected);
      case IncrementRequested(var key, var by, var ttl, var expected, _) ->
          digest("increment", key, Long.toString(by), ttl.toMillis(), expected);
      case DeleteRequested(var key, var expected, _) -> digest("delete", key, "", 0, expected);
      case GetRequested _, ListRequested _ -> "";
    };
  }

  private static String digest(String what, String key, String content, long ttl, long expected) {
    return NameIds.uuid5(what, key, content, Long.toString(ttl), Long.toString(expected))
        .toString();
  }

  private static ValueDecision guarded(
      ValueRequestEvent request, Optional<String> fault, Supplier<ValueDecision> otherwise) {
    return fault.isPresent()
        ? refused(request, ValueRefusal.INVALID, fault.get(), 0, 0)
        : otherwise.get();
  }

  /// Edges say the same before; a record that no edge of ours wrote is refused here.
  private static Optional<String> fault(SetRequested set) {
    return first(
        ValueLimits.faultOfKey(set.valueKey()),
        ValueLimits.faultOfContent(set.content().text()),
        ValueLimits.faultOfTtl(set.ttl()),
        ValueLimits.faultOfVersion(set.expectedVersion()));
  }

  private static Optional<String> fault(IncrementRequested increment) {
    return first(
        ValueLimits.faultOfKey(increment.valueKey()),
        ValueLimits.faultOfTtl(increment.ttl()),
        ValueLimits.faultOfVersion(increment.expectedVersion()));
  }

  private static Optional<String> fault(DeleteRequested delete) {
    return first(
        ValueLimits.faultOfKey(delete.valueKey()),
        ValueLimits.faultOfVersion(delete.expectedVersion()));
  }

  @SafeVarargs
  private static Optional<String> first(Optional<String>... faults) {
    return Stream.of(faults).flatMap(Optional::stream).findFirst();
  }

  private static ValueDecision read(GetRequested get, ValueState state) {
    String instance = get.replyTo().replyInstance();
    return switch (state) {
      case Present(_, var content, var version, var expiresAt) ->
          new Answered(new FoundReplied(instance, content, version, expiresAt));
      case Absent _ -> new Answered(new AbsentReplied(instance));
    };
  }

  private static ValueDecision change(SetRequested set, ValueState state, Occasion on) {
    return answeredOr(
        set,
        set.expectedVersion(),
        state,
        on,
        () ->
            fitting(
                set,
                state,
                on,
                new ValueSet(
                    set.valueKey(),
                    set.content(),
                    version(state, on),
                    expiry(set.ttl(), on),
                    digest(set)),
                Present.bytes(set.valueKey(), set.content())));
  }

  private static ValueDecision change(IncrementRequested request, ValueState state, Occasion on) {
    return answeredOr(
        request, request.expectedVersion(), state, on, () -> incremented(request, state, on));
  }

  private static ValueDecision incremented(
      IncrementRequested request, ValueState state, Occasion on) {
    long sum;
    Instant expiresAt;
    switch (state) {
      case Absent _ -> {
        sum = request.increment();
        expiresAt = expiry(request.ttl(), on);
      }
      case Present(_, var content, var version, var kept) -> {
        Optional<Long> number = whole(content.text());
        if (number.isEmpty()) {
          return refused(
              request,
              ValueRefusal.NO_WHOLE_NUMBER,
              "a whole number of 64 bits is incremented, found "
                  + Excerpt.of(content.text(), SHOWN)
                  + " under "
                  + request.valueKey(),
              request.expectedVersion(),
              version);
        }
        try {
          sum = Math.addExact(number.get(), request.increment());
        } catch (ArithmeticException e) {
          return refused(
              request,
              ValueRefusal.OUT_OF_RANGE,
              "%d and %d are more than a whole number of 64 bits holds, under %s"
                  .formatted(number.get(), request.increment(), request.valueKey()),
              request.expectedVersion(),
              version);
        }
        expiresAt = kept;
      }
    }
    Json content = new Json(Long.toString(sum));
    return fitting(
        request,
        state,
        on,
        new ValueIncremented(
            request.valueKey(),
            content,
            request.increment(),
            version(state, on),
            expiresAt,
            digest(request)),
        Present.bytes(request.valueKey(), content));
  }

  private static ValueDecision change(DeleteRequested delete, ValueState state, Occasion on) {
    return answeredOr(
        delete,
        delete.expectedVersion(),
        state,
        on,
        () ->
            switch (state) {
              case Absent _ -> new Answered(new AbsentReplied(delete.replyTo().replyInstance()));
              case Present _ ->
                  new Accepted(
                      new ValueDeleted(delete.valueKey(), version(state, on), digest(delete)));
            });
  }

  /// What was applied is answered again, whatever the value is by now; else the version must fit.
  private static ValueDecision answeredOr(
      ValueRequestEvent request,
      long expected,
      ValueState state,
      Occasion on,
      Supplier<ValueDecision> otherwise) {
    if (on.before().isPresent()) {
      Recorded recorded = on.before().get();
      return recorded.requestDigest().equals(digest(request))
          ? new Answered(recorded.reply(request.replyTo().replyInstance()))
          : refused(
              request,
              ValueRefusal.REQUEST_REUSED,
              "this idempotency key was used for another change: take a new one",
              expected,
              state.version());
    }
    if (expected != ValueRequestEvent.ANY_VERSION && expected != state.version()) {
      return refused(
          request,
          ValueRefusal.VERSION_CONFLICT,
          "expected " + said(expected) + ", found " + said(state.version()),
          expected,
          state.version());
    }
    return otherwise.get();
  }

  private static String said(long version) {
    return version == ValueRequestEvent.ABSENT ? "no value" : "version " + version;
  }

  private static ValueDecision fitting(
      ValueRequestEvent request, ValueState state, Occasion on, ValueEvent fact, long bytes) {
    Optional<String> fault = on.room().faultOf(state, bytes);
    return fault.isPresent()
        ? refused(request, ValueRefusal.NO_ROOM, fault.get(), 0, state.version())
        : new Accepted(fact);
  }

  private static long version(ValueState state, Occasion on) {
    return Math.max(on.state().version(), Math.max(state.version(), on.place())) + 1;
  }

  private static Instant expiry(Duration ttl, Occasion on) {
    return ttl.isZero() ? ValueEvent.NEVER : on.at().plus(ttl);
  }

  private static Optional<Long> whole(String json) {
    try {
      return WHOLE.matcher(json).matches() ? Optional.of(Long.valueOf(json)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty(); // nineteen digits may be more than fit
    }
  }

  private static Refused refused(
      ValueRequestEvent request, ValueRefusal why, String detail, long expected, long found) {
    return new Refused(
        new RefusedReplied(request.replyTo().replyInstance(), why.word(), detail, expected, found));
  }
}
