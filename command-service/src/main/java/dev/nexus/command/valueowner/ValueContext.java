package dev.nexus.command.valueowner;

import dev.nexus.command.value.Room;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;

/// What the partitions of an owner share.
record ValueContext(
    KafkaClients clients, Sinks sinks, DeadLetters deadLetters, Room.Limits limits, Clock clock) {
  static final EventCodec<ValueRequestEvent> REQUESTS =
      EventCodec.of(Topic.VALUE_REQUESTS, ValueRequestEvent.class);
  static final EventCodec<ValueEvent> FACTS = EventCodec.of(Topic.VALUES, ValueEvent.class);
  static final EventCodec<ValueReplyEvent> REPLIES =
      EventCodec.of(Topic.VALUE_REPLIES, ValueReplyEvent.class);

  /// Opens the sink of a partition, fencing whoever had it before.
  interface Sinks {
    RecordSink open(int partition);
  }
}
