package dev.nexus.command.trigger;

import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Duration;

/// What the partitions of a dispatcher share.
///
/// @param reach records of a partition over which copies of an event are recognised
record DispatchContext(
    KafkaClients clients, Sinks sinks, EventDecider decider, DeadLetters deadLetters, long reach) {
  static final EventCodec<IngressEvent> EVENTS = EventCodec.of(Topic.EVENTS, IngressEvent.class);

  /// A copy that comes later than this is none of ours: records of `nexus.ingress` are gone by
  /// then.
  static final Duration LONGEST = Duration.ofDays(7);

  /// Opens the sink of a partition, fencing whoever had it before.
  interface Sinks {
    RecordSink open(int partition);
  }

  DedupeWindow emptyWindow() {
    return new DedupeWindow(reach, LONGEST);
  }
}
