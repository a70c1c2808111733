package dev.nexus.platform.call;

import dev.nexus.event.Json;
import dev.nexus.event.value.ValueRequestEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Values that applications keep between executions, by key. Every request is decided by the one
/// owner of the application's values: whoever got an answer reads what it says, from every
/// instance.
///
/// Whether a caller may is asked before, at the edge. What is refused ends in a `ProblemException`:
/// 400 for what no value can be, 409 `version-conflict` and `no-whole-number`, 422 for a number out
/// of range or an idempotency key used for something else, 507 at a limit of the application, and
/// `disk-full` for every change while a disk has too little room, 504 when no answer came in time.
/// A request that the log does not take ends in a
/// `RequestNotAcceptedException`.
public interface RuntimeValues {

  /// The value, unless there is none.
  Optional<Value> get(ValueName name);

  /// Sets the value, whatever it was, when the terms hold. It is kept as canonical JSON.
  Changed set(ValueName name, Json content, Terms terms);

  /// Adds to a whole number of 64 bits, when the terms hold; no value counts as 0. A time to live
  /// is that of a value which begins with this: one that is there keeps its own.
  Changed increment(ValueName name, long by, Terms terms);

  /// Deletes the value, when it has the version that is expected; false when there was none.
  boolean delete(ValueName name, long expectedVersion);

  /// Keys of values, in their order.
  ///
  /// @param prefix what keys begin with, "" for all
  /// @param after key behind which the list begins, "" for its beginning
  Page list(Origin origin, String appId, String prefix, String after, int most);

  /// A value, and who asks about it.
  ///
  /// @param idempotencyKey the caller's own name for a change: repeated, it is applied once
  record ValueName(Origin origin, String appId, String key, Optional<String> idempotencyKey) {
    public ValueName {
      idempotencyKey.ifPresent(CallLimits::idempotencyKey);
    }

    public ValueName(Origin origin, String appId, String key) {
      this(origin, appId, key, Optional.empty());
    }
  }

  /// When a change is made, and for how long.
  ///
  /// @param ttl zero is for ever
  /// @param expectedVersion version that the value must have; 0: there must be none, -1: whatever
  record Terms(Duration ttl, long expectedVersion) {
    public static final Terms NONE = new Terms(Duration.ZERO, ValueRequestEvent.ANY_VERSION);
  }

  /// @param version greater than that of every earlier value of the key, and of nothing else
  /// @param expiresAt from when on it is absent; empty when it is kept for ever
  record Value(Json content, long version, Optional<Instant> expiresAt) {}

  /// What a change made.
  ///
  /// @param content of an increment, the number; JSON null of what was set
  record Changed(Json content, long version, Optional<Instant> expiresAt) {}

  /// A value without what it holds.
  record Listed(String key, long version, Optional<Instant> expiresAt) {}

  /// @param more whether there are values behind them
  record Page(List<Listed> values, boolean more) {
    public Page {
      values = List.copyOf(values);
    }
  }
}
