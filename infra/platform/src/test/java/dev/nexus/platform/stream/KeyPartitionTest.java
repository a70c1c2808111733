package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPartitionTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "default/0199", "default/shop/classify", "Größe/☃"})
  void shouldBeTheOneThatAProducerChooses(String key) {
    for (int partitions : new int[] {1, 4, 48}) {
      assertThat(KeyPartition.of(key, partitions))
          .isEqualTo(
              BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), partitions));
    }
  }
}
