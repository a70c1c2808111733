package dev.nexus.standalone.verb;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
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
      "A line is time, partition@offset, type, key, content. Offsets may have gaps: the end of",
      "a transaction takes one too.",
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
  public Integer call() {
    if (topicName.isEmpty() && spec != null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'TOPIC'");
    }
    Topic topic = LogAccess.topic(topicName);
    KafkaClients clients = LogAccess.clients(home, terminal);
    EventPrinter printer = EventPrinter.of(topic, json);
    try (KafkaConsumer<String, byte[]> consumer = clients.assignedConsumer("nexus-cli")) {
      List<TopicPartition> partitions = partitions(consumer, clients.name(topic));
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      seek(consumer, partitions, ends);
      if (!print(consumer, ends, printer)) {
        boolean filtered = !key.isEmpty() || !type.isEmpty();
        terminal.tell("nothing on " + clients.name(topic) + (filtered ? " fits" : " yet"));
      }
      while (follow && !terminal.out().checkError()) {
        for (var record : consumer.poll(Duration.ofMillis(500))) {
          if (accepts(record, printer)) {
            terminal.print(printer.line(record));
          }
        }
      }
    }
    return 0;
  }

  /// Up to `ends`: all as they are read, or the newest few in the order of their time. False when
  /// there were none.
  private boolean print(
      KafkaConsumer<String, byte[]> consumer,
      Map<TopicPartition, Long> ends,
      EventPrinter printer) {
    var newest =
        new PriorityQueue<ConsumerRecord<String, byte[]>>(
            Comparator.<ConsumerRecord<String, byte[]>>comparingLong(ConsumerRecord::timestamp)
                .thenComparingInt(ConsumerRecord::partition)
                .thenComparingLong(ConsumerRecord::offset));
    boolean any = false;
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      for (var record : consumer.poll(Duration.ofMillis(200))) {
        if (accepts(record, printer)) {
          any = true;
          if (all) {
            terminal.print(printer.line(record));
          } else {
            newest.add(record);
            if (newest.size() > last) {
              newest.poll();
            }
          }
        }
      }
    }
    while (!newest.isEmpty()) {
      terminal.print(printer.line(newest.poll()));
    }
    return any;
  }

  private boolean accepts(ConsumerRecord<String, byte[]> record, EventPrinter printer) {
    return (key.isEmpty() || (record.key() != null && record.key().startsWith(key)))
        && (type.isEmpty() || printer.type(record).equals(type));
  }

  /// Filters need to look further back than the newest few.
  private void seek(
      KafkaConsumer<String, byte[]> consumer,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends) {
    if (all || !key.isEmpty() || !type.isEmpty()) {
      consumer.seekToBeginning(partitions);
      return;
    }
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    // Commit markers of transactions take offsets too, so go back twice as far.
    partitions.forEach(
        p ->
            consumer.seek(
                p, Math.max(begins.getOrDefault(p, 0L), ends.getOrDefault(p, 0L) - 2L * last)));
  }

  private static List<TopicPartition> partitions(
      KafkaConsumer<String, byte[]> consumer, String name) {
    var found = consumer.partitionsFor(name, Duration.ofSeconds(10));
    if (found == null || found.isEmpty()) {
      throw new CommandFailedException("the brokers have no topic " + name);
    }
    return found.stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
  }
}
