package dev.nexus.executor.container;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.trace.TraceContext;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.CodeOutcome;
import dev.nexus.executor.code.CodeOutcome.Deopt;
import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.CodeOutcome.Result;
import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Home;
import dev.nexus.executor.code.Program;
import dev.nexus.executor.http.Answer;
import dev.nexus.executor.http.Header;
import dev.nexus.executor.http.HttpChannel;
import dev.nexus.executor.http.Request;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;

/// Runs programs in containers: takes an instance of the pool, has it answer `POST /execute`, and
/// gives it back, or ends it when it is not certain that it is as it was.
final class ContainerCode implements CodeRunner {
  /// Beside the output itself: what the code printed and the rest of an answer, as JSON writes it.
  private static final int REST_OF_ANSWER = 1 << 20;

  /// What a runner has to end a call that takes too long, before it is ended itself. Behind a fork
  /// bomb it needs some of it for a new process, and its time runs from there.
  static final Duration GRACE = Duration.ofSeconds(15);

  private static final Duration LEAST = Duration.ofMillis(1);

  /// What a runner takes for a time, milliseconds.
  private static final long LONGEST = 3_600_000;

  /// Memory that is left to the runner beside the call.
  private static final long RUNNER_MEMORY = 48L << 20;

  private final ContainerPools pools;
  private final RunnerImages images;
  private final Duration grace;

  /// @param grace how much longer than its code an instance may take
  ContainerCode(ContainerPools pools, RunnerImages images, Duration grace) {
    this.pools = pools;
    this.images = images;
    this.grace = grace;
  }

  @Override
  public CodeOutcome run(CodeCall call) throws InterruptedException {
    if (!(call.home() instanceof Home.Pool home)) {
      throw new IllegalArgumentException("a pool expected, found " + call.home());
    }
    var key = new PoolKey(home, images.of(home, call.program()));
    Pool.Lease lease;
    try {
      lease = pools.lease(key);
    } catch (EngineException e) {
      return new Failure(e.failure(), String.valueOf(e.getMessage()));
    }
    var use = new Use(key, lease.instance(), call, lease.waited());
    pools.listener().allocated(key, use.instance().id(), call.task(), use.waited());
    long begun = System.nanoTime();
    Ending ending = new Ending(EndReason.UNHEALTHY, "the executor failed at its call");
    String result = FailureClass.CRASH.name();
    try {
      Answered answered = asked(use);
      ending = answered.ending();
      result = nameOf(answered.outcome());
      return answered.outcome();
    } catch (InterruptedException e) {
      ending = new Ending(EndReason.KILLED, "its call was cancelled or ran out of time");
      result = FailureClass.LOST.name();
      throw e;
    } finally {
      Duration used = Duration.ofNanos(System.nanoTime() - begun);
      // Told before another call can have it.
      pools.listener().released(key, use.instance().id(), call.task(), result, used);
      if (ending.equals(Ending.NONE)) {
        pools.pool(key).release(use.instance());
      } else {
        pools.pool(key).discard(use.instance(), ending.reason(), ending.detail());
      }
    }
  }

  /// A call and the instance that it has.
  private record Use(PoolKey key, Instance instance, CodeCall call, Duration waited) {
    /// What is left of the call's time.
    Duration time() {
      Duration left = call.limits().time().minus(waited);
      return left.compareTo(LEAST) > 0 ? left : LEAST;
    }
  }

  /// Why an instance is not to be used again.
  private record Ending(EndReason reason, String detail) {
    /// It is as it was.
    static final Ending NONE = new Ending(EndReason.RECYCLED, "");
  }

  private record Answered(CodeOutcome outcome, Ending ending) {}

  private Answered asked(Use use) throws InterruptedException {
    CodeCall call = use.call();
    Duration time = use.time();
    String path = use.instance().tools().begin(call, time);
    try {
      Answer answer =
          use.instance()
              .channel()
              .ask(
                  new Request(
                      "POST", "/execute", headers(use), ExecuteMessages.request(call, path)),
                  time.plus(grace),
                  (long) call.limits().outputBytes() * 2 + REST_OF_ANSWER);
      return ExecuteMessages.isOf(call, answer)
          ? new Answered(named(use, ExecuteMessages.outcome(answer, call.limits())), Ending.NONE)
          : broken(EndReason.UNHEALTHY, ExecuteMessages.strange(answer));
    } catch (HttpChannel.LateException e) {
      return new Answered(
          new Failure(
              FailureClass.TIMEOUT, "no answer of the code within " + time.toMillis() + " ms"),
          new Ending(EndReason.KILLED, "a call took longer than " + time));
    } catch (HttpChannel.OversizedException e) {
      String detail = String.valueOf(e.getMessage());
      return new Answered(
          new Failure(FailureClass.OUTPUT, detail), new Ending(EndReason.UNHEALTHY, detail));
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException("code was interrupted");
    } catch (IOException e) {
      return broken(pools.howItEnded(use.instance()), "its container ended: " + e.getMessage());
    } finally {
      use.instance().tools().end();
    }
  }

  /// A runner knows which program there is none of, and not what its own image is called.
  private static CodeOutcome named(Use use, CodeOutcome outcome) {
    return use.call().program() instanceof Program.Command
            && outcome instanceof Failure(var failure, var detail, var logs)
            && failure == FailureClass.INVALID_DEFINITION
        ? new Failure(failure, detail + " (image " + use.key().image() + ")", logs)
        : outcome;
  }

  private static Answered broken(EndReason reason, String detail) {
    return new Answered(
        new Failure(ContainerPools.failureOf(reason), detail), new Ending(reason, detail));
  }

  private static List<Header> headers(Use use) {
    long memory = use.key().home().definition().memoryBytes();
    CodeCall call = use.call();
    return List.of(
        Instance.HOST,
        new Header("Content-Type", "application/json"),
        new Header("Accept", "application/json"),
        new Header("X-Request-ID", ExecuteMessages.requestId(call)),
        new Header("X-Trace-ID", TraceContext.of(call.task().envelope()).traceId()),
        new Header(
            "X-Nexus-Timeout-Ms", Long.toString(Math.clamp(use.time().toMillis(), 1, LONGEST))),
        new Header("X-Nexus-Output-Bytes", Integer.toString(call.limits().outputBytes())),
        new Header(
            "X-Nexus-Memory-Bytes", Long.toString(Math.max(memory - RUNNER_MEMORY, memory / 2))));
  }

  private static String nameOf(CodeOutcome outcome) {
    return switch (outcome) {
      case Result _ -> "succeeded";
      case Deopt _ -> "deoptimised";
      case Failure failure -> failure.failure().name();
    };
  }
}
