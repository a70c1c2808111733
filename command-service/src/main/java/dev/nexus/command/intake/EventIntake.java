package dev.nexus.command.intake;

import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.cloudevents.CloudEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/// Takes events in: those that may be sent are written together and awaited together, so that a
/// batch costs one wait for the disk. An event is accepted once `nexus.ingress` has it there; what
/// was sent twice runs once, as its source and id name it.
///
/// A process that is killed after a write and before its answer leaves events that the sender does
/// not know of: it sends them again, and the trigger drops what it has seen.
public final class EventIntake {
  private final IngressLog log;

  public EventIntake(IngressLog log) {
    this.log = log;
  }

  /// What became of the events of a request.
  public record Receipt(List<CloudEvent> accepted, List<Refusal> refused) {
    public Receipt {
      accepted = List.copyOf(accepted);
      refused = List.copyOf(refused);
    }
  }

  /// Why an event that arrived is not taken; empty when it is. Throws as `SourceCheck` does.
  public static Optional<Refusal> refusal(Arrival arrival, SourceCheck check) {
    return switch (arrival) {
      case Arrival.Illegible(var refusal) -> Optional.of(refusal);
      case Arrival.Legible(var pointer, var event) ->
          check.refusal(pointer, event.getSource().toString());
    };
  }

  /// Takes what may be taken and returns when the log has all of it. Throws
  /// `RequestNotAcceptedException` when it did not take one for another reason than its size; the
  /// others may stand there then, and the whole request is to be sent again. So it is when a
  /// `ProblemException` says that nobody knows whether a source is registered.
  public Receipt take(List<Arrival> arrivals, SourceCheck check) {
    List<Refusal> refused = new ArrayList<>();
    List<Arrival.Legible> sent = new ArrayList<>();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (Arrival arrival : arrivals) {
      Optional<Refusal> refusal = refusal(arrival, check);
      if (refusal.isPresent()) {
        refused.add(refusal.get());
      } else if (arrival instanceof Arrival.Legible legible) {
        sent.add(legible);
        writes.add(write(legible.event()));
      }
    }
    List<CloudEvent> accepted = new ArrayList<>();
    for (int i = 0; i < writes.size(); i++) {
      Arrival.Legible legible = sent.get(i);
      Optional<Refusal> tooLarge = awaited(legible.pointer(), writes.get(i));
      tooLarge.ifPresentOrElse(refused::add, () -> accepted.add(legible.event()));
    }
    return new Receipt(accepted, refused);
  }

  /// Writes an event that was found to be in order; `refusalOf` reads the failure of the future,
  /// which it also has when the log does not answer in time.
  public CompletableFuture<Void> write(CloudEvent event) {
    try {
      return log.write(event)
          .orTimeout(EventProducer.ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (KafkaException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Optional<Refusal> awaited(String pointer, CompletableFuture<Void> write) {
    try {
      write.join();
      return Optional.empty();
    } catch (CompletionException e) {
      return Optional.of(refusalOf(pointer, e));
    }
  }

  /// What the failure of a write says about its event: it is too large. Throws
  /// `RequestNotAcceptedException` for every other failure.
  public static Refusal refusalOf(String pointer, Throwable failure) {
    Throwable inner = failure.getCause();
    Throwable cause = failure instanceof CompletionException && inner != null ? inner : failure;
    if (cause instanceof RecordTooLargeException) {
      return Refusal.tooLarge(pointer, KafkaClients.LARGEST_RECORD);
    }
    throw new RequestNotAcceptedException("the log did not take an event: " + cause, cause);
  }
}
