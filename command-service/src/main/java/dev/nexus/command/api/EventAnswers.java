package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.intake.Arrival;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.EventIntake.Receipt;
import dev.nexus.command.intake.Refusal;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.Problem;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Takes the events of a request and answers for them: what is accepted with its ids, what is not
/// with its fault.
final class EventAnswers {
  private final EventIntake intake;

  EventAnswers(EventIntake intake) {
    this.intake = intake;
  }

  /// Headers by lower-case name; of one that is repeated the first.
  static Map<String, String> headers(HttpRequest<?> request) {
    Map<String, String> headers = new HashMap<>();
    request
        .getHeaders()
        .forEach(
            (name, values) -> {
              if (!values.isEmpty()) {
                headers.putIfAbsent(name.toLowerCase(Locale.ROOT), values.getFirst());
              }
            });
    return headers;
  }

  /// 202 when one event at least is accepted or there were none, else a problem with every fault.
  HttpResponse<String> take(List<Arrival> arrivals, SourceCheck check) {
    Receipt receipt = intake.take(arrivals, check);
    if (receipt.accepted().isEmpty() && !receipt.refused().isEmpty()) {
      throw refused(receipt.refused());
    }
    ObjectNode answer = Answers.object();
    ArrayNode accepted = answer.putArray("accepted");
    receipt
        .accepted()
        .forEach(
            event ->
                accepted
                    .addObject()
                    .put("id", event.getId())
                    .put("source", event.getSource().toString()));
    if (!receipt.refused().isEmpty()) {
      ArrayNode errors = answer.putArray("errors");
      faults(receipt.refused()).forEach(fault -> errors.add(fault.toJson()));
    }
    return Answers.json(HttpStatus.ACCEPTED, answer);
  }

  private static RuntimeException refused(List<Refusal> refused) {
    Refusal first = refused.getFirst();
    boolean alike = refused.stream().allMatch(r -> r.status() == first.status());
    String sentence = first.fault().sentence();
    return Problem.of(
            alike ? first.status() : HttpStatus.UNPROCESSABLE_ENTITY,
            alike ? first.kind() : "no-event-accepted",
            refused.size() == 1
                ? sentence
                : "none of " + refused.size() + " events can be taken; the first: " + sentence)
        .with(faults(refused))
        .exception();
  }

  private static List<Fault> faults(List<Refusal> refused) {
    return refused.stream().map(Refusal::fault).toList();
  }
}
