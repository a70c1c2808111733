package dev.nexus.platform.stream;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.topic.Topic;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Makes every Kafka client of a process, so that durability and isolation are the same everywhere:
/// acks=all, idempotent, no lingering but where the owner flushes, and readers see committed
/// records only, but those that look for what is not committed.
public final class KafkaClients {
  /// Largest record that anybody but an owner of partitions may write, bytes.
  public static final int LARGEST_RECORD = 4 << 20;

  /// Largest record at all, bytes: what follows from records of the largest size must fit, or such
  /// a record would stop the partition it stands on.
  public static final int LARGEST_CONSEQUENCE = 9 << 20;

  /// Session of members of consumer groups, milliseconds, where the settings have no other.
  private static final int SESSION_MS = 6_000;

  /// Longest time of a transaction, milliseconds, where the settings have no other.
  private static final int TRANSACTION_TIMEOUT_MS = 30_000;

  /// What members of share groups do not start with, whoever else has it from the settings: the
  /// brokers decide it for them.
  private static final Set<String> NOT_FOR_SHARE_GROUPS =
      Set.of(
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
          ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
          ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
          ConsumerConfig.GROUP_PROTOCOL_CONFIG,
          ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG);

  private final Map<String, Object> base;
  private final String prefix;
  private final WrittenEvents written;

  public KafkaClients(Settings settings) {
    this(settings.kafkaProperties(), settings.text(Setting.KAFKA_TOPIC_PREFIX));
  }

  public KafkaClients(Map<String, String> properties, String prefix) {
    if (!properties.containsKey("bootstrap.servers")) {
      throw new IllegalArgumentException("bootstrap.servers is missing");
    }
    this.base = Map.copyOf(properties);
    this.prefix = prefix;
    this.written = new WrittenEvents(name(Topic.INGRESS));
  }

  /// Name of a topic on this installation's brokers.
  public String name(Topic topic) {
    return prefix + topic.topicName();
  }

  /// Name of a consumer group or transactional id on this installation's brokers.
  public String group(String name) {
    return prefix + "nexus-" + name;
  }

  /// Session that members of consumer groups ask for, milliseconds.
  public long sessionMs() {
    return milliseconds(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
  }

  /// Longest time of a transaction that owners of partitions ask for, milliseconds.
  public long transactionTimeoutMs() {
    return milliseconds(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
  }

  private long milliseconds(String property, int otherwise) {
    return Long.parseLong(base.getOrDefault(property, otherwise).toString().strip());
  }

  /// What its producers wrote.
  public WrittenEvents written() {
    return written;
  }

  public Admin admin() {
    return Admin.create(base);
  }

  /// An admin client for what measures: no answer within some seconds is an answer, a late one is
  /// none. What the settings say of its times holds.
  public Admin impatientAdmin() {
    Map<String, Object> config = new HashMap<>(base);
    config.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    config.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
    return Admin.create(config);
  }

  /// A producer of single events. What is sent while a request is under way goes with the next
  /// one: under load that makes one request, and one sync to the disk, of many events. Brokers that
  /// were never met are waited for ten seconds, not the minute of the default: somebody is asking.
  public KafkaProducer<String, byte[]> producer(String clientId) {
    Map<String, Object> config = producerConfig(clientId);
    config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    return new KafkaProducer<>(config);
  }

  /// The same for records as large as their topics take them, which is for the brokers to say: what
  /// this client reckons a record to have is a little more than it writes.
  public KafkaProducer<String, byte[]> wideProducer(String clientId) {
    Map<String, Object> config = producerConfig(clientId);
    config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_CONSEQUENCE + (64 << 10));
    return new KafkaProducer<>(config);
  }

  /// A producer whose sends are atomic; a newer one with the same id fences this one. Its records
  /// wait for the commit, which sends them at once: the first batch of a transaction waits at the
  /// broker for the end of the one before, and a second batch that overtook it would be refused and
  /// cost a retry.
  public KafkaProducer<String, byte[]> transactionalProducer(String transactionalId) {
    Map<String, Object> config = producerConfig(transactionalId);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group(transactionalId));
    config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_CONSEQUENCE);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 1_000);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
    return new KafkaProducer<>(config);
  }

  /// A producer that sends when it is flushed and not before, unless a batch has `batchBytes`; each
  /// send is repeated until the broker has answered.
  public KafkaProducer<String, byte[]> batchingProducer(String clientId, int batchBytes) {
    Map<String, Object> config = producerConfig(clientId);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_CONSEQUENCE);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, batchBytes);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(32 << 20, 8 * batchBytes));
    config.put(ProducerConfig.LINGER_MS_CONFIG, Integer.MAX_VALUE / 2);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    return new KafkaProducer<>(config);
  }

  /// A producer of what may be lost: it gives up soon, holds little and never waits long.
  public KafkaProducer<String, byte[]> bestEffortProducer(String clientId) {
    Map<String, Object> config = producerConfig(clientId);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
    config.put(ProducerConfig.ACKS_CONFIG, "1");
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4 << 20);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 100);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000);
    return new KafkaProducer<>(config);
  }

  /// A reader that is assigned its partitions by hand and commits nothing.
  public KafkaConsumer<String, byte[]> assignedConsumer(String clientId) {
    Map<String, Object> config = consumerConfig(clientId);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return new KafkaConsumer<>(config);
  }

  /// A member of a consumer group that leaves it at its end.
  public KafkaConsumer<String, byte[]> groupConsumer(String groupName, String clientId) {
    return groupConsumer(groupName, clientId, "");
  }

  /// A member of a consumer group as above, whose polls give up to `maxPollRecords`.
  public KafkaConsumer<String, byte[]> groupConsumer(
      String groupName, String clientId, int maxPollRecords) {
    Map<String, Object> config = groupConfig(groupName, clientId);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    return new KafkaConsumer<>(config);
  }

  /// A reader as `assignedConsumer`, whose polls give up to `maxPollRecords`.
  public KafkaConsumer<String, byte[]> assignedConsumer(String clientId, int maxPollRecords) {
    Map<String, Object> config = consumerConfig(clientId);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    return new KafkaConsumer<>(config);
  }

  /// A reader as `assignedConsumer` of everything that stands on the log, what is not committed and
  /// what was aborted too: nobody may decide by what it reads.
  public KafkaConsumer<String, byte[]> uncommittedConsumer(String clientId, int maxPollRecords) {
    Map<String, Object> config = consumerConfig(clientId);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    return new KafkaConsumer<>(config);
  }

  /// A reader as `assignedConsumer` that must miss nothing: where the log no longer has what comes
  /// next, a poll throws `OffsetOutOfRangeException`. Its positions must be set.
  public KafkaConsumer<String, byte[]> gaplessConsumer(String clientId, int maxPollRecords) {
    Map<String, Object> config = consumerConfig(clientId);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    return new KafkaConsumer<>(config);
  }

  /// A reader as `gaplessConsumer` that goes through partitions one after the other. The broker
  /// keeps a question about a partition without news open, for half a second by default, and
  /// answers the next one after that; this reader asks for so short a time that a change of
  /// partition costs nothing.
  public KafkaConsumer<String, byte[]> scanningConsumer(String clientId, int maxPollRecords) {
    Map<String, Object> config = consumerConfig(clientId);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
    return new KafkaConsumer<>(config);
  }

  /// A member of a consumer group with the range assignor, so that topics with the same number of
  /// partitions are assigned alike. `staticMember` is the name it keeps over restarts, "" for none.
  public KafkaConsumer<String, byte[]> groupConsumer(
      String groupName, String clientId, String staticMember) {
    Map<String, Object> config = groupConfig(groupName, clientId);
    if (!staticMember.isEmpty()) {
      config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, staticMember);
    }
    return new KafkaConsumer<>(config);
  }

  /// A member of a consumer group that divides partitions and reads nothing: another member that
  /// comes or goes takes only those from it that it is to have.
  public KafkaConsumer<String, byte[]> dividingConsumer(String groupName, String clientId) {
    Map<String, Object> config = groupConfig(groupName, clientId);
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return new KafkaConsumer<>(config);
  }

  private Map<String, Object> groupConfig(String groupName, String clientId) {
    Map<String, Object> config = consumerConfig(clientId);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group(groupName));
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    config.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
    return config;
  }

  /// A member of a share group: records go to one member each and are acknowledged one by one.
  public KafkaShareConsumer<String, byte[]> shareConsumer(
      String groupName, String clientId, int maxPollRecords) {
    return new KafkaShareConsumer<>(shareConfig(groupName, clientId, maxPollRecords));
  }

  /// As `shareConsumer`, but a poll never gives more than `maxPollRecords`, at the price of smaller
  /// fetches: for readers that hold a permit for every record they take.
  public KafkaShareConsumer<String, byte[]> strictShareConsumer(
      String groupName, String clientId, int maxPollRecords) {
    Map<String, Object> config = shareConfig(groupName, clientId, maxPollRecords);
    config.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    return new KafkaShareConsumer<>(config);
  }

  private Map<String, Object> shareConfig(String groupName, String clientId, int maxPollRecords) {
    Map<String, Object> config = consumerConfig(clientId);
    config.keySet().removeAll(NOT_FOR_SHARE_GROUPS);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group(groupName));
    config.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    return config;
  }

  private Map<String, Object> producerConfig(String clientId) {
    Map<String, Object> config = new HashMap<>(base);
    config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_RECORD);
    config.merge(
        ProducerConfig.INTERCEPTOR_CLASSES_CONFIG,
        WrittenEvents.Interceptor.class.getName(),
        (others, ours) -> others + "," + ours);
    config.put(WrittenEvents.SETTING, written);
    return config;
  }

  private Map<String, Object> consumerConfig(String clientId) {
    Map<String, Object> config = new HashMap<>(base);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
    config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return config;
  }
}
