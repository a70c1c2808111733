package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// Calls of one durable step over HTTP, by one caller and by 64, and under them the bare road on
/// the same broker: two produced and consumed records a call, the first one synced, without HTTP,
/// keys, Avro, decisions or projections.
final class InvokeLoad implements AutoCloseable {
  static final String BODY =
      "{\"order\":4711,\"text\":\"" + "a line of a letter; ".repeat(10) + "\"}";

  /// For what calls leave to be folded, so that it does not slow the floor behind them.
  static final Duration REST = Duration.ofSeconds(3);

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
        - componentId: ask
          handlerType: LLM
          taskDetails:
            template: "{{ input.text }}"
            model: slow
      """;

  private static final String ECHO = "/v1/apps/bench/components/echo/invoke";
  private static final int ONE = 1;
  private static final int MANY = 64;
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);

  private final ClosedLoop.Callers callers;
  private final BareRoad road;
  private final LogVolume volume;

  /// @param base where the application has been published
  /// @param kafka what reaches the broker behind it, as somebody who may make topics
  InvokeLoad(URI base, String key, Map<String, String> kafka) throws Exception {
    callers = number -> new HttpCaller(base, ECHO, key, BODY, 200);
    volume = new LogVolume(kafka);
    road = new BareRoad(kafka);
  }

  /// What was measured with so many callers.
  ///
  /// @param recordsPerCall written to the log, `bytesPerCall` likewise
  record Round(
      int callers, Latencies own, Latencies bare, double recordsPerCall, double bytesPerCall) {
    String name() {
      return "c" + callers;
    }

    ObjectNode json() {
      return own.json()
          .put("recordsPerCall", Latencies.round(recordsPerCall))
          .put("bytesPerCall", Math.round(bytesPerCall));
    }
  }

  /// Puts each round under its name: what was measured, its floor, and their ratio.
  static void report(List<Round> rounds, ObjectNode result, ObjectNode floor, ObjectNode ratio) {
    for (Round round : rounds) {
      result.set(round.name(), round.json());
      floor.set(round.name(), round.bare().json());
      ratio.set(round.name(), ratio(round.own(), round.bare()));
    }
  }

  static ObjectNode ratio(Latencies of, Latencies to) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("p50", Latencies.round(of.p50Ms() / to.p50Ms()))
        .put("perSecond", Latencies.round(of.perSecond() / to.perSecond()));
  }

  /// Loads the platform and the road until their JVMs are warm, and tells each round, so that a
  /// reader sees whether the platform still becomes faster at the end.
  void warmUp(Duration length, Consumer<String> tell)
      throws InterruptedException, ExecutionException {
    tell.accept("warming up for " + length.toSeconds() + " s");
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) {
      Latencies many = ClosedLoop.run(MANY, Duration.ofSeconds(4), callers);
      Latencies one = ClosedLoop.run(ONE, Duration.ofSeconds(2), callers);
      ClosedLoop.run(MANY, Duration.ofSeconds(1), road);
      tell.accept("warming up: c1 " + one.json() + " c64 " + many.json());
    }
  }

  /// By one caller, once.
  Latencies alone(Duration length) throws InterruptedException, ExecutionException {
    return ClosedLoop.run(ONE, length, callers);
  }

  /// Each run has its floor right before it: a machine that becomes slower or faster meanwhile does
  /// so to both.
  List<Round> measure(Benchmark.Effort effort, Consumer<String> tell)
      throws InterruptedException, ExecutionException {
    List<Round> rounds = new ArrayList<>();
    for (int concurrency : new int[] {ONE, MANY}) {
      List<Latencies> runs = new ArrayList<>();
      List<Latencies> floors = new ArrayList<>();
      double calls = 0;
      double records = 0;
      double bytes = 0;
      for (int run = 0; run < effort.runs(); run++) {
        Thread.sleep(REST);
        Latencies bare = ClosedLoop.run(concurrency, effort.each(), road);
        floors.add(bare);
        LogVolume.Reading before = volume.read();
        Latencies measured = ClosedLoop.run(concurrency, effort.each(), callers);
        LogVolume.Reading after = volume.read();
        runs.add(measured);
        calls += measured.perSecond() * effort.each().toSeconds();
        records += after.records() - before.records();
        bytes += after.bytes() - before.bytes();
        tell.accept("c" + concurrency + ", one run: " + measured.json() + " floor " + bare.json());
      }
      Round round =
          new Round(
              concurrency,
              Latencies.median(runs),
              Latencies.median(floors),
              records / calls,
              bytes / calls);
      rounds.add(round);
      tell.accept(round.name() + ": " + round.json() + " floor " + round.bare().json());
    }
    return rounds;
  }

  /// One call, answered with what was sent.
  static void callOnce(URI base, String key) throws IOException {
    try (HttpCaller caller = new HttpCaller(base, ECHO, key, BODY, 200)) {
      caller.call();
    }
  }

  /// Publishes the application that is called; again changes nothing.
  static void publish(URI base, String key) throws IOException, InterruptedException {
    publish(base, key, APPLICATION);
  }

  /// Publishes another one in its place.
  static void publish(URI base, String key, String definition)
      throws IOException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files").put("app_definition.yaml", definition);
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v1/apps/bench/apply"))
            .timeout(ANSWERED_WITHIN)
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        int status = answer.statusCode();
        throw new RefusedException(
            status, "the benchmark's application was refused: " + status + " " + answer.body());
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    road.close();
  }
}
