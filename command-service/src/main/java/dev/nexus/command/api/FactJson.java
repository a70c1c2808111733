package dev.nexus.command.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.TimeText;
import dev.nexus.event.execution.ExecutionEvent;
import java.io.IOException;
import java.time.Instant;

/// Facts as clients see them.
final class FactJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(
              new SimpleModule()
                  .addSerializer(Json.class, new AsIs())
                  .addSerializer(Instant.class, new Times()))
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  private FactJson() {}

  private record Fact(long sequence, String type, Instant occurredAt, ExecutionEvent body) {}

  static String type(Event<ExecutionEvent> fact) {
    return fact.body().getClass().getSimpleName();
  }

  static String write(Event<ExecutionEvent> fact) {
    try {
      return MAPPER.writeValueAsString(
          new Fact(
              fact.envelope().sequence(), type(fact), fact.envelope().occurredAt(), fact.body()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a fact can always be written", e);
    }
  }

  private static final class Times extends JsonSerializer<Instant> {
    @Override
    public void serialize(Instant at, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(TimeText.of(at));
    }
  }

  /// JSON that travels as text is JSON again.
  private static final class AsIs extends JsonSerializer<Json> {
    @Override
    public void serialize(Json json, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeRawValue(json.text());
    }
  }
}
