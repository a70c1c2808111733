package dev.nexus.event.trace;

import dev.nexus.event.Envelope;
import dev.nexus.event.NameIds;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/// The trace that an execution belongs to: that of its `traceparent`, else one of its own, which it
/// shares with all that the same stimulus caused.
///
/// @param traceId 32 hexadecimal digits
/// @param parentId span of the caller, "" for none
/// @param sampled false where the caller says that the trace is not recorded
public record TraceContext(String traceId, String parentId, boolean sampled) {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
  private static final HexFormat HEX = HexFormat.of();
  private static final int TRACE = 3;
  private static final int PARENT = 36;
  private static final int FLAGS = 53;
  private static final String NO_TRACE = "0".repeat(32);
  private static final String NO_SPAN = "0".repeat(16);

  /// The trace of an execution, by the envelope of any fact or task of it: all have the same
  /// correlation and the same `traceparent`.
  public static TraceContext of(Envelope envelope) {
    String text = validTraceparent(envelope.traceparent());
    if (text.isEmpty() || text.startsWith("ff")) {
      return own(envelope);
    }
    String trace = text.substring(TRACE, TRACE + 32);
    String parent = text.substring(PARENT, PARENT + 16);
    if (trace.equals(NO_TRACE) || parent.equals(NO_SPAN)) {
      return own(envelope);
    }
    int flags = Integer.parseInt(text.substring(FLAGS), 16);
    return new TraceContext(trace, parent, (flags & 1) != 0);
  }

  /// The text when it has the form of a `traceparent`, else "".
  public static String validTraceparent(String text) {
    return TRACEPARENT.matcher(text).matches() ? text : "";
  }

  /// The `traceparent` of what is asked for within one of its spans.
  public String traceparent(String spanId) {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }

  private static TraceContext own(Envelope envelope) {
    UUID id = uuid(envelope.correlationId());
    String high = HEX.toHexDigits(id.getMostSignificantBits());
    String low = HEX.toHexDigits(id.getLeastSignificantBits());
    return new TraceContext(high + low, "", true);
  }

  private static UUID uuid(String correlation) {
    try {
      return UUID.fromString(correlation);
    } catch (IllegalArgumentException _) {
      return NameIds.uuid5("trace", correlation);
    }
  }
}
