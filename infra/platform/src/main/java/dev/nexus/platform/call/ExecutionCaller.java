package dev.nexus.platform.call;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ProblemReplied;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.reply.ReplyEvent.ResultReplied;
import dev.nexus.event.request.RequestEvent;
import dev.nexus.event.request.RequestEvent.CancelRequested;
import dev.nexus.event.request.RequestEvent.ReleaseRequested;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.event.request.RequestEvent.TruthSubmitted;
import dev.nexus.platform.blob.PayloadGoneException;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.blob.QuotaExceededException;
import dev.nexus.platform.config.Setting;
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
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Appends requests and gives their answers to the callers that wait in this process. Every method
/// returns when the log has the request, and throws `RequestNotAcceptedException` when it does not
/// take it or when answers cannot be read now.
public final class ExecutionCaller implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionCaller.class);

  /// How finely a wait ends: the sweeper looks this often.
  private static final Duration SWEEP = Duration.ofMillis(20);

  /// A reply nobody came to await is forgotten after this.
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(15);

  /// Somebody must make room first.
  private static final Duration UNKEPT_AGAIN = Duration.ofSeconds(30);

  private final EventCodec<RequestEvent> requests =
      EventCodec.of(Topic.REQUESTS, RequestEvent.class);
  private final EventProducer producer;
  private final Payloads payloads;
  private final InstanceId instance;
  private final EdgeIds ids;
  private final Clock clock;
  private final Waiters waiters = new Waiters();
  private final ReplyTail<ReplyEvent> tail;
  private final Thread sweeper;
  private volatile boolean closing;

  public ExecutionCaller(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Payloads payloads,
      InstanceId instance,
      Clock clock) {
    this.producer = producer;
    this.payloads = payloads;
    this.instance = instance;
    this.clock = clock;
    this.ids = new EdgeIds(clock);
    this.tail = ReplyTail.ofExecutions(clients, instance, deadLetters, waiters::deliver);
    this.sweeper = Thread.ofPlatform().daemon().name("reply-sweeper").unstarted(this::sweep);
  }

  @Override
  public String name() {
    return "execution-caller";
  }

  @Override
  public void start() {
    tail.start();
    sweeper.start();
  }

  @Override
  public void awaitReady(Duration patience) {
    tail.awaitReady(patience);
  }

  @Override
  public boolean healthy() {
    return tail.healthy();
  }

  /// The id a call's execution will have: the one its idempotency key names, else a new one.
  public ExecutionId executionOf(Call call) {
    return call.executionId(ids);
  }

  /// Asks for an execution and keeps a place for its answer.
  public PendingReply invoke(Call call) {
    return invoke(call, executionOf(call));
  }

  /// The same, with an id from `executionOf` of this call.
  public PendingReply invoke(Call call, ExecutionId execution) {
    Call kept = kept(call);
    return ask(
        call.origin(), call.appId(), execution, replyTo -> RequestEvents.invocation(kept, replyTo));
  }

  /// Asks for an execution whose answer nobody awaits here.
  public ExecutionId submit(Call call) {
    ExecutionId execution = call.executionId(ids);
    append(
        ids.next(),
        call.origin(),
        call.appId(),
        execution,
        RequestEvents.invocation(kept(call), ReplyAddress.NOBODY));
    return execution;
  }

  /// Asks to end an execution; `appId` "" means whichever application it belongs to, else the
  /// router refuses one of another application.
  public PendingReply cancel(Origin origin, String appId, ExecutionId execution, String reason) {
    return ask(origin, appId, execution, replyTo -> new CancelRequested(reason, replyTo));
  }

  /// Lets a quarantined execution go on, or ends it.
  public PendingReply release(Origin origin, String appId, ExecutionId execution, boolean discard) {
    return ask(origin, appId, execution, replyTo -> new ReleaseRequested(discard, replyTo));
  }

  /// Reports the right output of an execution, running or finished.
  public PendingReply truth(Origin origin, String appId, ExecutionId execution, Json output) {
    Json kept = keptOutput(origin, output);
    return ask(origin, appId, execution, replyTo -> new TruthSubmitted(kept, replyTo));
  }

  private Call kept(Call call) {
    try {
      return call.carrying(payloads.keepInput(call.origin().tenant(), call.input()));
    } catch (QuotaExceededException e) {
      throw overQuota(e);
    } catch (UncheckedIOException e) {
      throw notKept(e);
    }
  }

  private Json keptOutput(Origin origin, Json output) {
    try {
      return payloads.keepOutput(origin.tenant(), output);
    } catch (QuotaExceededException e) {
      throw overQuota(e);
    } catch (UncheckedIOException e) {
      throw notKept(e);
    }
  }

  private static RuntimeException overQuota(QuotaExceededException e) {
    return Problem.of(
            HttpStatus.INSUFFICIENT_STORAGE, "payload-quota", String.valueOf(e.getMessage()))
        .exception();
  }

  /// The log has the file's name; a caller need not know this machine's directories.
  private static RuntimeException notKept(UncheckedIOException e) {
    LOG.atError().setCause(e).log("a large content could not be kept, its call is refused");
    String reason =
        e.getCause() instanceof FileSystemException file
            ? Objects.requireNonNullElse(file.getReason(), file.getClass().getSimpleName())
            : String.valueOf(e.getCause());
    return Problem.of(
            HttpStatus.INSUFFICIENT_STORAGE,
            "payloads-not-kept",
            "large contents cannot be kept now ("
                + reason
                + "): look at "
                + Setting.PAYLOAD_DIR.variable())
        .retryAfter(UNKEPT_AGAIN)
        .exception();
  }

  /// An answer as its caller reads it: with its content.
  private ReplyEvent whole(TenantId tenant, ReplyEvent reply) {
    try {
      return switch (reply) {
        case ResultReplied(var at, var output, var tier, long sequence) ->
            new ResultReplied(at, payloads.content(tenant, output), tier, sequence);
        case ProblemReplied problem -> problem;
        case RefusalReplied refusal -> refusal;
        case ReceiptReplied receipt -> receipt;
      };
    } catch (PayloadGoneException e) {
      throw Problem.of(HttpStatus.GONE, "payload-gone", String.valueOf(e.getMessage())).exception();
    }
  }

  private PendingReply ask(
      Origin origin,
      String appId,
      ExecutionId execution,
      Function<ReplyAddress, RequestEvent> body) {
    ReplyAddress replyTo = new ReplyAddress(instance.value(), tail.partition());
    UUID requestId = ids.next();
    PendingReply pending =
        new PendingReply(
            execution, requestId, waiters, reply -> whole(origin.tenant(), reply), FORGOTTEN_AFTER);
    waiters.add(pending);
    boolean accepted = false;
    try {
      append(requestId, origin, appId, execution, body.apply(replyTo));
      accepted = true;
      return pending;
    } finally {
      if (!accepted) {
        pending.close();
      }
    }
  }

  private void append(
      UUID requestId, Origin origin, String appId, ExecutionId execution, RequestEvent body) {
    var event = RequestEvents.event(requestId, clock.instant(), origin, appId, execution, body);
    producer.append(requests, Keys.execution(origin.tenant(), execution), event);
  }

  private void sweep() {
    while (!closing) {
      LockSupport.parkNanos(SWEEP.toNanos());
      waiters.sweep(System.nanoTime());
    }
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(sweeper);
    tail.close();
    waiters.end();
  }
}
