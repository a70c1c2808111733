package dev.nexus.event.ingress;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;
import java.time.Instant;
import java.util.List;

/// Outside events on `nexus.events`, re-keyed so that all copies of one stand in one partition:
/// what was let in, and one verdict on each record of that. A verdict names the record it is about
/// as its input, and the event itself as its cause.
public sealed interface IngressEvent {
  Outside outside();

  /// An event as its sender named it, and the integration it came by.
  record Outside(
      @Doc("Integration that speaks for the source.") String integrationId,
      @Doc("CloudEvents source.") String source,
      @Doc("Its id, unique within the source.") String sourceEventId,
      @Doc("CloudEvents type.") String type,
      @Doc("CloudEvents subject.") String subject,
      @Doc("When it happened, as its sender says; else when nexus.ingress took it.")
          Instant happenedAt) {}

  /// It has the right form, and its source is registered. Its event id is the UUIDv5 of tenant,
  /// source and id, so every copy has the same.
  record EventAccepted(Outside outside, @Doc("Its data, JSON.") Json data)
      implements IngressEvent {}

  /// It started something; the requests for that were written together with this.
  record EventMatched(
      Outside outside,
      @Doc("Triggers that matched, app/trigger.") List<String> triggers,
      @Doc("Executions it asked for, or, as a truth, was reported to.") List<String> executions,
      @Doc("Triggers that could not be used, and why.") List<String> remarks)
      implements IngressEvent {}

  /// No trigger is for it. Sent again, it is decided anew: an application may be there by then.
  record EventUnmatched(
      Outside outside,
      @Doc("Triggers that could not be used, and why.") List<String> remarks,
      @Doc("Why no other trigger is for it, for a person.") List<String> unmet)
      implements IngressEvent {}

  /// It should have started something and could not. Sent again, it is decided anew.
  record EventRefused(Outside outside, @Doc("Why, for a person.") List<String> reasons)
      implements IngressEvent {}

  /// A copy of an event that has started something already: dropped.
  record EventRepeated(
      Outside outside, @Doc("Offset of the first copy, on the same partition.") long firstOffset)
      implements IngressEvent {}
}
