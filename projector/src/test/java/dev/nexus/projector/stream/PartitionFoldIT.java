package dev.nexus.projector.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.Projections;
import dev.nexus.projector.Story;
import dev.nexus.projector.store.Beginning;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mark;
import dev.nexus.projector.store.ProjectionStore;
import dev.nexus.projector.store.Slot;
import dev.nexus.projector.store.StoredPosition;
import dev.nexus.projector.store.Track;
import dev.nexus.testkit.RedisExtension;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Rows of records that are prepared while the ones before wait to be folded.
class PartitionFoldIT {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final Slot SLOT = new Slot("nexus.executions", 0);
  private static final Mark BEGINNING = new Mark("g", 0);

  @RegisterExtension static final RedisExtension redis = RedisExtension.empty();

  private final List<String> setAside = new ArrayList<>();
  private ProjectionStore store;
  private PartitionFold<ExecutionEvent> fold;
  private List<ConsumerRecord<String, byte[]>> records;

  @BeforeEach
  @SuppressWarnings("unchecked") // the one fold of executions
  void begin() {
    redis.clear();
    store = new ProjectionStore(redis.client(), "test");
    store.loadScripts();
    store.begin(SLOT, "", "log", 1, new Beginning(0, BEGINNING, 0));
    fold =
        new PartitionFold<>(
            SLOT,
            Track.LIVE,
            (Fold<ExecutionEvent>) Projections.executions(Settings.of(Map.of())).getFirst(),
            store,
            new Follower(setAside));
    fold.restartAt(BEGINNING);
    records = records();
  }

  private record Follower(List<String> reasons) implements PartitionFold.Follower {
    @Override
    public void advanced(Slot slot, Mark mark, Set<Key> touched) {}

    @Override
    public void found(Slot slot, Mark mark) {}

    @Override
    public void setAside(ConsumerRecord<String, byte[]> record, String reason) {
      reasons.add(reason);
    }
  }

  @AfterEach
  void end() {
    store.close();
  }

  /// The facts of one execution.
  private static List<ConsumerRecord<String, byte[]>> records() {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    Story story = Story.of("one", "triage", Story.BEGIN).answeredByModel("classify", "1");
    for (Event<ExecutionEvent> fact : story.facts()) {
      String key = fact.envelope().tenantId() + "/" + fact.envelope().executionId();
      byte[] value = CODEC.encode(fact);
      records.add(new ConsumerRecord<>(SLOT.topic(), 0, records.size(), key, value));
    }
    return records;
  }

  private PartitionFold.Prepared<ExecutionEvent> prepare(int from, int to) {
    return fold.prepare(records.subList(from, to), to);
  }

  private long stored() {
    return store.position(SLOT) instanceof StoredPosition.At(_, _, _, var mark, _, _)
        ? mark.next()
        : -1;
  }

  private String summary() {
    try (var connection = redis.client().connect()) {
      var sync = connection.sync();
      return sync.get(sync.keys("default:*:x/*").getFirst());
    }
  }

  @Test
  void shouldKeepWhatTheLastRecordLookedLikeAlsoWhenItPassesOverWhatHoldsNone() {
    // When
    prepare(0, 3).finish();
    fold.skipTo(5);
    // Then
    assertThat(fold.settleAll()).isTrue();
    assertThat(stored()).isEqualTo(5);
    assertThat(store.position(SLOT) instanceof StoredPosition.At at ? at.last() : Optional.empty())
        .contains(Imprint.of(records.get(2)));
  }

  @Test
  void shouldFoldRowsOfOneExecutionThatWerePreparedBeforeTheFirstWasFolded() {
    // Given
    var first = prepare(0, 1);
    var second = prepare(1, 2);
    var third = prepare(2, records.size());
    // When
    first.finish();
    second.finish();
    third.finish();
    // Then
    assertThat(fold.settleAll()).isTrue();
    assertThat(stored()).isEqualTo(records.size());
    assertThat(summary()).contains("\nstatus SUCCEEDED", "\nsequence " + records.size());
    assertThat(setAside).isEmpty();
  }

  @Test
  void shouldNotFoldWhatWasPreparedBeforeAFailure() {
    // Given
    prepare(0, 1).finish();
    var prepared = prepare(2, 3); // what was before it is lost
    // When
    fold.drain();
    prepared.finish();
    // Then
    assertThat(fold.settleAll()).isTrue();
    assertThat(stored()).isEqualTo(1);
  }
}
