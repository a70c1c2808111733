package dev.nexus.platform.call;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.Position;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.InvokeRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import java.time.Instant;
import java.util.UUID;

/// Requests as events.
public final class RequestEvents {
  private RequestEvents() {}

  /// What a call asks for. Bodies that differ only in white space or order of keys are the same.
  public static InvokeRequested invocation(Call call, ReplyAddress replyTo) {
    return new InvokeRequested(
        call.component(),
        call.definitionDigest(),
        call.input(),
        fingerprint(call.input()),
        call.timeout(),
        replyTo,
        call.origin().road());
  }

  /// The digest that names a payload is the fingerprint of its content.
  private static String fingerprint(Json input) {
    return PayloadReference.in(input)
        .map(PayloadReference::sha256)
        .orElseGet(() -> CanonicalJson.fingerprint(input));
  }

  /// A request to one execution; `appId` "" leaves the application open. It begins a correlation of
  /// its own.
  public static <R extends RequestEvent> Event<R> event(
      UUID eventId, Instant at, Origin origin, String appId, ExecutionId execution, R body) {
    return new Event<>(
        new Envelope(
            eventId,
            at,
            origin.tenant(),
            appId,
            execution.toString(),
            0,
            "",
            eventId.toString(),
            origin.actor(),
            origin.traceparent(),
            Position.NONE),
        body);
  }
}
