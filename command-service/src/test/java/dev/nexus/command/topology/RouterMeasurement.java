package dev.nexus.command.topology;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.OwnedPartitions;
import dev.nexus.platform.stream.RecordSink;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Measures the router alone: from the request on the log to its facts visible to readers. Prints
/// and asserts nothing; the numbers are in the decision record of the router's form. Runs only when
/// asked: `-Dnexus.measure=true -Dtest=RouterMeasurement`.
@EnabledIfSystemProperty(named = "nexus.measure", matches = "true")
class RouterMeasurement {
  @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofTest();

  private static final Duration WARM = Duration.ofSeconds(Integer.getInteger("nexus.warm", 20));
  private static final Duration RUN = Duration.ofSeconds(Integer.getInteger("nexus.run", 8));

  @Test
  void shouldMeasureBothForms(@TempDir Path directory) throws Exception {
    try (RouterFixture nexus = new RouterFixture(broker)) {
      nexus.publish();
      for (int round = 0; round < 3; round++) {
        for (BrokerAccess access : BrokerAccess.values()) {
          measure(nexus, directory.resolve(round + "-" + access), access, round == 0);
        }
      }
      recover(nexus, directory);
    }
  }

  private void measure(RouterFixture nexus, Path directory, BrokerAccess access, boolean cold)
      throws InterruptedException {
    AtomicLong passes = new AtomicLong();
    RouterContext.Sinks sinks =
        partition ->
            new Counted(RecordSink.open(nexus.clients(), access, "router-" + partition), passes);
    var context = nexus.context(directory, sinks, RouterFixture.limits());
    try (var owned =
        new OwnedPartitions(
            "router",
            nexus.clients(),
            List.of(Topic.REQUESTS, Topic.OUTCOMES),
            "",
            partition -> new RouterPartition(context, partition))) {
      owned.start();
      owned.awaitReady(Duration.ofMinutes(2));
      try (Load load = new Load(nexus)) {
        if (cold) {
          load.run(64, WARM);
          load.run(1, Duration.ofSeconds(2));
        }
        for (int callers : new int[] {1, 64}) {
          load.run(callers, Duration.ofSeconds(1));
          long before = passes.get();
          long cpu = cpuNanos();
          Result result = load.run(callers, RUN);
          double seconds = RUN.toMillis() / 1000.0;
          System.out.printf(
              "%s c=%d: %.0f requests/s, p50 %.2f ms, p99 %.2f ms, %.0f passes/s, %.1f requests a"
                  + " pass, %.0f us CPU a request%n",
              access,
              callers,
              result.count() / seconds,
              result.percentile(0.5),
              result.percentile(0.99),
              (passes.get() - before) / seconds,
              (double) result.count() / Math.max(1, passes.get() - before),
              (cpuNanos() - cpu) / 1e3 / Math.max(1, result.count()));
        }
      }
    }
  }

  /// CPU this JVM has used: broker, router and load together. Other programs do not disturb it.
  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void recover(RouterFixture nexus, Path directory) {
    for (int round = 0; round < 3; round++) {
      int inputs = 0;
      long begun = System.nanoTime();
      for (int partition = 0; partition < 4; partition++) {
        var context =
            nexus.context(directory.resolve("fold" + round), nexus.sinks(), RouterFixture.limits());
        try (var owner = new HandDrivenPartition(context, partition)) {
          inputs += owner.positions().size();
        }
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (round == 0) {
        System.out.println(
            broker.read(Topic.EXECUTIONS, ExecutionEvent.class).size() + " facts on the log");
      }
      System.out.printf(
          "folding all facts of 4 partitions, one after another: %.2f s (%d inputs)%n",
          seconds, inputs);
    }
  }

  private record Result(long[] nanos) {
    long count() {
      return nanos.length;
    }

    double percentile(double share) {
      return nanos.length == 0 ? 0 : nanos[(int) (share * (nanos.length - 1))] / 1e6;
    }
  }

  private record Counted(RecordSink sink, AtomicLong passes) implements RecordSink {
    @Override
    public void write(List<Outgoing> decision) {
      sink.write(decision);
    }

    @Override
    public void commit() {
      sink.commit();
      passes.incrementAndGet();
    }

    @Override
    public void close() {
      sink.close();
    }
  }

  /// Callers that each send the next request when the facts of their last one are visible.
  private static final class Load implements AutoCloseable {
    private final RouterFixture nexus;
    private final Map<String, Long> sent = new ConcurrentHashMap<>();
    private final List<Long> nanos = new ArrayList<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicLong numbers = new AtomicLong(System.nanoTime());
    private final Thread reader = Thread.ofPlatform().name("facts").unstarted(this::read);
    private final CompletableFuture<Void> reading = new CompletableFuture<>();
    private volatile Semaphore room = new Semaphore(0);

    Load(RouterFixture nexus) {
      this.nexus = nexus;
      reader.start();
      reading.join();
    }

    Result run(int callers, Duration time) throws InterruptedException {
      synchronized (nanos) {
        nanos.clear();
      }
      room = new Semaphore(callers);
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        room.acquire();
        ExecutionId execution = RouterFixture.execution("m" + numbers.incrementAndGet());
        sent.put(execution.toString(), System.nanoTime());
        nexus.sendLater(execution, RouterFixture.request("{\"n\":1}"));
      }
      room.acquire(callers);
      synchronized (nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return new Result(sorted);
      }
    }

    private void read() {
      var codec = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
      try (KafkaConsumer<String, byte[]> facts = nexus.clients().assignedConsumer("measure")) {
        List<TopicPartition> partitions =
            facts.partitionsFor(nexus.clients().name(Topic.EXECUTIONS)).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
        facts.assign(partitions);
        facts.seekToEnd(partitions);
        partitions.forEach(facts::position);
        reading.complete(null);
        while (!closing.get()) {
          for (var record : facts.poll(Duration.ofMillis(100))) {
            var fact = codec.decode(record.value());
            Long at =
                fact.body() instanceof ExecutionEvent.TaskRequested
                    ? sent.remove(fact.envelope().executionId())
                    : null;
            if (at != null) {
              synchronized (nanos) {
                nanos.add(System.nanoTime() - at);
              }
              room.release();
            }
          }
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      closing.set(true);
      reader.join();
    }
  }
}
