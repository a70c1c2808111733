package dev.nexus.platform.stream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// What the owner of one partition does. All calls come from one thread. Whatever it throws makes
/// its state worthless: it is closed, made anew and recovers from the log.
public interface PartitionWork extends AutoCloseable {

  /// Takes ownership, folds the log and tells where to read each input from; a missing input is
  /// read from its beginning.
  Map<TopicPartition, Long> recover();

  /// Decides on the records, in order, and returns once the log has what was decided. Gives how
  /// many of them are done. Where one cannot be decided for now, the partition is held back there:
  /// that record and those behind it are given again later.
  int process(List<ConsumerRecord<String, byte[]>> records);

  /// Does what has become due; called at least as often as `untilDue` asks, and every second or so
  /// whatever it says, for the clock may have been set.
  void passTime();

  /// Whether all of its work can be done; asked after `passTime`. It is worked on in any case.
  default boolean healthy() {
    return true;
  }

  /// Time until something is due; at most a second is ever waited.
  Duration untilDue();

  @Override
  void close();
}
