package dev.nexus.projector.trace;

import dev.nexus.event.Envelope;
import dev.nexus.event.NameIds;
import dev.nexus.platform.call.Origin;
import java.util.HexFormat;
import java.util.UUID;

/// The trace that an execution belongs to: that of its `traceparent`, else one of its own, which it
/// shares with all that the same stimulus caused.
///
/// @param traceId 32 hexadecimal digits
/// @param parentId span of the caller, "" for none
/// @param sampled false where the caller says that the trace is not recorded
record TraceContext(String traceId, String parentId, boolean sampled) {
  private static final HexFormat HEX = HexFormat.of();
  private static final int TRACE = 3;
  private static final int PARENT = 36;
  private static final int FLAGS = 53;
  private static final String NO_TRACE = "0".repeat(32);
  private static final String NO_SPAN = "0".repeat(16);

  static TraceContext of(Envelope first) {
    String text = Origin.validTrace(first.traceparent());
    if (text.isEmpty() || text.startsWith("ff")) {
      return own(first);
    }
    String trace = text.substring(TRACE, TRACE + 32);
    String parent = text.substring(PARENT, PARENT + 16);
    if (trace.equals(NO_TRACE) || parent.equals(NO_SPAN)) {
      return own(first);
    }
    int flags = Integer.parseInt(text.substring(FLAGS), 16);
    return new TraceContext(trace, parent, (flags & 1) != 0);
  }

  private static TraceContext own(Envelope first) {
    UUID id = uuid(first.correlationId());
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

  /// Id of the span that these parts name: the same parts always give the same id.
  static String spanId(String... parts) {
    return HEX.toHexDigits(NameIds.uuid5(parts).getMostSignificantBits());
  }
}
