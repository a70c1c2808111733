package dev.nexus.command.trigger;

import dev.nexus.command.access.Integrations;
import dev.nexus.command.trigger.IngressDecider.Verdict;
import dev.nexus.command.trigger.IngressDecider.Wish;
import dev.nexus.command.trigger.OutsideEvent.MalformedException;
import dev.nexus.event.Event;
import dev.nexus.event.NameIds;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.platform.call.RequestEvents;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads `nexus.ingress` and appends what its events ask for. Positions are committed after the log
/// has the requests, so an event may be read twice; its requests have the same ids both times.
public final class IngressReader implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(IngressReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final EventCodec<RequestEvent> codec = EventCodec.of(Topic.REQUESTS, RequestEvent.class);
  private final KafkaClients clients;
  private final EventProducer producer;
  private final DeadLetters deadLetters;
  private final IngressDecider decider;
  private final Clock clock;
  private final String clientId;
  private final Thread thread;
  private final CountDownLatch assigned = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean reading;

  /// What it reads with, writes with and decides by.
  public record Parts(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Integrations integrations,
      DefinitionCatalog catalog,
      SchemaChecks schemas) {}

  public IngressReader(Parts parts, InstanceId instance, Clock clock) {
    this.clock = clock;
    this.clients = parts.clients();
    this.producer = parts.producer();
    this.deadLetters = parts.deadLetters();
    this.decider = new IngressDecider(parts.integrations(), parts.catalog(), parts.schemas());
    this.clientId = instance + "-trigger";
    this.thread = Thread.ofPlatform().daemon().name("trigger").unstarted(this::run);
  }

  @Override
  public String name() {
    return "trigger";
  }

  @Override
  public void start() {
    thread.start();
  }

  /// Ready when it takes part in its group; events wait on the topic until then.
  @Override
  public void awaitReady(Duration patience) {
    try {
      if (!assigned.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nexus.ingress could not be read within " + patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before nexus.ingress could be read", e);
    }
  }

  @Override
  public boolean healthy() {
    return reading && thread.isAlive();
  }

  /// Reads as a member of the group; a membership that fails is ended and begun anew.
  private void run() {
    while (!closing()) {
      try (KafkaConsumer<String, byte[]> consumer = clients.groupConsumer("trigger", clientId)) {
        consumer.subscribe(List.of(clients.name(Topic.INGRESS)));
        while (!closing()) {
          ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
          reading = true;
          assigned.countDown();
          if (!records.isEmpty() && written(records)) {
            consumer.commitSync();
          }
        }
      } catch (CommitFailedException e) {
        LOG.atInfo().log("another instance took over and reads these events again");
      } catch (RuntimeException e) {
        reading = false;
        LOG.atError().setCause(e).log("nexus.ingress is read anew; outside events wait on it");
        pause();
      }
    }
  }

  private boolean closing() {
    return closing.getCount() == 0;
  }

  /// Writes until the log has it all: nothing is skipped because the log was away for a while.
  /// False when this process ended before that.
  private boolean written(ConsumerRecords<String, byte[]> records) {
    while (!closing()) {
      try {
        List<CompletableFuture<Void>> sends = new ArrayList<>();
        records.forEach(record -> sends.addAll(handle(record)));
        sends.forEach(CompletableFuture::join);
        return true;
      } catch (CompletionException | RequestNotAcceptedException e) {
        LOG.atWarn().setCause(e).log("requests could not be written, trying again");
        pause();
      }
    }
    return false;
  }

  private List<CompletableFuture<Void>> handle(ConsumerRecord<String, byte[]> record) {
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    try {
      OutsideEvent event = OutsideEvent.read(record);
      Verdict verdict = decider.decide(event);
      verdict.wishes().forEach(wish -> sends.add(send(wish, event)));
      if (!verdict.refusals().isEmpty()) {
        deadLetters.add(record, String.join(" | ", verdict.refusals()));
      }
    } catch (MalformedException e) {
      deadLetters.add(record, String.valueOf(e.getMessage()));
    } catch (CompletionException | RequestNotAcceptedException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("offset", record.offset()).log("event not understood");
      deadLetters.add(record, "not understood: " + e);
    }
    return sends;
  }

  private CompletableFuture<Void> send(Wish wish, OutsideEvent cause) {
    Instant at = clock.instant();
    Event<RequestEvent> event =
        switch (wish) {
          case Wish.Start(var execution, var call) ->
              RequestEvents.event(
                  id("trigger", wish, cause),
                  at,
                  call.origin(),
                  call.appId(),
                  execution,
                  RequestEvents.invocation(call, ReplyAddress.NOBODY));
          case Wish.ReportTruth(var execution, var origin, var appId, var output) ->
              RequestEvents.event(
                  id("truth", wish, cause),
                  at,
                  origin,
                  appId,
                  execution,
                  new TruthSubmitted(output));
        };
    return producer.send(
        codec, Keys.execution(event.envelope().tenantId(), wish.execution()), event);
  }

  private static UUID id(String kind, Wish wish, OutsideEvent cause) {
    return NameIds.uuid5(kind, wish.execution().toString(), cause.source(), cause.id());
  }

  private void pause() {
    try {
      closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
