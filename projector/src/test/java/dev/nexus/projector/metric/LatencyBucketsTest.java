package dev.nexus.projector.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class LatencyBucketsTest {

  @Property
  void shouldHoldEveryValueWithinASixteenth(@ForAll @LongRange(min = 0, max = 1L << 38) long ms) {
    long upper = LatencyBuckets.upperBound(LatencyBuckets.bucketOf(ms));
    assertThat(upper).isBetween(ms, ms + ms / 16 + 1);
  }

  @Property
  void shouldKeepTheOrderOfValues(
      @ForAll @LongRange(min = 0, max = 1_000_000) long one,
      @ForAll @LongRange(min = 0, max = 1_000_000) long other) {
    assertThat(LatencyBuckets.bucketOf(Math.min(one, other)))
        .isLessThanOrEqualTo(LatencyBuckets.bucketOf(Math.max(one, other)));
  }

  @Test
  void shouldFindQuantiles() {
    var counts =
        Map.of(
            LatencyBuckets.bucketOf(5), 98L,
            LatencyBuckets.bucketOf(20), 1L,
            LatencyBuckets.bucketOf(1_000), 1L);
    assertThat(LatencyBuckets.quantile(counts, 0.5)).isEqualTo(5);
    assertThat(LatencyBuckets.quantile(counts, 0.99)).isEqualTo(20);
    assertThat(LatencyBuckets.quantile(counts, 1)).isBetween(1_000L, 1_063L);
    assertThat(LatencyBuckets.quantile(Map.of(), 0.5)).isZero();
  }
}
