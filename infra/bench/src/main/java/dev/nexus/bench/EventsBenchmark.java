package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.stream.KafkaClients;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Outside events on `nexus.ingress`, each of which starts a builtin component: how many are
/// decided a second when all are there at once, and, at a fixed rate, how long after its moment the
/// first fact of its execution can be read. The floor is right before each run: the same records
/// through a bare relay on the same broker.
final class EventsBenchmark implements Benchmark {
  static final int EVENTS = 20_000;

  /// Few enough that nothing queues but behind a stall.
  private static final int PER_SECOND = 200;

  private static final String PACED = "at200";
  private static final String APPLICATION =
      """
      appId: bench
      displayName: Benchmark
      version: '1'
      components:
        - componentId: echo
          handlerType: BUILTIN
          taskDetails:
            function: echo
      integrations:
        - integrationId: bench
          source: urn:bench
      triggers:
        - triggerId: orders
          eventType: com.example.*
          condition: event.data.amount > 100
          input:
            order: event.id
            amount: event.data.amount
          component: echo
      """;

  private final int events;

  /// @param events that are there at once
  EventsBenchmark(int events) {
    this.events = events;
  }

  @Override
  public String name() {
    return "events";
  }

  @Override
  public String describe() {
    return events
        + " outside events at once until they are decided, and "
        + PER_SECOND
        + " a second until their executions begin";
  }

  @Override
  public Findings run(Effort effort, Consumer<String> tell) throws Exception {
    var site = new StandaloneSite();
    try (var _ = new UntilTheEnd(site, tell)) {
      site.start();
      InvokeLoad.publish(site.base(), site.key(), APPLICATION);
      var clients = new KafkaClients(site.kafka(), "");
      try (var _ = new BareRelay(clients);
          var load = new EventLoad(clients)) {
        warmUp(load, effort, tell);
        return measure(load, effort, tell);
      }
    }
  }

  private void warmUp(EventLoad load, Effort effort, Consumer<String> tell)
      throws InterruptedException {
    long warm = System.nanoTime() + effort.warmUp().toNanos();
    for (int i = 0; System.nanoTime() < warm; i++) {
      load.atOnce(BareRelay.ROAD, "warm" + i, events);
      Latencies warming = load.atOnce(load.decided(), "warm" + i, events);
      tell.accept(String.format("warming up: %.0f events/s", warming.perSecond()));
      load.settle(events);
    }
  }

  private Findings measure(EventLoad load, Effort effort, Consumer<String> tell)
      throws InterruptedException {
    List<Latencies> decided = new ArrayList<>();
    List<Latencies> begun = new ArrayList<>();
    List<Latencies> relayed = new ArrayList<>();
    List<Latencies> relayedPaced = new ArrayList<>();
    long paced = FixedRate.from(PER_SECOND).within(effort.each());
    for (int run = 0; run < effort.runs(); run++) {
      relayed.add(load.atOnce(BareRelay.ROAD, "own" + run, events));
      decided.add(load.atOnce(load.decided(), "own" + run, events));
      load.settle(events);
      relayedPaced.add(load.paced(BareRelay.ROAD, "paced" + run, paced, PER_SECOND));
      begun.add(load.paced(load.begun(), "paced" + run, paced, PER_SECOND));
      load.settle(paced);
      tell.accept(
          "%.0f events/s, floor %.0f; %d a second: %s, floor %s"
              .formatted(
                  decided.getLast().perSecond(),
                  relayed.getLast().perSecond(),
                  PER_SECOND,
                  begun.getLast().json(),
                  relayedPaced.getLast().json()));
    }
    return findings(
        new Measured(Latencies.median(decided).perSecond(), Latencies.median(begun)),
        new Measured(Latencies.median(relayed).perSecond(), Latencies.median(relayedPaced)));
  }

  /// What one road takes.
  ///
  /// @param perSecond of events that are there at once
  /// @param paced from when an event was due
  record Measured(double perSecond, Latencies paced) {
    ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("eventsPerSecond", Math.round(perSecond));
      json.set(PACED, paced.json());
      return json;
    }
  }

  static Findings findings(Measured own, Measured floor) {
    ObjectNode ratio = JsonNodeFactory.instance.objectNode();
    ratio.put("eventsPerSecond", Latencies.round(own.perSecond() / floor.perSecond()));
    ratio.set(PACED, VisibleBenchmark.ratio(own.paced(), floor.paced()));
    return new Findings(own.json(), floor.json(), ratio);
  }
}
