package dev.nexus.projector.trace;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A span as a receiver of traces is told of it. It is made of facts alone, so making it again
/// gives the same.
///
/// @param traceId 32 hexadecimal digits
/// @param spanId 16 hexadecimal digits
/// @param parentId 16 hexadecimal digits, or ""
/// @param attributes texts and whole numbers (`Long`)
/// @param failure what went wrong, "" for nothing
record Span(
    Source source,
    String traceId,
    String spanId,
    String parentId,
    String name,
    Kind kind,
    Instant begin,
    Instant end,
    Map<String, Object> attributes,
    String failure) {

  Span {
    // A clock of another host may be behind; a span that ends before it begins is refused.
    end = end.isBefore(begin) ? begin : end;
    attributes = Collections.unmodifiableMap(attributes);
  }

  /// Who did what the span is about.
  ///
  /// @param instance of the service, "" where the facts do not say
  record Source(String service, String instance) {}

  /// Numbers of OTLP.
  enum Kind {
    INTERNAL(1),
    SERVER(2),
    CLIENT(3),
    CONSUMER(5);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  /// Attributes in the order in which they are added; what is empty is left out.
  static final class Attributes {
    private final Map<String, Object> values = new LinkedHashMap<>();

    Attributes with(String name, String value) {
      if (!value.isEmpty()) {
        values.put(name, value);
      }
      return this;
    }

    Attributes with(String name, long value) {
      values.put(name, value);
      return this;
    }

    Map<String, Object> values() {
      return values;
    }
  }
}
