package dev.nexus.testkit;

import dev.nexus.event.Event;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.topic.Profile;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Gives a test class the topics of Nexus on the one real broker of this JVM.
///
/// ```java
/// @RegisterExtension static final BrokerExtension broker = BrokerExtension.ofClass();
/// ```
public final class BrokerExtension implements BeforeAllCallback, BeforeEachCallback {
  /// Several partitions, so that what goes wrong between partitions can go wrong here.
  public static final Profile SPREAD = new Profile(4, 4, 1, 1, 1);

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  /// Who sees the same topics.
  private enum Scope {
    JVM,
    TEST_CLASS,
    TEST
  }

  private final Scope scope;
  private @Nullable SharedServers servers;
  private @Nullable KafkaClients clients;
  private String prefix = "";

  private BrokerExtension(Scope scope) {
    this.scope = scope;
  }

  /// The same topics for every class that asks this way.
  public static BrokerExtension shared() {
    return new BrokerExtension(Scope.JVM);
  }

  /// New topics for the test class.
  public static BrokerExtension ofClass() {
    return new BrokerExtension(Scope.TEST_CLASS);
  }

  /// New topics for each test.
  public static BrokerExtension ofTest() {
    return new BrokerExtension(Scope.TEST);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    servers = SharedServers.of(context);
    if (scope != Scope.TEST) {
      begin(scope == Scope.JVM ? "" : nextPrefix());
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (servers == null) {
      servers = SharedServers.of(context);
    }
    if (scope == Scope.TEST || clients == null) {
      begin(scope == Scope.JVM ? "" : nextPrefix());
    }
  }

  private static String nextPrefix() {
    return "t" + PREFIXES.incrementAndGet() + "-";
  }

  private void begin(String newPrefix) {
    prefix = newPrefix;
    KafkaClients fresh = clients(Map.of());
    new TopicTable(fresh, SPREAD, false).create();
    clients = fresh;
  }

  public String bootstrapServers() {
    return started().broker().bootstrapServers();
  }

  /// Clients that see the topics of this scope.
  public KafkaClients clients() {
    if (clients == null) {
      throw new IllegalStateException("the test has not begun");
    }
    return clients;
  }

  /// Clients that see the same topics, with these properties besides, among which may be another
  /// address to begin at.
  public KafkaClients clients(Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(more);
    properties.putIfAbsent("bootstrap.servers", bootstrapServers());
    return new KafkaClients(properties, prefix);
  }

  /// Settings of a process on this broker and, where asked for, on the shared Redis.
  public Settings settings(Map<String, String> more) {
    Map<String, String> values = new HashMap<>(more);
    values.put("NEXUS_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers());
    values.put("NEXUS_KAFKA_TOPIC_PREFIX", prefix);
    return Settings.of(values);
  }

  /// Everything that is on the topic now and committed, partition by partition. Waits for the
  /// markers of commits that are done.
  public <E> List<Event<E>> read(Topic topic, Class<E> events) {
    Markers.await(started().admin(), clients(), topic);
    return new TopicReader(clients()).read(topic, EventCodec.of(topic, events));
  }

  /// Reads until the topic holds `count` committed events or more. Waiting costs what is new.
  public <E> List<Event<E>> await(Topic topic, Class<E> events, int count) {
    AtomicInteger found = new AtomicInteger();
    try (TopicCursor cursor = new TopicCursor(clients(), topic)) {
      Eventually.value(
          () ->
              found.addAndGet(
                  (int) cursor.next().stream().filter(record -> record.value() != null).count()),
          seen -> seen >= count,
          count + " events on " + topic);
    }
    return read(topic, events);
  }

  private SharedServers started() {
    if (servers == null) {
      throw new IllegalStateException("the test has not begun");
    }
    return servers;
  }
}
