package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Runs of a way to bring facts to Redis, each beside its floors for as many facts: a producer that
/// writes them as bytes that are ready, a consumer that only reads them, and a pipeline that brings
/// the same bytes to Redis and does nothing else.
final class ReadSideRuns {
  private ReadSideRuns() {}

  /// Brings all facts to Redis once.
  interface Way {
    /// Facts a second.
    ///
    /// @param run which one, unlike those before
    double once(String run) throws Exception;
  }

  static Findings measure(ReadSide side, Way way, Benchmark.Effort effort, Consumer<String> tell)
      throws Exception {
    long warm = System.nanoTime() + effort.warmUp().toNanos();
    for (int i = 0; System.nanoTime() < warm; i++) {
      tell.accept(String.format("warming up: %.0f facts/s", way.once("warm" + i)));
    }
    var ready = new BareProducer(side.clients(), side.partitions());
    List<Double> own = new ArrayList<>();
    List<Double> producer = new ArrayList<>();
    List<Double> consumer = new ArrayList<>();
    List<Double> pipeline = new ArrayList<>();
    List<Double> redis = new ArrayList<>();
    for (int run = 0; run < effort.runs(); run++) {
      long before = side.redisInput();
      double cpu = side.redisCpuMicros();
      own.add(way.once("run" + run));
      long bytes = side.redisInput() - before;
      redis.add((side.redisCpuMicros() - cpu) / side.length());
      consumer.add(side.bareConsumer());
      pipeline.add(side.barePipeline(side.length(), bytes));
      producer.add(ready.perSecond(side.length()));
      tell.accept(
          String.format(
              "%.0f facts/s; bare producer %.0f, bare consumer %.0f, bare pipeline %.0f"
                  + " (%d bytes a fact)",
              own.getLast(),
              producer.getLast(),
              consumer.getLast(),
              pipeline.getLast(),
              bytes / side.length()));
    }
    return findings(
        new Rates(
            ReadSide.median(own),
            ReadSide.median(producer),
            ReadSide.median(consumer),
            ReadSide.median(pipeline),
            ReadSide.median(redis)));
  }

  /// What was measured; all a second but the last.
  ///
  /// @param redisCpuMicros what Redis worked for a fact, with its one thread
  record Rates(
      double own, double producer, double consumer, double pipeline, double redisCpuMicros) {}

  static Findings findings(Rates rates) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("eventsPerSecond", Math.round(rates.own()));
    result.put("redisCpuMicros", Latencies.round(rates.redisCpuMicros()));
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    floor
        .put("producerPerSecond", Math.round(rates.producer()))
        .put("consumerPerSecond", Math.round(rates.consumer()))
        .put("redisPerSecond", Math.round(rates.pipeline()));
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ratio
        .put("producer", Latencies.round(rates.own() / rates.producer()))
        .put("consumer", Latencies.round(rates.own() / rates.consumer()))
        .put("redis", Latencies.round(rates.own() / rates.pipeline()));
    return new Findings(result, floor, ratio);
  }
}
