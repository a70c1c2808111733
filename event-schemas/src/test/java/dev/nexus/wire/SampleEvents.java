package dev.nexus.wire;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.TenantId;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/// One sample of every event, made from its components alone, so that a new event needs no code
/// here.
final class SampleEvents {
  private SampleEvents() {}

  static Event<?> of(Class<?> body) {
    return new Event<>((Envelope) make(Envelope.class), make(body));
  }

  private static Object make(Class<?> record) {
    RecordComponent[] components = record.getRecordComponents();
    Object[] values = Arrays.stream(components).map(c -> value(c.getType(), c.getName())).toArray();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = record.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object value(Class<?> type, String name) {
    if (type == String.class) return "a " + name;
    if (type == UUID.class) return NameIds.uuid5("sample", name);
    if (type == TenantId.class) return TenantId.DEFAULT;
    if (type == ExecutionId.class) return new ExecutionId(NameIds.uuid5("sample", name));
    if (type == Json.class) return new Json("{\"" + name + "\":[1,2.5,null]}");
    if (type.isEnum()) return type.getEnumConstants()[0];
    if (type == long.class) return 4_000_000_000L + name.length();
    if (type == int.class) return 70 + name.length();
    if (type == double.class) return 0.5 + name.length();
    if (type == boolean.class) return true;
    if (type == Instant.class) return Instant.ofEpochMilli(1_700_000_000_000L + name.length());
    if (type == Duration.class) return Duration.ofMillis(1500 + name.length());
    if (type == List.class) return List.of("first " + name, "second");
    if (type == ByteBuffer.class) return ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
    return make(type);
  }
}
