package dev.nexus.standalone.verb;

import dev.nexus.platform.http.NearestNames;
import dev.nexus.standalone.log.TopicReading;
import dev.nexus.standalone.log.TopicReading.From;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "events",
    description = "Prints the newest events of a topic, decoded.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./nexus events executions                  the newest 20 of nexus.executions",
      "  ./nexus events executions --follow         and every further one",
      "  ./nexus events requests --key default/0199 --last 200",
      "  ./nexus events promotions --all --json     one JSON object a line",
      "  ./nexus events export executions           all of them as a Parquet file",
      "",
      "A line is time, partition@offset, type, key, content. Offsets may have gaps:",
      "the end of a transaction takes one too.",
    })
final class Events implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private final Home home = new Home();

  @Spec private @Nullable CommandSpec spec;

  /// Not required, because `events export` has none here.
  @Parameters(
      paramLabel = "TOPIC",
      arity = "0..1",
      description = "Topic, with or without 'nexus.'.")
  private String topicName = "";

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many of the newest (default: 20).")
  private int last = 20;

  @Option(names = "--all", description = "All of them, as they stand in each partition.")
  private boolean all;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with every further event; Ctrl-C ends it.")
  private boolean follow;

  @Option(names = "--key", paramLabel = "PREFIX", description = "Only keys that begin so.")
  private String key = "";

  @Option(names = "--type", paramLabel = "TYPE", description = "Only events of this type.")
  private String type = "";

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  private Events(Terminal terminal) {
    this.terminal = terminal;
  }

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Events(terminal)).addSubcommand(new Export(terminal));
  }

  @Override
  public Integer call() throws IOException {
    if (topicName.isEmpty() && spec != null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'TOPIC'");
    }
    Topic topic = LogAccess.topic(topicName);
    requireType(topic);
    LogAccess access = LogAccess.of(home, terminal);
    EventPrinter printer = EventPrinter.of(topic, json);
    try (TopicReading log = access.read(topic, from())) {
      if (!print(log, printer)) {
        boolean filtered = !key.isEmpty() || !type.isEmpty();
        terminal.tell("nothing on " + access.name(topic) + (filtered ? " fits" : " yet"));
      }
      if (follow) {
        log.follow(
            record -> {
              if (accepts(record, printer)) {
                terminal.print(printer.line(record));
              }
            },
            () -> !terminal.out().checkError());
      }
    }
    return 0;
  }

  /// A type that no event of the topic has would find nothing, and be waited for for ever.
  private void requireType(Topic topic) {
    if (type.isEmpty() || !topic.hasSchema()) {
      return;
    }
    Set<String> types = new TreeSet<>();
    collect(topic.events(), types);
    if (!types.contains(type)) {
      List<String> near = NearestNames.of(type, types);
      throw new CommandFailedException(
          "no event of "
              + topic.topicName()
              + " is of type "
              + type
              + (near.isEmpty()
                  ? "; there are " + String.join(", ", types)
                  : NearestNames.advice(near)));
    }
  }

  private static void collect(Class<?> events, Set<String> types) {
    if (events.isSealed()) {
      for (Class<?> permitted : events.getPermittedSubclasses()) {
        collect(permitted, types);
      }
    } else {
      types.add(events.getSimpleName());
    }
  }

  /// Filters need to look further back than the newest few.
  private From from() {
    return all || !key.isEmpty() || !type.isEmpty() ? new From.Beginning() : new From.Newest(last);
  }

  /// What there is: all as it is read, or the newest few in the order of their time. False when
  /// there was nothing.
  private boolean print(TopicReading log, EventPrinter printer) throws IOException {
    var newest =
        new PriorityQueue<ConsumerRecord<String, byte[]>>(
            Comparator.<ConsumerRecord<String, byte[]>>comparingLong(ConsumerRecord::timestamp)
                .thenComparingInt(ConsumerRecord::partition)
                .thenComparingLong(ConsumerRecord::offset));
    boolean[] any = {false};
    log.toTheEnd(
        record -> {
          if (!accepts(record, printer)) {
            return;
          }
          any[0] = true;
          if (all) {
            terminal.print(printer.line(record));
          } else {
            newest.add(record);
            if (newest.size() > last) {
              newest.poll();
            }
          }
        },
        (_, _) -> {});
    while (!newest.isEmpty()) {
      terminal.print(printer.line(newest.poll()));
    }
    return any[0];
  }

  private boolean accepts(ConsumerRecord<String, byte[]> record, EventPrinter printer) {
    return (key.isEmpty() || (record.key() != null && record.key().startsWith(key)))
        && (type.isEmpty() || printer.type(record).equals(type));
  }
}
