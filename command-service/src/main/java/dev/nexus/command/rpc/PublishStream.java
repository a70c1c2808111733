package dev.nexus.command.rpc;

import dev.nexus.command.intake.Arrival;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.Refusal;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.grpc.v1.PublishError;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One stream of events and its answers. The client may have `WINDOW` events here that are not
/// answered; one more is asked for when an answer has left, and none while the client does not take
/// its answers. So memory is bounded by the window on both ways, however fast the client is. A key
/// that has made its requests is slowed in the same way, and so is whoever sends new work while too
/// much of it waits: it is told, and asked for more after a while only.
///
/// gRPC calls the observer from one thread at a time; answers come from the thread of the producer
/// as well, so `out` is used under the lock.
final class PublishStream implements StreamObserver<CloudEvent> {
  static final int WINDOW = 128;

  private static final Duration LOG_RETRY = Duration.ofSeconds(2);

  /// What holds for every event of a stream, whatever is in it.
  interface Gate {
    /// Throws when the key of the caller is no longer good: a stream may outlive it.
    void requireKey();

    /// Why an event is not taken now; empty when it is.
    ///
    /// @param newWork whether it begins some
    Optional<Problem> refuses(boolean newWork);

    /// Counts an event and says how long to wait before another one is asked for.
    Duration pace();
  }

  private final ServerCallStreamObserver<PublishAck> out;
  private final EventIntake intake;
  private final SourceCheck check;
  private final Gate gate;
  private final ReentrantLock lock = new ReentrantLock();
  private long received;
  private int unanswered;

  /// Answered events for which no other was asked yet, as the client takes no answers now.
  private int owed;

  private boolean halfClosed;
  private boolean ended;

  private PublishStream(
      ServerCallStreamObserver<PublishAck> out, EventIntake intake, SourceCheck check, Gate gate) {
    this.out = out;
    this.intake = intake;
    this.check = check;
    this.gate = gate;
  }

  static StreamObserver<CloudEvent> open(
      ServerCallStreamObserver<PublishAck> out, EventIntake intake, SourceCheck check, Gate gate) {
    var stream = new PublishStream(out, intake, check, gate);
    out.disableAutoRequest();
    out.setOnReadyHandler(stream::askForOwed);
    out.setOnCancelHandler(stream::cancelled);
    out.request(WINDOW);
    return stream;
  }

  @Override
  public void onNext(CloudEvent message) {
    if (!begin()) {
      return;
    }
    long number = ++received;
    try {
      gate.requireKey();
      take(message, ack(message, number));
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void take(CloudEvent message, PublishAck.Builder ack) {
    Duration rest = gate.pace();
    Arrival arrival = ProtoEvents.read(message);
    Optional<Problem> behind = gate.refuses(arrival.beginsWork());
    if (behind.isPresent()) {
      Duration later = behind.get().retryAfter();
      answer(ack.setError(error(behind.get())).build(), later.compareTo(rest) > 0 ? later : rest);
      return;
    }
    Optional<Refusal> refusal = EventIntake.refusal(arrival, check);
    if (refusal.isPresent()) {
      answer(ack.setError(error(refusal.get())).build(), rest);
    } else if (arrival instanceof Arrival.Legible(_, var event)) {
      var _ = intake.write(event).whenComplete((_, failure) -> answer(written(ack, failure), rest));
    }
  }

  @Override
  public void onError(Throwable failure) {
    cancelled();
  }

  /// The client has sent its last: the stream ends with the last answer.
  @Override
  public void onCompleted() {
    lock.lock();
    try {
      halfClosed = true;
      endIfDone();
    } finally {
      lock.unlock();
    }
  }

  private static PublishAck written(PublishAck.Builder ack, @Nullable Throwable failure) {
    if (failure == null) {
      return ack.build();
    }
    try {
      return ack.setError(error(EventIntake.refusalOf("", failure))).build();
    } catch (RequestNotAcceptedException e) {
      return ack.setError(
              PublishError.newBuilder()
                  .setKind("log-unavailable")
                  .setMessage("the log does not take events now: send it again")
                  .setRetryAfterMs(LOG_RETRY.toMillis()))
          .build();
    }
  }

  private static PublishError error(Problem problem) {
    return PublishError.newBuilder()
        .setKind(problem.kind())
        .setMessage(problem.detail())
        .setRetryAfterMs(problem.retryAfter().toMillis())
        .build();
  }

  private static PublishAck.Builder ack(CloudEvent message, long number) {
    return PublishAck.newBuilder()
        .setId(message.getId())
        .setSource(message.getSource())
        .setNumber(number);
  }

  private static PublishError error(Refusal refusal) {
    return PublishError.newBuilder()
        .setKind(refusal.kind())
        .setMessage(refusal.fault().sentence())
        .setPointer(refusal.fault().pointer())
        .setExpected(refusal.fault().expected())
        .setFound(refusal.fault().found())
        .addAllNearest(refusal.fault().nearest())
        .build();
  }

  /// False when the stream has ended: what was on its way is dropped, and its sender knows.
  private boolean begin() {
    lock.lock();
    try {
      unanswered++;
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  /// @param rest time after which another event is asked for in its place
  private void answer(PublishAck ack, Duration rest) {
    lock.lock();
    try {
      unanswered--;
      if (ended) {
        return;
      }
      out.onNext(ack);
      endIfDone();
    } finally {
      lock.unlock();
    }
    if (rest.isPositive()) {
      CompletableFuture.delayedExecutor(rest.toNanos(), TimeUnit.NANOSECONDS).execute(this::owe);
    } else {
      owe();
    }
  }

  private void owe() {
    lock.lock();
    try {
      owed++;
    } finally {
      lock.unlock();
    }
    askForOwed();
  }

  private void askForOwed() {
    lock.lock();
    try {
      if (!ended && !halfClosed && owed > 0 && out.isReady()) {
        out.request(owed);
        owed = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  private void endIfDone() {
    if (halfClosed && unanswered == 0 && !ended) {
      ended = true;
      out.onCompleted();
    }
  }

  private void fail(RuntimeException failure) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        out.onError(Refusals.of(failure));
      }
    } finally {
      lock.unlock();
    }
  }

  /// Events that were written stay on the log; nobody waits for their answers.
  private void cancelled() {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
  }
}
