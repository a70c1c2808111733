package dev.nexus.command.value;

import dev.nexus.event.Json;
import dev.nexus.event.value.ValueEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What there is under a key.
public sealed interface ValueState {
  /// The version that a change may expect; 0 where there is no value.
  long version();

  /// Bytes that it counts against the limit of its application.
  long bytes();

  /// What is to be seen of it at a time: what has expired is absent from that moment on.
  ValueState at(Instant time);

  record Absent() implements ValueState {
    @Override
    public long version() {
      return 0;
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public ValueState at(Instant time) {
      return this;
    }
  }

  /// @param expiresAt `ValueEvent.NEVER` of what is kept for ever
  record Present(String key, Json content, long version, Instant expiresAt) implements ValueState {
    public boolean expires() {
      return !expiresAt.equals(ValueEvent.NEVER);
    }

    @Override
    public long bytes() {
      return bytes(key, content);
    }

    static long bytes(String key, Json content) {
      return key.length() + (long) content.text().getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public ValueState at(Instant time) {
      return expires() && !time.isBefore(expiresAt) ? new Absent() : this;
    }
  }
}
