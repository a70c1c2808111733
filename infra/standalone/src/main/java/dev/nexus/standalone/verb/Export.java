package dev.nexus.standalone.verb;

import dev.nexus.standalone.export.ExportFormat;
import dev.nexus.standalone.export.TopicExport;
import dev.nexus.standalone.export.TopicExport.Range;
import dev.nexus.standalone.export.TopicExport.Result;
import dev.nexus.standalone.log.TopicReading;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description = {
      "Writes a topic to a file for analytics.",
      "A row is an event: the columns of its schema, logPartition and logOffset.",
      "An event that is twice on the log is twice in the file, with the same eventId."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus events export executions                 all, as executions.parquet",
      "  ./nexus events export metrics --from 24h         the last day",
      "  ./nexus events export executions --format jsonl  one JSON object a line",
      "  ./nexus events export metrics --from 2026-11-01 --to 2026-12-01 \\",
      "      -o november.parquet",
    })
final class Export implements Callable<Integer> {
  private static final int BAR = 30;

  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Parameters(paramLabel = "TOPIC", description = "Topic, with or without 'nexus.'.")
  private String topicName = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "parquet",
      description = "parquet or jsonl (default: parquet).")
  private String format = "parquet";

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Only what came then or later: a date, a time (both UTC), or how long ago, as 24h.")
  private String from = "";

  @Option(
      names = "--to",
      paramLabel = "TIME",
      description = "Only what came before this (default: now).")
  private String to = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "File to write (default: the topic's name with the format's ending).")
  private String output = "";

  @Option(names = "--force", description = "Replace a file that is there.")
  private boolean force;

  @Option(names = "--json", description = "Print what came of it as JSON.")
  private boolean json;

  Export(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Topic topic = LogAccess.topic(topicName);
    if (!topic.hasSchema()) {
      throw new CommandFailedException(
          topic.topicName()
              + " has outside events as their senders wrote them, which are no table; 'events' has"
              + " those that were let in");
    }
    ExportFormat wanted = format();
    PointInTime time = new PointInTime(Clock.systemUTC());
    Range range =
        new Range(
            from.isEmpty() ? Instant.EPOCH : time.parse("--from", from),
            to.isEmpty() ? Instant.MAX : time.parse("--to", to));
    if (!range.from().isBefore(range.to())) {
      throw new CommandFailedException("--from must be before --to");
    }
    Path file = file(topic, wanted);
    long start = System.nanoTime();
    Telling telling = new Telling(terminal);
    try (TopicReading log = LogAccess.of(home, terminal).read(topic, range.start())) {
      Result result =
          new TopicExport(topic)
              .write(
                  log,
                  file,
                  wanted,
                  range,
                  (read, of, rows) -> telling.tell(progress(read, of, rows)));
      report(topic, file, result, (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }

  private ExportFormat format() {
    for (ExportFormat one : ExportFormat.values()) {
      if (one.extension().equals(format.toLowerCase(Locale.ROOT))) {
        return one;
      }
    }
    throw new CommandFailedException("--format: parquet or jsonl expected, found '" + format + "'");
  }

  private Path file(Topic topic, ExportFormat wanted) {
    Path file = Path.of(output.isEmpty() ? topic.shortName() + "." + wanted.extension() : output);
    if (Files.isDirectory(file)) {
      throw new CommandFailedException(file + " is a directory; name a file");
    }
    if (Files.exists(file) && !force) {
      throw new CommandFailedException(file + " is there already; --force replaces it");
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new CommandFailedException("there is no directory " + directory);
    }
    return file;
  }

  /// A bar that is full when everything is read, and how many rows were written.
  static String progress(long read, long of, long rows) {
    int done = of == 0 ? BAR : (int) (read * BAR / of);
    return "[%s%s] %3d %%  %,d rows"
        .formatted("#".repeat(done), ".".repeat(BAR - done), of == 0 ? 100 : read * 100 / of, rows);
  }

  private void report(Topic topic, Path file, Result result, double seconds) {
    if (json) {
      terminal.print(
          Terminal.object()
              .put("topic", topic.topicName())
              .put("file", file.toString())
              .put("rows", result.rows())
              .put("unreadable", result.unreadable())
              .put("bytes", result.bytes())
              .put("seconds", seconds));
      return;
    }
    terminal.print(
        "%s: %,d rows, %,d bytes, %.1f s".formatted(file, result.rows(), result.bytes(), seconds));
    if (result.unreadable() > 0) {
      terminal.tell(
          result.unreadable()
              + " records are no events of "
              + topic.topicName()
              + " and were left out; './nexus events "
              + topicName
              + "' shows them");
    }
  }
}
