package dev.nexus.command.topology;

import dev.nexus.command.execution.Consequences;
import dev.nexus.command.execution.Decision.Rejected;
import dev.nexus.command.execution.ExecutionState.Finished;
import dev.nexus.event.Envelope;
import dev.nexus.event.NameIds;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.reply.ReplyEvent.ReceiptReplied;
import dev.nexus.event.reply.ReplyEvent.RefusalReplied;
import dev.nexus.event.request.RequestEvent.ReplyAddress;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

/// What is told to whoever asked, besides the ends of executions; what nobody waits for and is
/// refused is put aside.
final class Responses {
  private final DeadLetters deadLetters;
  private final Emissions emissions;
  private final Outbox outbox;
  private final List<CompletableFuture<Void>> letters = new ArrayList<>();

  Responses(DeadLetters deadLetters, Emissions emissions, Outbox outbox) {
    this.deadLetters = deadLetters;
    this.emissions = emissions;
    this.outbox = outbox;
  }

  /// Strangers may ask for what is refused as often as they like, so a refusal does not wait for
  /// the log: `commit` does, once for all of them.
  void refuse(Rejected rejected, RouterInput input, ConsumerRecord<String, byte[]> record) {
    if (input.replyTo().waiting()) {
      tell(input, record.key(), rejected.reason().code(), rejected.detail());
      return;
    }
    try {
      letters.add(deadLetters.send(record, rejected.detail()));
    } catch (KafkaException e) {
      throw notTaken(e);
    }
  }

  /// Refuses a request to the one who waits for its answer.
  void tell(RouterInput input, String key, String problem, String detail) {
    reply(key, input, new RefusalReplied(input.replyTo().replyInstance(), problem, detail));
  }

  /// Gives the recorded answer again.
  void answer(Execution execution, RouterInput input) {
    ReplyAddress replyTo = input.replyTo();
    if (replyTo.waiting() && execution.state() instanceof Finished finished) {
      reply(
          execution.key(),
          input,
          Consequences.answer(
              replyTo.replyInstance(), finished.terminal(), finished.terminalSequence()));
    }
  }

  /// Says that what was reported is noted, to who reported it and waits.
  void receipt(Execution execution, RouterInput input) {
    ReplyAddress replyTo = input.replyTo();
    if (replyTo.waiting() && input.reports()) {
      long sequence = execution.state().sequence();
      reply(execution.key(), input, new ReceiptReplied(replyTo.replyInstance(), sequence));
    }
  }

  private void reply(String key, RouterInput input, ReplyEvent reply) {
    outbox.add(emissions.reply(key, replyEnvelope(input), input.replyTo().replyPartition(), reply));
  }

  private static Envelope replyEnvelope(RouterInput input) {
    Envelope cause = input.envelope();
    return Emissions.caused(
        cause, NameIds.uuid5("reply", cause.eventId().toString(), input.replyTo().replyInstance()));
  }

  /// Returns when the log has what was put aside; throws `RequestNotAcceptedException` when it does
  /// not take it: then the records must be read again.
  void commit() {
    if (letters.isEmpty()) {
      return;
    }
    try {
      CompletableFuture.allOf(letters.toArray(CompletableFuture[]::new))
          .orTimeout(EventProducer.ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      throw notTaken(e.getCause() == null ? e : e.getCause());
    } finally {
      letters.clear();
    }
  }

  private static RequestNotAcceptedException notTaken(Throwable cause) {
    return new RequestNotAcceptedException("the log did not take a dead letter: " + cause, cause);
  }
}
