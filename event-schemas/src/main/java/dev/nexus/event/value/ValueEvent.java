package dev.nexus.event.value;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.time.Instant;

/// What became of runtime values, on `nexus.values` (compacted). Key: tenant/app/key of the value;
/// a record without content says that the value is gone. The cause of a fact is the request it
/// answers, its input the place of that on `nexus.value-requests`.
public sealed interface ValueEvent {
  /// When a value ends that is kept for ever.
  Instant NEVER = Instant.EPOCH;

  record ValueSet(
      @Doc("Key of the value.") String valueKey,
      @Doc("The value, JSON.") Json content,
      @Doc("Version of the value; greater than every earlier one of this key.") long version,
      @Doc("From when on the value is absent; 0: never.") Instant expiresAt,
      @Doc("Digest of what was asked: a repeated id with another wish is refused.")
          String requestDigest)
      implements ValueEvent {}

  record ValueIncremented(
      @Doc("Key of the value.") String valueKey,
      @Doc("The value, JSON.") Json content,
      @Doc("What was added.") long increment,
      @Doc("Version of the value; greater than every earlier one of this key.") long version,
      @Doc("From when on the value is absent; 0: never.") Instant expiresAt,
      @Doc("Digest of what was asked: a repeated id with another wish is refused.")
          String requestDigest)
      implements ValueEvent {}

  record ValueDeleted(
      @Doc("Key of the value.") String valueKey,
      @Doc("Version of the value; greater than every earlier one of this key.") long version,
      @Doc("Digest of what was asked: a repeated id with another wish is refused.")
          String requestDigest)
      implements ValueEvent {}

  /// The requests of the partition are decided up to the input of this record. Written before what
  /// would say so is removed, and when nothing more comes, under one key a partition:
  /// tenant//partition, behind the default tenant and no application, as it is about none.
  record RequestsDecided() implements ValueEvent {}
}
