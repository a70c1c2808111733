package dev.nexus.e2e;

import dev.nexus.event.deadletter.DeadLetterEvent;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.UnreadableRecordException;
import java.util.LinkedHashMap;
import java.util.Map;

/// What stands on the dead letters now.
final class PutAside {
  private static final EventCodec<DeadLetterEvent> CODEC =
      EventCodec.of(Topic.DEAD_LETTERS, DeadLetterEvent.class);

  private PutAside() {}

  /// Written as the names of dead letters are.
  record Place(String topic, int partition, long offset) {
    @Override
    public String toString() {
      return topic + "-" + partition + "@" + offset;
    }
  }

  /// Records that were put aside, with the reasons of all who did so.
  static Map<Place, String> reasons(KafkaClients clients) {
    Map<Place, String> reasons = new LinkedHashMap<>();
    for (var record : new TopicReader(clients).records(Topic.DEAD_LETTERS)) {
      try {
        if (CODEC.decode(record.value()).body() instanceof RecordDeadLettered d) {
          var place = new Place(d.originTopic(), d.originPartition(), d.originOffset());
          reasons.merge(place, d.reason(), (one, other) -> one + " | " + other);
        }
      } catch (UnreadableRecordException e) {
        continue; // dead letters may be spoilt too
      }
    }
    return reasons;
  }
}
