package dev.nexus.command.rpc;

import dev.nexus.command.intake.Arrival;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.Refusal;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.grpc.v1.PublishError;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.security.Principal;
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
/// answered, and no more bytes of them than there is room for; one more is asked for when an answer
/// has left, and none while the client does not take its answers. So memory is bounded on both
/// ways, however fast the client is and however large its events are. A key that has made its
/// requests is slowed in the same way, and so is whoever sends new work while too much of it waits:
/// it is told, and asked for more after a while only. A stream that ended keeps its place until the
/// log has answered what it wrote, as its events fill memory until then.
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

  /// @param rest time after which another event is asked for in place of the answered one
  private record Answer(PublishAck ack, Duration rest) {}

  private final ServerCallStreamObserver<PublishAck> out;
  private final EventIntake intake;
  private final SourceCheck check;
  private final Gate gate;
  private final StreamRoom room;
  private final ReentrantLock lock = new ReentrantLock();
  private long received;
  private int unanswered;

  /// Bytes of the events that are not answered.
  private long held;

  /// Events that were asked for and are not here.
  private int asked;

  /// Events that may be asked for yet.
  private int free = WINDOW;

  /// Answered events for which no other was asked yet, as the client takes no answers now.
  private int owed;

  private boolean halfClosed;
  private boolean ended;

  private PublishStream(
      ServerCallStreamObserver<PublishAck> out,
      EventIntake intake,
      SourceCheck check,
      Gate gate,
      StreamRoom room) {
    this.out = out;
    this.intake = intake;
    this.check = check;
    this.gate = gate;
    this.room = room;
  }

  /// Ends at once with the reason when too many are open.
  ///
  /// @param caller whose stream it is
  static StreamObserver<CloudEvent> open(
      ServerCallStreamObserver<PublishAck> out,
      EventIntake intake,
      SourceCheck check,
      Gate gate,
      StreamRoom room,
      Principal caller) {
    var stream = new PublishStream(out, intake, check, gate, room);
    out.disableAutoRequest();
    try {
      room.enter(stream, caller);
    } catch (ProblemException e) {
      stream.ended = true;
      out.onError(Refusals.of(e));
      return stream;
    }
    try {
      out.setOnReadyHandler(stream::ask);
      out.setOnCancelHandler(stream::cancelled);
      stream.ask();
    } catch (RuntimeException | Error e) {
      stream.cancelled(); // else its place would be taken for good
      throw e;
    }
    return stream;
  }

  @Override
  public void onNext(CloudEvent message) {
    int size = message.getSerializedSize();
    if (!begin(size)) {
      return;
    }
    CompletableFuture<Answer> answer;
    try {
      ask();
      gate.requireKey();
      answer = take(message, ack(message, ++received));
    } catch (RuntimeException e) {
      fail(e, size);
      return;
    } catch (Error e) {
      fail(e, size);
      throw e;
    }
    var _ =
        answer.whenComplete(
            (known, failure) -> {
              if (failure == null) {
                answer(known, size);
              } else {
                fail(failure, size);
              }
            });
  }

  private CompletableFuture<Answer> take(CloudEvent message, PublishAck.Builder ack) {
    Duration rest = gate.pace();
    Arrival arrival = ProtoEvents.read(message);
    Optional<Problem> behind = gate.refuses(arrival.beginsWork());
    if (behind.isPresent()) {
      return putOff(ack, behind.get(), rest);
    }
    Optional<Refusal> refusal;
    try {
      refusal = EventIntake.refusal(arrival, check);
    } catch (ProblemException e) {
      return putOff(ack, e.problem(), rest);
    }
    if (refusal.isPresent()) {
      return answered(ack.setError(error(refusal.get())), rest);
    }
    return switch (arrival) {
      case Arrival.Legible(_, var event) ->
          intake.write(event).handle((_, failure) -> new Answer(written(ack, failure), rest));
      case Arrival.Illegible _ -> throw new IllegalStateException("what is illegible is refused");
    };
  }

  /// The event may be taken later, so no other is asked for in its place before that.
  private static CompletableFuture<Answer> putOff(
      PublishAck.Builder ack, Problem problem, Duration rest) {
    Duration later = problem.retryAfter();
    Duration longer = later.compareTo(rest) > 0 ? later : rest;
    return answered(ack.setError(error(problem)), longer);
  }

  private static CompletableFuture<Answer> answered(PublishAck.Builder ack, Duration rest) {
    return CompletableFuture.completedFuture(new Answer(ack.build(), rest));
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
  private boolean begin(int size) {
    lock.lock();
    try {
      asked--;
      if (ended) {
        return false;
      }
      unanswered++;
      held += size;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// @param size bytes of the event
  private void answer(Answer answer, int size) {
    lock.lock();
    try {
      release(size);
      if (ended) {
        return;
      }
      out.onNext(answer.ack());
      endIfDone();
    } catch (RuntimeException | Error e) {
      breakOff(e);
      throw e;
    } finally {
      lock.unlock();
    }
    if (answer.rest().isPositive()) {
      long nanos = answer.rest().toNanos();
      CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(this::owe);
      ask();
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
    ask();
  }

  /// Asks for as many events as there is room for.
  private void ask() {
    lock.lock();
    try {
      if (ended || halfClosed) {
        return;
      }
      if (owed > 0 && out.isReady()) {
        free += owed;
        owed = 0;
      }
      int more = (int) Math.min(free, room.more(held, asked));
      if (more > 0) {
        free -= more;
        asked += more;
        out.request(more);
      }
    } finally {
      lock.unlock();
    }
  }

  private void endIfDone() {
    if (halfClosed && unanswered == 0 && !ended) {
      end();
      out.onCompleted();
    }
  }

  /// @param size bytes of the event, which gets no answer
  private void fail(Throwable failure, int size) {
    lock.lock();
    try {
      release(size);
      breakOff(failure);
    } finally {
      lock.unlock();
    }
  }

  /// The client would wait for answers that do not come.
  private void breakOff(Throwable failure) {
    if (!ended) {
      end();
      out.onError(Refusals.of(failure));
    }
  }

  /// Events that were written stay on the log; nobody waits for their answers.
  private void cancelled() {
    lock.lock();
    try {
      if (!ended) {
        end();
      }
    } finally {
      lock.unlock();
    }
  }

  /// An event is here no longer; with the last one of a stream that has ended its place is free.
  private void release(int size) {
    unanswered--;
    held -= size;
    if (ended && unanswered == 0) {
      room.leave(this);
    }
  }

  private void end() {
    ended = true;
    if (unanswered == 0) {
      room.leave(this);
    }
  }
}
