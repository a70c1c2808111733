package dev.nexus.command.trigger;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.command.trigger.OutsideEvent.MalformedException;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.ingress.IngressEvent;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.blob.QuotaExceededException;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.EventRecords;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.NotReadInTimeException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets outside events in: a record of `nexus.ingress` with the right form and a registered source
/// becomes an `EventAccepted` on `nexus.events`. Tenant and actor come from the registration of the
/// source, never from the event. Large data is kept beside the log first, and the event names it.
/// Its key there is the event's own, so that copies meet in one
/// partition, whatever key, partition or partitioner they came by.
final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final EventCodec<IngressEvent> CODEC =
      EventCodec.of(Topic.EVENTS, IngressEvent.class);

  /// Bytes of an event with its key and headers; leaves room for what frames a record.
  private static final int LARGEST_EVENT = KafkaClients.LARGEST_RECORD - (64 << 10);

  /// Bytes of a record as it is read. The log bounds what it stores, which may be much less: a few
  /// packed KiB can be a GiB, and what is made of them takes several times that.
  private static final int LARGEST_UNPACKED = KafkaClients.LARGEST_CONSEQUENCE;

  /// Longest that an event of a source nobody here knows keeps others waiting.
  private static final Duration CURRENT_WITHIN = Duration.ofSeconds(2);

  private final KafkaClients clients;
  private final EventProducer producer;
  private final DeadLetters deadLetters;
  private final Integrations integrations;
  private final Payloads payloads;
  private final Clock clock;

  /// Whether the registrations were brought up to date since the records came that are taken now,
  /// and why not when that was tried.
  private boolean upToDate;

  private @Nullable NotReadInTimeException notUpToDate;

  Intake(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Integrations integrations,
      Payloads payloads,
      Clock clock) {
    this.clients = clients;
    this.producer = producer;
    this.deadLetters = deadLetters;
    this.integrations = integrations;
    this.payloads = payloads;
    this.clock = clock;
  }

  /// Begins with records that came just now: a registration that none of them could miss may have
  /// come since the last ones.
  void begin() {
    upToDate = false;
    notUpToDate = null;
  }

  /// Done when the log has the event, or says why it was put aside. It fails, or throws
  /// `RequestNotAcceptedException`, when the log takes nothing, or `UncheckedIOException` when the
  /// disk does not, or `NotReadInTimeException` when nobody knows whether its source is registered:
  /// then the record must be read again.
  CompletableFuture<Void> take(ConsumerRecord<String, byte[]> record) {
    try {
      long found = size(record);
      if (found > LARGEST_UNPACKED) {
        return deadLetters.send(
            record,
            "a record of at most "
                + LARGEST_UNPACKED
                + " bytes expected, unpacked; found "
                + found
                + ": send a link");
      }
      OutsideEvent event = OutsideEvent.read(record);
      Optional<Integration> integration = registered(event.source());
      if (integration.isEmpty()) {
        return deadLetters.send(record, unregistered(event.source()));
      }
      ProducerRecord<String, byte[]> accepted = accepted(event, integration.get(), record);
      long made = size(accepted);
      if (made > LARGEST_EVENT) {
        return deadLetters.send(
            record,
            "an event of at most "
                + LARGEST_EVENT
                + " bytes expected, as it is let in; found "
                + made
                + ": send a link");
      }
      return producer.send(accepted);
    } catch (MalformedException | QuotaExceededException e) {
      return deadLetters.send(record, String.valueOf(e.getMessage()));
    } catch (RequestNotAcceptedException
        | KafkaException
        | UncheckedIOException
        | NotReadInTimeException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("offset", record.offset()).log("event not understood");
      return deadLetters.send(record, "not understood: " + e);
    }
  }

  /// A source that this process has not heard of may be registered all the same, by another one and
  /// before the event came. That is looked up once for all records that came together, so that
  /// events of sources that nobody registered cost one question of the log in each poll.
  private Optional<Integration> registered(String source) {
    Optional<Integration> known = integrations.bySource(source);
    if (known.isPresent() || upToDate) {
      return known;
    }
    if (notUpToDate != null) {
      throw notUpToDate;
    }
    try {
      integrations.awaitCurrent(CURRENT_WITHIN);
    } catch (NotReadInTimeException e) {
      notUpToDate = e;
      throw e;
    }
    upToDate = true;
    return integrations.bySource(source);
  }

  /// Dead letters are read by operators of the installation, who know the sources of all tenants.
  private String unregistered(String source) {
    return "source '"
        + source
        + "' is not registered: register an integration for it"
        + NearestNames.advice(NearestNames.of(source, integrations.sources()));
  }

  /// Puts a record aside that cannot be read; done when the log says so.
  CompletableFuture<Void> passOver(TopicPartition partition, long offset, String reason) {
    return deadLetters.sendUnread(partition, offset, reason);
  }

  /// Bytes of key, value and headers, looked at before anything is made of them.
  private static long size(ConsumerRecord<String, byte[]> record) {
    long size =
        Math.max(0, record.serializedKeySize())
            + (record.value() == null ? 0L : record.value().length);
    for (Header header : record.headers()) {
      size += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }

  /// The same of what goes to the log.
  private static long size(ProducerRecord<String, byte[]> record) {
    long size = record.value().length + bytes(record.key());
    for (Header header : record.headers()) {
      size += bytes(header.key()) + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private ProducerRecord<String, byte[]> accepted(
      OutsideEvent event, Integration integration, ConsumerRecord<String, byte[]> record) {
    TenantId tenant = integration.tenant();
    UUID id = eventId(tenant, event.source(), event.id());
    Origin origin = new Origin(tenant, integration.actor(), EventDecider.ROAD, event.traceparent());
    var envelope =
        new Envelope(
            id,
            clock.instant(),
            tenant,
            integration.appId(),
            "",
            0,
            "",
            id.toString(),
            origin.actor(),
            origin.traceparent(),
            new Position(Topic.INGRESS.topicName(), record.partition(), record.offset()));
    var body =
        new EventAccepted(
            new Outside(
                integration.integrationId(),
                event.source(),
                event.id(),
                event.type(),
                event.subject(),
                event.time()),
            payloads.keepInput(tenant, new Json(CanonicalJson.write(event.data()))));
    return EventRecords.of(
        clients, CODEC, key(tenant, id, event), new Event<IngressEvent>(envelope, body));
  }

  /// The same event has the same id, however often and by whichever road it comes.
  static UUID eventId(TenantId tenant, String source, String id) {
    return NameIds.uuid5("outside", tenant.value(), source, id);
  }

  /// A truth goes where the event went that it is about, so that it does not overtake it.
  private static String key(TenantId tenant, UUID id, OutsideEvent event) {
    String about = event.data().path("id").asText("");
    return event.type().equals(EventDecider.TRUTH) && !about.isEmpty()
        ? Keys.outsideEvent(
            tenant, eventId(tenant, event.data().path("source").asText(event.source()), about))
        : Keys.outsideEvent(tenant, id);
  }
}
