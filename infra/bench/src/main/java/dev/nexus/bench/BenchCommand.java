package dev.nexus.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.standalone.verb.CommandFailedException;
import dev.nexus.standalone.verb.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    description = {
      "Measures one path on this machine, with its floors in the same run.",
      "A floor is the least it could be: what bare clients take. `ratio` is of the"
          + " result to each floor.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus bench invoke              one durable step over HTTP, by 1 and 64",
      "  ./nexus bench events              outside events until they are decided",
      "  ./nexus bench startup --json      restart on an existing data directory",
      "  ./nexus bench ingest              the log into Redis; so visible, rebuild",
      "  ./nexus bench takeover            kill -9 of a router, and of an executor",
      "  ./nexus bench memory --executions 1000000",
      "  ./nexus bench sandbox             calls of code, each isolated",
      "  ./nexus bench compose             the calls of invoke, by containers too",
      "  ./nexus bench invoke --runs 5 --seconds 10",
    })
final class BenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(
      paramLabel = "NAME",
      description =
          "invoke, events, startup, ingest, visible, rebuild, takeover, memory, sandbox or compose.")
  private String name = "";

  @Option(names = "--runs", description = "Repetitions; medians count (default: 3).")
  private int runs = 3;

  @Option(names = "--seconds", description = "Length of one measurement (default: 5).")
  private int seconds = 5;

  @Option(names = "--warm-up", description = "Seconds of load before measuring (default: 60).")
  private int warmUp = 60;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Option(
      names = "--executions",
      description =
          "Finished executions of `memory`; a tenth of them is open besides (default: 100000).")
  private int executions = MemoryBenchmark.FINISHED;

  BenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private List<Benchmark> all() {
    return List.of(
        new InvokeBenchmark(),
        new EventsBenchmark(EventsBenchmark.EVENTS),
        new StartupBenchmark(),
        new IngestBenchmark(IngestBenchmark.FACTS),
        new VisibleBenchmark(),
        new RebuildBenchmark(IngestBenchmark.FACTS),
        new TakeoverBenchmark(TakeoverBenchmark.LEASE),
        new MemoryBenchmark(executions),
        new SandboxBenchmark(),
        new ComposeBenchmark(terminal.environment()));
  }

  @Override
  public Integer call() throws Exception {
    Benchmark benchmark =
        all().stream()
            .filter(b -> b.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new CommandFailedException(
                        "no benchmark '"
                            + name
                            + "'; there are: "
                            + all().stream()
                                .map(Benchmark::name)
                                .collect(Collectors.joining(", "))));
    var effort =
        new Benchmark.Effort(runs, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
    ObjectNode answer = benchmark.run(effort, terminal::tell).report(name, benchmark.runs(effort));
    if (json) {
      terminal.print(answer);
    } else {
      terminal.print(benchmark.describe());
      print("", answer);
    }
    return 0;
  }

  private void print(String path, JsonNode node) {
    if (node.isObject()) {
      node.properties()
          .forEach(e -> print(path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue()));
    } else {
      terminal.print(
          String.format("  %-32s %s", path, node.isArray() ? node.toString() : node.asText()));
    }
  }
}
