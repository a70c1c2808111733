package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/// How many cores this JVM keeps busy with a measurement. One caller is one thread, but what it
/// leaves to the collector and the compilers is work too, which has to be done by some core.
final class ProcessorTime {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final List<Double> cores = new ArrayList<>();

  /// What is measured.
  interface Run {
    Latencies measure() throws InterruptedException, ExecutionException;
  }

  Latencies of(Run run) throws InterruptedException, ExecutionException {
    long processor = SYSTEM.getProcessCpuTime();
    long begin = System.nanoTime();
    Latencies measured = run.measure();
    cores.add((double) (SYSTEM.getProcessCpuTime() - processor) / (System.nanoTime() - begin));
    return measured;
  }

  /// Adds `cores`, the median over the runs, and `perCore`, what each of them does in a second, to
  /// what is there of `perSecond`.
  void addTo(ObjectNode measured) {
    List<Double> sorted = cores.stream().sorted().toList();
    double busy = sorted.get(sorted.size() / 2);
    measured
        .put("cores", Latencies.round(busy))
        .put("perCore", Math.round(measured.path("perSecond").asDouble() / busy));
  }
}
