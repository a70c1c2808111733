package dev.nexus.projector.trace;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.nexus.event.Excerpt;
import dev.nexus.projector.trace.Span.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Spans as the request of OTLP that brings them, `ExportTraceServiceRequest` in binary protobuf.
/// Numbers of fields are those of `opentelemetry/proto/trace/v1/trace.proto`.
final class OtlpRequest {
  private static final long NANOS = 1_000_000_000L;

  /// What a time of 64 bits can say: the year 2255.
  private static final long LAST_SECOND = 9_000_000_000L;

  /// W3C trace flags: it is recorded.
  private static final int SAMPLED = 1;

  private static final int ERROR = 2;

  /// Characters of a text; those of outside events may be of any length.
  private static final int TEXT_AT_MOST = 1_000;

  private OtlpRequest() {}

  /// Writes the fields of a message.
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  static byte[] of(List<Span> spans) {
    Map<Source, List<Span>> bySource =
        spans.stream()
            .collect(Collectors.groupingBy(Span::source, LinkedHashMap::new, Collectors.toList()));
    return message(
            out -> {
              for (var source : bySource.entrySet()) {
                out.writeBytes(1, ofSource(source.getKey(), source.getValue()));
              }
            })
        .toByteArray();
  }

  private static ByteString ofSource(Source source, List<Span> spans) {
    ByteString resource =
        message(
            out -> {
              out.writeBytes(1, attribute(SpanNames.SERVICE_NAME, source.service()));
              out.writeBytes(1, attribute(SpanNames.SERVICE_NAMESPACE, "nexus"));
              if (!source.instance().isEmpty()) {
                out.writeBytes(1, attribute(SpanNames.SERVICE_INSTANCE, source.instance()));
              }
            });
    ByteString scope =
        message(
            out -> {
              out.writeBytes(1, message(name -> name.writeString(1, "nexus")));
              for (Span span : spans) {
                out.writeBytes(2, ofSpan(span));
              }
            });
    return message(
        out -> {
          out.writeBytes(1, resource);
          out.writeBytes(2, scope);
        });
  }

  private static ByteString ofSpan(Span span) {
    return message(
        out -> {
          out.writeBytes(1, bytes(span.traceId()));
          out.writeBytes(2, bytes(span.spanId()));
          if (!span.parentId().isEmpty()) {
            out.writeBytes(4, bytes(span.parentId()));
          }
          out.writeString(5, cut(span.name()));
          out.writeEnum(6, span.kind().number());
          out.writeFixed64(7, nanos(span.begin()));
          out.writeFixed64(8, nanos(span.end()));
          for (var attribute : span.attributes().entrySet()) {
            out.writeBytes(9, attribute(attribute.getKey(), attribute.getValue()));
          }
          if (!span.failure().isEmpty()) {
            out.writeBytes(15, failed(span.failure()));
          }
          out.writeFixed32(16, SAMPLED);
        });
  }

  private static ByteString failed(String failure) {
    return message(
        out -> {
          out.writeString(2, cut(failure));
          out.writeEnum(3, ERROR);
        });
  }

  private static ByteString attribute(String name, Object value) {
    ByteString any =
        message(
            out -> {
              if (value instanceof Long number) {
                out.writeInt64(3, number);
              } else {
                out.writeString(1, cut(value.toString()));
              }
            });
    return message(
        out -> {
          out.writeString(1, name);
          out.writeBytes(2, any);
        });
  }

  static String cut(String text) {
    return Excerpt.beginning(text, TEXT_AT_MOST);
  }

  /// What the clock of a host says may be any time; one without a number here is the nearest that
  /// has one.
  private static long nanos(Instant at) {
    long seconds = Math.clamp(at.getEpochSecond(), 0, LAST_SECOND);
    return seconds * NANOS + at.getNano();
  }

  private static ByteString bytes(String hexadecimal) {
    return ByteString.fromHex(hexadecimal);
  }

  private static ByteString message(Fields fields) {
    ByteString.Output bytes = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteString();
  }
}
