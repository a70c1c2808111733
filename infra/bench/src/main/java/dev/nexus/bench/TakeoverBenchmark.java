package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.bench.PartProcess.Part;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// kill -9 of one of two routers until every partition decides again, and of an executor until what
/// it had begun is done by another. The floors: how long Kafka takes to give a killed member's
/// partitions, or the record it had taken, to another member that does nothing else. What a killed
/// executor had begun waits for its lease besides, so its time has a ratio to each of the two.
final class TakeoverBenchmark implements Benchmark {
  /// Requests go to all partitions; so many a look make sure that each has one soon.
  private static final int ASKED_AT_ONCE = 8;

  static final Duration LEASE = Duration.ofSeconds(10);

  private final Duration lease;

  TakeoverBenchmark(Duration lease) {
    this.lease = lease;
  }

  @Override
  public String name() {
    return "takeover";
  }

  @Override
  public String describe() {
    return "seconds from kill -9 until the work goes on elsewhere; lease "
        + lease.toSeconds()
        + " s";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    List<Double> routers = new ArrayList<>();
    List<Double> executors = new ArrayList<>();
    List<Double> groups = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    try (TakeoverSite site = new TakeoverSite(lease)) {
      var floors = new TakeoverFloors(site.clients(), site.variables());
      try (AutoCloseable survivor = PartProcess.router(site.settings())) {
        for (int run = 0; run < effort.runs(); run++) {
          routers.add(router(site, "router" + run));
          tell.accept(String.format("router killed: %.2f s", routers.getLast()));
        }
        for (int run = 0; run < effort.runs(); run++) {
          executors.add(executor(site, "executor" + run));
          tell.accept(String.format("executor killed: %.2f s", executors.getLast()));
        }
      }
      for (int run = 0; run < effort.runs(); run++) {
        groups.add(floors.consumerGroup());
        shares.add(floors.shareGroup());
        tell.accept(
            String.format(
                "bare consumer group: %.2f s, bare share group: %.2f s",
                groups.getLast(), shares.getLast()));
      }
    }
    return findings(
        ReadSide.median(routers),
        ReadSide.median(executors),
        lease.toMillis() / 1e3,
        ReadSide.median(groups),
        ReadSide.median(shares));
  }

  /// All in seconds.
  static Findings findings(
      double router, double executor, double lease, double consumerGroup, double shareGroup) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result
        .put("routerSeconds", Latencies.round(router))
        .put("executorSeconds", Latencies.round(executor))
        .put("leaseSeconds", Latencies.round(lease));
    ObjectNode floor = JsonNodeFactory.instance.objectNode();
    floor
        .put("consumerGroupSeconds", Latencies.round(consumerGroup))
        .put("shareGroupSeconds", Latencies.round(shareGroup));
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ratio
        .put("router", Latencies.round(router / consumerGroup))
        .put("executorToLease", Latencies.round(executor / lease))
        .put("executorToShareGroup", Latencies.round(executor / shareGroup));
    return new Findings(result, floor, ratio);
  }

  /// Requests come all the time, from before the kill; each partition counts from the first one
  /// that was asked for after it.
  private static double router(TakeoverSite site, String name) throws Exception {
    try (PartProcess doomed = PartProcess.start(Part.ROUTER, site.variables())) {
      site.lookFromHere();
      decided(site, name + "/before");
      long killed = doomed.kill();
      return (decided(site, name + "/after") - killed) / 1e9;
    }
  }

  /// Asks until every partition has decided on something that was asked for here; gives when.
  private static long decided(TakeoverSite site, String name) {
    Set<String> asked = new HashSet<>();
    Set<Integer> going = new HashSet<>();
    while (going.size() < site.partitions()) {
      for (int i = 0; i < ASKED_AT_ONCE; i++) {
        asked.add(site.ask("echo", name + "/" + asked.size()));
      }
      site.look(
          (record, fact) -> {
            if (fact.body() instanceof ExecutionAccepted
                && asked.contains(fact.envelope().executionId())) {
              going.add(record.partition());
            }
          });
    }
    return System.nanoTime();
  }

  private static double executor(TakeoverSite site, String name) throws Exception {
    try (PartProcess doomed = PartProcess.start(Part.EXECUTOR, site.variables())) {
      site.lookFromHere();
      String execution = site.ask("ask", name);
      site.await(
          fact ->
              fact.body() instanceof TaskStarted
                  && fact.envelope().executionId().equals(execution));
      try (AutoCloseable survivor =
          PartProcess.executor(site.settings(), "survivor", new PartProcess.Echo())) {
        long killed = doomed.kill();
        long done =
            site.await(
                fact ->
                    fact.body() instanceof TaskSucceeded
                        && fact.envelope().executionId().equals(execution));
        return (done - killed) / 1e9;
      }
    }
  }
}
