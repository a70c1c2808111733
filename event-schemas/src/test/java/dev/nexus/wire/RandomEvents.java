package dev.nexus.wire;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// Events with values at random, made from their components alone, so that a new event needs no
/// code here.
final class RandomEvents {
  private final Random random;

  RandomEvents(long seed) {
    random = new Random(seed);
  }

  Event<?> next(Class<?> body) {
    return new Event<>((Envelope) make(Envelope.class), make(body));
  }

  private Object make(Class<?> record) {
    RecordComponent[] components = record.getRecordComponents();
    Object[] values = Arrays.stream(components).map(c -> value(c.getType())).toArray();
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

  private Object value(Class<?> type) {
    if (type == String.class) return text();
    if (type == UUID.class) return new UUID(random.nextLong(), random.nextLong());
    if (type == TenantId.class) return new TenantId("t" + random.nextInt(1_000));
    if (type == ExecutionId.class) {
      return new ExecutionId(new UUID(random.nextLong(), random.nextLong()));
    }
    if (type == Json.class) return new Json("{\"a\":" + random.nextInt() + "}");
    if (type.isEnum()) {
      return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
    }
    if (type == long.class) return number() & Long.MAX_VALUE;
    if (type == int.class) return (int) number();
    if (type == double.class) return random.nextGaussian() * Math.pow(10, random.nextInt(20));
    if (type == boolean.class) return random.nextBoolean();
    if (type == Instant.class) return Instant.ofEpochMilli(number());
    if (type == Duration.class) return Duration.ofMillis(number());
    if (type == List.class) return texts();
    if (type == ByteBuffer.class) return bytes();
    return make(type);
  }

  /// Numbers of every size, the odd ones among them often.
  private long number() {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> Long.MAX_VALUE;
      case 3 -> Long.MIN_VALUE;
      default -> random.nextLong() >> random.nextInt(64);
    };
  }

  private String text() {
    return random
        .ints(random.nextInt(20), 1, Character.MAX_CODE_POINT)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      texts.add(text());
    }
    return texts;
  }

  private ByteBuffer bytes() {
    byte[] bytes = new byte[random.nextInt(50)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }
}
