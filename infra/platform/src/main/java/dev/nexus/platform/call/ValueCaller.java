package dev.nexus.platform.call;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.Position;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueLimits;
import dev.nexus.event.value.ValueReplyEvent;
import dev.nexus.event.value.ValueReplyEvent.AbsentReplied;
import dev.nexus.event.value.ValueReplyEvent.ChangedReplied;
import dev.nexus.event.value.ValueReplyEvent.DeletedReplied;
import dev.nexus.event.value.ValueReplyEvent.FoundReplied;
import dev.nexus.event.value.ValueReplyEvent.ListReplied;
import dev.nexus.event.value.ValueReplyEvent.RefusedReplied;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.event.value.ValueRequestEvent.DeleteRequested;
import dev.nexus.event.value.ValueRequestEvent.GetRequested;
import dev.nexus.event.value.ValueRequestEvent.IncrementRequested;
import dev.nexus.event.value.ValueRequestEvent.ListRequested;
import dev.nexus.event.value.ValueRequestEvent.SetRequested;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import io.micronaut.http.HttpStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// Asks the owner of an application's values, over the log, and gives its answers to the callers
/// that wait in this process.
public final class ValueCaller implements RuntimeValues, NexusService {
  /// Longest wait for an answer. An owner that was killed has a successor by then.
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(20);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventCodec<ValueRequestEvent> requests =
      EventCodec.of(Topic.VALUE_REQUESTS, ValueRequestEvent.class);
  private final EventProducer producer;
  private final InstanceId instance;
  private final EdgeIds ids;
  private final Admission admission;
  private final Clock clock;
  private final ValueWaiters waiters = new ValueWaiters();
  private final ReplyTail<ValueReplyEvent> tail;

  public ValueCaller(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      InstanceId instance,
      Admission admission,
      Clock clock) {
    this.producer = producer;
    this.instance = instance;
    this.admission = admission;
    this.clock = clock;
    this.ids = new EdgeIds(clock);
    this.tail =
        new ReplyTail<>(
            clients,
            instance,
            deadLetters,
            EventCodec.of(Topic.VALUE_REPLIES, ValueReplyEvent.class),
            reply -> reply.body().replyInstance(),
            waiters::deliver);
  }

  @Override
  public String name() {
    return "value-caller";
  }

  @Override
  public void start() {
    tail.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    tail.awaitReady(patience);
  }

  @Override
  public boolean healthy() {
    return tail.healthy();
  }

  @Override
  public Optional<Value> get(ValueName name) {
    require(ValueLimits.faultOfKey(name.key()));
    ValueReplyEvent reply = ask(name, replyTo -> new GetRequested(name.key(), replyTo));
    return switch (reply) {
      case FoundReplied(_, var content, var version, var expiresAt) ->
          Optional.of(new Value(content, version, end(expiresAt)));
      case AbsentReplied _ -> Optional.empty();
      case RefusedReplied refused -> throw refusal(refused);
      case ChangedReplied _, DeletedReplied _, ListReplied _ -> throw unexpected(reply);
    };
  }

  @Override
  public Changed set(ValueName name, Json content, Terms terms) {
    require(ValueLimits.faultOfKey(name.key()));
    Json canonical = canonical(content);
    require(terms);
    admission.refuseFull();
    return changed(
        ask(
            name,
            replyTo ->
                new SetRequested(
                    name.key(), canonical, terms.ttl(), terms.expectedVersion(), replyTo)));
  }

  @Override
  public Changed increment(ValueName name, long by, Terms terms) {
    require(ValueLimits.faultOfKey(name.key()));
    require(terms);
    admission.refuseFull();
    return changed(
        ask(
            name,
            replyTo ->
                new IncrementRequested(
                    name.key(), by, terms.ttl(), terms.expectedVersion(), replyTo)));
  }

  private static Changed changed(ValueReplyEvent reply) {
    return switch (reply) {
      case ChangedReplied(_, var content, var version, var expiresAt) ->
          new Changed(content, version, end(expiresAt));
      case RefusedReplied refused -> throw refusal(refused);
      case FoundReplied _, AbsentReplied _, DeletedReplied _, ListReplied _ ->
          throw unexpected(reply);
    };
  }

  @Override
  public boolean delete(ValueName name, long expectedVersion) {
    require(ValueLimits.faultOfKey(name.key()));
    require(ValueLimits.faultOfVersion(expectedVersion));
    admission.refuseFull();
    ValueReplyEvent reply =
        ask(name, replyTo -> new DeleteRequested(name.key(), expectedVersion, replyTo));
    return switch (reply) {
      case DeletedReplied _ -> true;
      case AbsentReplied _ -> false;
      case RefusedReplied refused -> throw refusal(refused);
      case FoundReplied _, ChangedReplied _, ListReplied _ -> throw unexpected(reply);
    };
  }

  @Override
  public Page list(Origin origin, String appId, String prefix, String after, int most) {
    require(ValueLimits.faultOfPrefix(prefix));
    require(ValueLimits.faultOfPrefix(after));
    require(ValueLimits.faultOfPage(most));
    var all = new ValueName(origin, appId, "");
    ValueReplyEvent reply = ask(all, replyTo -> new ListRequested(prefix, after, most, replyTo));
    return switch (reply) {
      case ListReplied(_, var listed, var more) -> new Page(listed(listed), more);
      case RefusedReplied refused -> throw refusal(refused);
      case FoundReplied _, AbsentReplied _, ChangedReplied _, DeletedReplied _ ->
          throw unexpected(reply);
    };
  }

  private static List<Listed> listed(Json json) {
    List<Listed> values = new ArrayList<>();
    try {
      for (JsonNode each : JSON.readTree(json.text())) {
        values.add(
            new Listed(
                each.path("key").asText(),
                each.path("version").asLong(),
                end(Instant.ofEpochMilli(each.path("expiresAt").asLong()))));
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a list of values that is no JSON", e);
    }
    return values;
  }

  private static Optional<Instant> end(Instant expiresAt) {
    return expiresAt.equals(ValueEvent.NEVER) ? Optional.empty() : Optional.of(expiresAt);
  }

  private ValueReplyEvent ask(ValueName name, Function<ReplyAddress, ValueRequestEvent> request) {
    Origin origin = name.origin();
    UUID call = ids.next();
    UUID id =
        name.idempotencyKey()
            .map(key -> NameIds.uuid5("value", origin.tenant().value(), name.appId(), key))
            .orElse(call);
    var body = request.apply(new ReplyAddress(instance.value(), tail.partition()));
    var envelope =
        new Envelope(
            id,
            clock.instant(),
            origin.tenant(),
            name.appId(),
            "",
            0,
            "",
            call.toString(),
            origin.actor(),
            origin.traceparent(),
            Position.NONE);
    CompletableFuture<ValueReplyEvent> answer = waiters.add(call);
    try {
      String key = Keys.values(origin.tenant(), name.appId());
      producer.append(requests, key, new Event<>(envelope, body));
      return answer.get(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw late();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw late();
    } catch (ExecutionException e) {
      throw new IllegalStateException("waiting for the answer to " + id + " failed", e);
    } finally {
      waiters.remove(call);
    }
  }

  private static RuntimeException late() {
    return Problem.of(
            HttpStatus.GATEWAY_TIMEOUT,
            "value-answer-late",
            "no answer within "
                + ANSWERED_WITHIN.toSeconds()
                + " s, so whether the value is changed is not known: ask again, a change under the"
                + " same idempotency key")
        .retryAfter(Duration.ofSeconds(2))
        .exception();
  }

  private static IllegalStateException unexpected(ValueReplyEvent reply) {
    return new IllegalStateException("an answer to another request: " + reply);
  }

  private static RuntimeException refusal(RefusedReplied refused) {
    Problem problem =
        Problem.of(ValueRefusals.status(refused.problem()), refused.problem(), refused.detail());
    return ValueRefusals.aboutVersions(refused, problem).exception();
  }

  private static void require(Terms terms) {
    require(ValueLimits.faultOfTtl(terms.ttl()));
    require(ValueLimits.faultOfVersion(terms.expectedVersion()));
  }

  private static void require(Optional<String> fault) {
    fault.ifPresent(
        text -> {
          throw invalid(text);
        });
  }

  private static RuntimeException invalid(String text) {
    return Problem.of(HttpStatus.BAD_REQUEST, "invalid-request", text).exception();
  }

  /// A value is the same by whichever edge it comes, and some have it as a tree, not as a text.
  private static Json canonical(Json content) {
    require(ValueLimits.faultOfContent(content.text()));
    Json canonical;
    try {
      canonical = new Json(CanonicalJson.write(CanonicalJson.read(content)));
    } catch (MalformedJsonException e) {
      throw invalid("a value is JSON: " + e.getMessage());
    }
    require(ValueLimits.faultOfContent(canonical.text())); // 1e300 has 301 digits now
    return canonical;
  }

  @Override
  public void close() {
    tail.close();
  }
}
