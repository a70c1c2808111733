package dev.nexus.command.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.grpc.v1.Execution;
import dev.nexus.grpc.v1.ExecutionsGrpc;
import dev.nexus.grpc.v1.Fact;
import dev.nexus.grpc.v1.GetRequest;
import dev.nexus.grpc.v1.InvokeRequest;
import dev.nexus.grpc.v1.WatchRequest;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.CallLimits;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.CallableComponents.Target;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.call.PendingReply;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// `nexus.v1.Executions`. Each call has a thread of its own and may block.
final class ExecutionsEndpoint extends ExecutionsGrpc.ExecutionsImplBase {
  private static final String ROAD = "grpc";

  /// What an answer needs to reach its caller before the caller's own deadline.
  private static final Duration WAY_BACK = Duration.ofMillis(100);

  private final CallableComponents components;
  private final ExecutionCaller executions;
  private final Messages messages;
  private final FrontDoor door;
  private final Watching watching;

  ExecutionsEndpoint(
      CallableComponents components,
      ExecutionCaller executions,
      Messages messages,
      FrontDoor door,
      Clock clock) {
    this.components = components;
    this.executions = executions;
    this.messages = messages;
    this.door = door;
    this.watching = new Watching(door, messages, clock);
  }

  @Override
  public void invoke(InvokeRequest request, StreamObserver<Execution> out) {
    answer(out, () -> invoked(RpcCaller.current(), request));
  }

  @Override
  public void get(GetRequest request, StreamObserver<Execution> out) {
    answer(
        out,
        () -> {
          RpcCaller caller = RpcCaller.current();
          String id = executionId(request.getExecutionId()).toString();
          return messages.read(
              caller.principal().tenant(), door.execution(caller, id, request.getAfter()));
        });
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<Fact> out) {
    var stream = (ServerCallStreamObserver<Fact>) out;
    try {
      watching.follow(
          RpcCaller.current(),
          executionId(request.getExecutionId()),
          request.getFromSequence(),
          fact -> send(stream, fact),
          stream::isCancelled);
      if (!stream.isCancelled()) {
        stream.onCompleted();
      }
    } catch (RuntimeException e) {
      if (!stream.isCancelled()) {
        stream.onError(Refusals.of(e));
      }
    }
  }

  private Execution invoked(RpcCaller caller, InvokeRequest request) {
    Duration patience = patience(request.getWaitMs());
    Target target =
        components.find(
            caller.principal(),
            caller.remoteAddress(),
            request.getAppId(),
            request.getComponentId());
    JsonNode input = input(request.getInputJson());
    TenantId tenant = caller.principal().tenant();
    String key = request.getIdempotencyKey();
    Call call =
        components.call(
            target,
            Origin.of(caller.principal(), ROAD, caller.traceparent()),
            input,
            Duration.ZERO,
            key.isEmpty() ? Optional.empty() : Optional.of(key));
    try (PendingReply pending = executions.invoke(call)) {
      ExecutionId id = pending.executionId();
      return pending
          .await(patience)
          .map(reply -> messages.ended(tenant, id, reply))
          .orElseGet(() -> messages.running(tenant, id));
    }
  }

  private static <A> void answer(StreamObserver<A> out, Supplier<A> work) {
    A answer;
    try {
      answer = work.get();
    } catch (RuntimeException e) {
      out.onError(Refusals.of(e));
      return;
    }
    out.onNext(answer);
    out.onCompleted();
  }

  /// Waits for a slow reader instead of filling memory for it.
  private static void send(ServerCallStreamObserver<Fact> out, Fact fact) {
    while (!out.isReady() && !out.isCancelled()) {
      LockSupport.parkNanos(1_000_000);
    }
    if (!out.isCancelled()) {
      out.onNext(fact);
    }
  }

  /// As long as asked for, but never beyond the deadline of the call.
  private static Duration patience(long waitMillis) {
    long longest = CallLimits.LONGEST_WAIT.toMillis();
    if (waitMillis < 0 || waitMillis > longest) {
      throw Refusals.invalid("wait_ms", "0 to " + longest, Long.toString(waitMillis));
    }
    Duration wanted = waitMillis == 0 ? CallLimits.WAIT : Duration.ofMillis(waitMillis);
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return wanted;
    }
    Duration left =
        Duration.ofMillis(deadline.timeRemaining(TimeUnit.MILLISECONDS)).minus(WAY_BACK);
    return left.compareTo(wanted) < 0 ? left : wanted;
  }

  private static JsonNode input(String text) {
    try {
      return CanonicalJson.read(text.isBlank() ? "null" : text);
    } catch (IllegalArgumentException e) {
      throw Refusals.invalid("input_json", "JSON", String.valueOf(e.getMessage()));
    }
  }

  private static ExecutionId executionId(String text) {
    try {
      return ExecutionId.parse(text);
    } catch (IllegalArgumentException e) {
      throw Refusals.invalid("execution_id", "a UUID", "'" + text + "'");
    }
  }
}
