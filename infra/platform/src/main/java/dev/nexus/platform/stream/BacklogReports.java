package dev.nexus.platform.stream;

import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.TenantId;
import dev.nexus.event.metric.MetricEvent;
import dev.nexus.event.metric.MetricEvent.BacklogMeasured;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// Tells the front doors, on `nexus.metrics`, how far a part of the platform is behind: once a
/// second while it is more than half of what is allowed, and once when it no longer is. Best
/// effort: a report that cannot be written now is left out, and whoever measures is never held up.
public final class BacklogReports {
  /// All reports are on one partition, so that a front door follows no more than that.
  public static final int PARTITION = 0;

  /// What the keys of reports begin with.
  public static final String KEY_PREFIX = "backlog/";

  /// How often a part is to be measured, and reported at most.
  public static final Duration EVERY = Duration.ofSeconds(1);

  /// Readers are measured as a whole. The released schema has room for a report of one partition,
  /// and readers of the topic may meet old ones.
  private static final int ALL_PARTITIONS = -1;

  private final EventCodec<MetricEvent> codec = EventCodec.of(Topic.METRICS, MetricEvent.class);
  private final BestEffortEvents sender;
  private final String service;
  private final EdgeIds ids;
  private final Clock clock;
  private final LongSupplier nanos;
  private final long threshold;
  private final Map<String, Long> reportedAt = new ConcurrentHashMap<>();

  /// @param limit records behind above which new work is refused
  /// @param nanos the time of `System.nanoTime`
  public BacklogReports(
      BestEffortEvents sender, String service, long limit, Clock clock, LongSupplier nanos) {
    this.sender = sender;
    this.service = service;
    this.ids = new EdgeIds(clock);
    this.clock = clock;
    this.nanos = nanos;
    this.threshold = limit / 2;
  }

  /// The key that a report about these partitions of a reader has.
  public static String key(String reader, int partition) {
    return KEY_PREFIX + reader + "/" + partition;
  }

  /// Takes a measurement.
  ///
  /// @param reader who is behind, for people: `router`, `lane-model`
  /// @param behind records that wait for it, in all its partitions
  public void measured(String reader, long behind) {
    String key = key(reader, ALL_PARTITIONS);
    long now = nanos.getAsLong();
    if (behind > threshold) {
      Long before = reportedAt.get(key);
      if (before == null || now - before >= EVERY.toNanos()) {
        reportedAt.put(key, now);
        report(key, new BacklogMeasured(reader, ALL_PARTITIONS, behind));
      }
    } else if (reportedAt.remove(key) != null) {
      report(key, new BacklogMeasured(reader, ALL_PARTITIONS, behind));
    }
  }

  private void report(String key, BacklogMeasured body) {
    sender.offer(codec, PARTITION, key, event(body));
  }

  private Event<MetricEvent> event(BacklogMeasured body) {
    return new Event<>(
        Envelope.of(ids.next(), clock.instant(), TenantId.DEFAULT, "", "service:" + service), body);
  }
}
