package dev.nexus.command.api;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.CallerJoined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.execution.ExecutionEvent.ExecutionCancelled;
import dev.nexus.event.execution.ExecutionEvent.ExecutionFailed;
import dev.nexus.event.execution.ExecutionEvent.ExecutionQuarantined;
import dev.nexus.event.execution.ExecutionEvent.ExecutionReleased;
import dev.nexus.event.execution.ExecutionEvent.ExecutionSucceeded;
import dev.nexus.event.execution.ExecutionEvent.ExecutionTimedOut;
import dev.nexus.event.execution.ExecutionEvent.LineJoined;
import dev.nexus.event.execution.ExecutionEvent.LineLeft;
import dev.nexus.event.execution.ExecutionEvent.RecordParked;
import dev.nexus.event.execution.ExecutionEvent.StepStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskDeoptimised;
import dev.nexus.event.execution.ExecutionEvent.TaskFailed;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.execution.ExecutionEvent.TaskStarted;
import dev.nexus.event.execution.ExecutionEvent.TaskSucceeded;
import dev.nexus.event.execution.ExecutionEvent.TruthReported;
import dev.nexus.event.execution.ExecutionEvent.TurnReturned;
import dev.nexus.event.execution.ExecutionEvent.TurnTaken;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.PendingReply;
import dev.nexus.platform.edge.RequestNotAcceptedHandler;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.http.UnexpectedFailureHandler;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import dev.nexus.topic.Keys;
import io.micronaut.http.sse.Event;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Executions as streams: `accepted`, then every fact under its own name, at the end `result`,
/// `problem` or, when the wait runs out, `running`.
final class ProgressStreams {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressStreams.class);

  /// The last fact and the reply come by two ways; the reply waits this long for the fact.
  private static final Duration LAST_FACT = Duration.ofSeconds(5);

  /// A repeated call may be answered from a record: then no facts come at all.
  private static final Duration ANY_FACT = Duration.ofMillis(500);

  private static final int BUFFERED = 256;

  private final LiveFacts tail;
  private final ExecutionCaller executions;
  private final Answers answers;

  ProgressStreams(LiveFacts tail, ExecutionCaller executions, Answers answers) {
    this.tail = tail;
    this.executions = executions;
    this.answers = answers;
  }

  /// Asks for the execution when the stream is subscribed to.
  Publisher<Event<String>> follow(Call call, Duration patience) {
    Publisher<Event<String>> publisher =
        subscriber -> {
          var out =
              new SubmissionPublisher<Event<String>>(
                  task -> Thread.ofVirtual().name("progress").start(task), BUFFERED);
          out.subscribe(FlowAdapters.toFlowSubscriber(subscriber));
          Thread.ofVirtual().name("progress").start(() -> run(call, patience, out));
        };
    return publisher;
  }

  /// Whatever fails, an `Error` too, is the end of the stream and told by it.
  private void run(Call call, Duration patience, SubmissionPublisher<Event<String>> out) {
    try (out) {
      String path = "/v1/executions";
      try {
        ExecutionId execution = executions.executionOf(call);
        path += "/" + execution;
        tell(call, execution, patience, out);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Throwable e) {
        last(out, "problem", problem(e, path).toJson(path));
      }
    }
  }

  private void tell(
      Call call, ExecutionId execution, Duration patience, SubmissionPublisher<Event<String>> out)
      throws InterruptedException {
    TenantId tenant = call.origin().tenant();
    CountDownLatch ended = new CountDownLatch(1);
    AtomicLong last = new AtomicLong();
    Runnable unfollow =
        tail.follow(
            Keys.execution(tenant, execution),
            fact -> {
              // A record may be written twice; its sequence says so.
              if (last.getAndAccumulate(fact.envelope().sequence(), Math::max)
                  < fact.envelope().sequence()) {
                offer(out, FactJson.type(fact), FactJson.write(fact));
                if (ends(fact.body())) {
                  ended.countDown();
                }
              }
            });
    try (PendingReply pending = executions.invoke(call, execution)) {
      offer(out, "accepted", answers.accepted(tenant, execution, "accepted").toString());
      Optional<ReplyEvent> reply = pending.await(patience);
      if (reply.isPresent()) {
        boolean maybeRepeated = call.idempotencyKey().isPresent() && last.get() == 0;
        Duration facts = maybeRepeated ? ANY_FACT : LAST_FACT;
        ended.await(facts.toMillis(), TimeUnit.MILLISECONDS);
        last(out, "result", answers.result(tenant, execution, reply.get()).toString());
      } else {
        last(out, "running", answers.accepted(tenant, execution, "running").toString());
      }
    } finally {
      unfollow.run();
    }
  }

  private static Problem problem(Throwable failure, String path) {
    return switch (failure) {
      case ProblemException e -> e.problem();
      case RequestNotAcceptedException e -> {
        LOG.atWarn().setCause(e).addKeyValue("path", path).log("request not accepted");
        yield RequestNotAcceptedHandler.problem();
      }
      default -> {
        String incident = UUID.randomUUID().toString();
        LOG.atError()
            .setCause(failure)
            .addKeyValue("incident", incident)
            .addKeyValue("path", path)
            .log("stream failed");
        yield UnexpectedFailureHandler.problem(incident);
      }
    };
  }

  /// Waits for nobody, as one thread brings the facts of all streams: a client that reads too
  /// slowly loses facts of its stream, never the end of it.
  static void offer(SubmissionPublisher<Event<String>> out, String name, String data) {
    out.offer(named(name, data), null);
  }

  /// Waits until the client takes the end of its stream or leaves.
  static void last(SubmissionPublisher<Event<String>> out, String name, String data) {
    out.submit(named(name, data));
  }

  private static Event<String> named(String name, String data) {
    return Event.of(data).name(name);
  }

  private static boolean ends(ExecutionEvent fact) {
    return switch (fact) {
      case ExecutionSucceeded _,
          ExecutionFailed _,
          ExecutionCancelled _,
          ExecutionTimedOut _,
          ExecutionQuarantined _ ->
          true;
      case ExecutionReleased(boolean discard) -> discard;
      case ExecutionAccepted _,
          CallerJoined _,
          StepStarted _,
          TaskRequested _,
          TaskStarted _,
          TaskSucceeded _,
          TaskFailed _,
          TaskDeoptimised _,
          TruthReported _,
          RecordParked _,
          TurnTaken _,
          TurnReturned _,
          LineJoined _,
          LineLeft _ ->
          false;
    };
  }
}
