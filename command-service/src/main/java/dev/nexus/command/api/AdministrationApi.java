package dev.nexus.command.api;

import static dev.nexus.platform.docs.Operation.delete;
import static dev.nexus.platform.docs.Operation.get;
import static dev.nexus.platform.docs.Operation.post;

import dev.nexus.command.api.AnswerShapes.DeadLetterDetails;
import dev.nexus.command.api.AnswerShapes.DeadLetters;
import dev.nexus.command.api.AnswerShapes.IssuedKeyShown;
import dev.nexus.command.api.AnswerShapes.Keys;
import dev.nexus.command.api.AnswerShapes.RegisteredTenant;
import dev.nexus.command.api.AnswerShapes.Replayed;
import dev.nexus.command.api.AnswerShapes.Replays;
import dev.nexus.command.api.AnswerShapes.Revoking;
import dev.nexus.command.api.AnswerShapes.Tenants;
import dev.nexus.command.api.RequestShapes.NewKeyRequest;
import dev.nexus.command.api.RequestShapes.NewTenant;
import dev.nexus.command.api.RequestShapes.Replay;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Parameter;
import jakarta.inject.Singleton;
import java.util.List;

/// Calls of the write side that operators make.
@Singleton
public final class AdministrationApi implements ApiPart {
  private static final String ALL_TENANTS = "`operator` of the tenant `default`";
  private static final Parameter LETTER =
      Parameter.path("id", "Where the record stood: `TOPIC-PARTITION@OFFSET`.");

  @Override
  public int place() {
    return 3;
  }

  @Override
  public List<Chapter> chapters() {
    return List.of(keys(), deadLetters());
  }

  private static Chapter keys() {
    return Chapter.of(
        "Keys and tenants",
        "Who may do what.",
        post("/v1/keys", "Issues a key of the caller's tenant.")
            .key(CommandApi.OPERATOR)
            .takes(NewKeyRequest.class)
            .answers(201, IssuedKeyShown.class, "It is good.")
            .answers(202, IssuedKeyShown.class, "On the log, not yet in force here."),
        get("/v1/keys", "The keys of the caller's tenant.")
            .key(CommandApi.OPERATOR)
            .answers(200, Keys.class, "Without the keys themselves."),
        delete("/v1/keys/{keyId}", "Revokes a key.")
            .key(CommandApi.OPERATOR)
            .reads(Parameter.path("keyId", "Id of the key."))
            .answers(204, "No call passes with it here any more.")
            .answers(202, Revoking.class, "On the log, not yet in force here.")
            .refuses(404, "There is no such key."),
        post("/v1/tenants", "Registers a tenant.")
            .key(ALL_TENANTS)
            .takes(NewTenant.class)
            .answers(201, RegisteredTenant.class, "With its first key.")
            .answers(202, RegisteredTenant.class, "Its key is not yet in force here.")
            .refuses(409, "It is there already."),
        get("/v1/tenants", "All tenants.").key(ALL_TENANTS).answers(200, Tenants.class, "Them."));
  }

  private static Chapter deadLetters() {
    return Chapter.of(
        "Dead letters",
        "Records that could not be used and were put aside.",
        get("/v1/dead-letters", "Dead letters, newest first.")
            .key(ALL_TENANTS)
            .reads(
                Parameter.query("topic", "Part of the name of the topic."),
                Parameter.query("reason", "Part of the reason."),
                Parameter.query("replayed", "Only those that were replayed, or were not.").flag(),
                Parameter.query("before", "The `next` of the page before.").position(),
                Parameter.limit(DeadLetterController.USUAL_PAGE, DeadLetterController.LARGEST_PAGE))
            .answers(200, DeadLetters.class, "A page of them.")
            .refuses(503, "The log does not answer."),
        get("/v1/dead-letters/{id}", "A dead letter with its content.")
            .key(ALL_TENANTS)
            .reads(LETTER)
            .answers(200, DeadLetterDetails.class, "It.")
            .refuses(400, "That is no id of a record.")
            .refuses(404, "No such record was put aside.")
            .refuses(410, "The log no longer has the letter.")
            .refuses(503, "The log does not answer."),
        post("/v1/dead-letters/{id}/replay", "Writes a record again.")
            .key(ALL_TENANTS)
            .reads(LETTER, Parameter.query("again", "Also if it was replayed before.").flag())
            .answers(202, Replayed.class, "It is written.")
            .refuses(404, "No such record was put aside.")
            .refuses(409, "It was replayed already, or its topic does not take it.")
            .refuses(410, "It is no longer whole anywhere.")
            .refuses(503, "The log does not answer."),
        post("/v1/dead-letters/replay", "Writes several records again.")
            .key(ALL_TENANTS)
            .takes(Replay.class)
            .answers(200, Replays.class, "What became of each.")
            .refuses(503, "The log does not answer."));
  }
}
