package dev.nexus.command.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.deadletter.DeadLetter;
import dev.nexus.command.deadletter.DeadLetterArchive;
import dev.nexus.command.deadletter.Origin;
import dev.nexus.command.deadletter.Replays;
import dev.nexus.event.TimeText;
import dev.nexus.event.deadletter.DeadLetterEvent.RecordDeadLettered;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.http.QueryParameters;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.platform.stream.RecordRefusedException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records that were put aside, of all tenants, for operators of the installation.
@Controller("/v1/dead-letters")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class DeadLetterController {
  static final int USUAL_PAGE = 20;
  static final int LARGEST_PAGE = 1_000;
  private static final int MOST_AT_ONCE = 500;
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterController.class);

  private final DeadLetterArchive archive;
  private final Replays replays;

  public DeadLetterController(DeadLetterArchive archive, Replays replays) {
    this.archive = archive;
    this.replays = replays;
  }

  /// Newest first. `topic` and `reason` are parts of the words; `replayed` is true or false;
  /// `before` is the `next` of the page before. `strays` counts records on the way that are no
  /// letters, which are passed over.
  @Get
  HttpResponse<String> list(
      HttpCaller caller,
      @QueryValue Optional<String> topic,
      @QueryValue Optional<String> reason,
      @QueryValue Optional<String> replayed,
      @QueryValue Optional<String> before,
      @QueryValue Optional<String> limit) {
    caller.require(Action.OPERATE, new Resource.Log());
    Optional<Boolean> replayedOnes = QueryParameters.flag("replayed", replayed);
    int page = QueryParameters.limit(limit, USUAL_PAGE, LARGEST_PAGE);
    long from = QueryParameters.number("before", before, Long.MAX_VALUE, Long.MAX_VALUE);
    DeadLetterArchive.Listing listing =
        told(
            () ->
                archive.newest(
                    from,
                    page,
                    letter ->
                        contains(letter.origin().topic(), topic)
                            && contains(letter.reason(), reason)
                            && replayedOnes
                                .map(wanted -> wanted == letter.replay().isPresent())
                                .orElse(true)));
    List<DeadLetter> found = listing.letters();
    ObjectNode answer = Answers.object();
    ArrayNode list = answer.putArray("deadLetters");
    found.forEach(letter -> list.add(summary(letter)));
    listing
        .newestStray()
        .ifPresent(
            stray ->
                answer
                    .put("strays", listing.strays())
                    .putObject("newestStray")
                    .put("record", stray.place().toString())
                    .put("reason", stray.reason()));
    if (found.size() == page) {
      answer.put("next", found.getLast().position());
    }
    return Answers.json(HttpStatus.OK, answer);
  }

  /// One with its content: key, headers and value as texts, what is no UTF-8 as `{"base64": …}`.
  @Get("/{id}")
  HttpResponse<String> show(HttpCaller caller, String id) {
    caller.require(Action.OPERATE, new Resource.Log());
    DeadLetter letter = letter(id);
    RecordDeadLettered content = content(letter);
    ObjectNode answer = summary(letter).put("reason", content.reason());
    JsonNode headers = CanonicalJson.read(content.originHeaders().text());
    ObjectNode shown = answer.putObject("headers");
    headers.forEach(
        header ->
            shown.set(
                header.path("name").asText(),
                text(Base64.getDecoder().decode(header.path("value").asText("")))));
    answer.set("key", text(bytes(content.originKey())));
    answer.set("value", text(bytes(content.originValue())));
    answer.put("truncated", DeadLetter.truncated(content));
    return Answers.json(HttpStatus.OK, answer);
  }

  /// Writes the record again. 409 when its topic takes no replays, or not this record, or when it
  /// was replayed already and `again` is not said.
  @Post("/{id}/replay")
  HttpResponse<String> replay(HttpCaller caller, String id, @QueryValue Optional<String> again) {
    caller.require(Action.OPERATE, new Resource.Log());
    DeadLetter letter = letter(id);
    replay(letter, QueryParameters.flag("again", again).orElse(false), caller);
    return Answers.json(HttpStatus.ACCEPTED, replayed(id));
  }

  /// Writes many records again, `{"ids": [...], "again": false}`, in the order in which they are
  /// named. Says of each whether it was `replayed`, or `refused` and why. When the log does not
  /// answer for one, it is not asked for those behind it: each question would take its time.
  @Post("/replay")
  HttpResponse<String> replayAll(HttpCaller caller, @Body @Nullable String body) {
    caller.require(Action.OPERATE, new Resource.Log());
    ObjectNode asked = Bodies.object(body, "ids", "again");
    boolean again = Bodies.flag(asked, "again");
    Map<String, Optional<Origin>> origins = new LinkedHashMap<>();
    asked.path("ids").forEach(id -> origins.put(id.asText(), Origin.parse(id.asText())));
    if (origins.isEmpty() || origins.size() > MOST_AT_ONCE) {
      throw Bodies.invalid(
          Fault.at("/ids", "wrong ids", "1 to " + MOST_AT_ONCE, Integer.toString(origins.size())));
    }
    Set<Origin> named =
        origins.values().stream().flatMap(Optional::stream).collect(Collectors.toSet());
    Map<Origin, DeadLetter> found = told(() -> archive.find(named));
    List<String> known = found.size() < origins.size() ? told(this::newestIds) : List.of();
    ObjectNode answer = Answers.object();
    ArrayNode done = answer.putArray("replayed");
    ArrayNode refused = answer.putArray("refused");
    Optional<Problem> silent = Optional.empty();
    for (var one : origins.entrySet()) {
      String id = one.getKey();
      Optional<DeadLetter> letter = one.getValue().map(found::get);
      Optional<Problem> problem = silent;
      if (problem.isEmpty()) {
        problem =
            letter.isPresent()
                ? problem(letter.get(), again, caller)
                : Optional.of(missing(id, known));
      }
      if (problem.isEmpty()) {
        done.add(replayed(id));
      } else {
        ObjectNode why = refused.addObject().put("id", id).put("error", problem.get().detail());
        problem.get().extensions().forEach(why::set);
        silent = problem.filter(p -> p.status() == HttpStatus.SERVICE_UNAVAILABLE);
      }
    }
    return Answers.json(HttpStatus.OK, answer);
  }

  /// Why this one was not replayed; empty when it was.
  private Optional<Problem> problem(DeadLetter letter, boolean again, HttpCaller caller) {
    try {
      replay(letter, again, caller);
      return Optional.empty();
    } catch (ProblemException e) {
      return Optional.of(e.problem());
    }
  }

  private static ObjectNode replayed(String id) {
    return Answers.object().put("id", id).put("status", "replayed");
  }

  private void replay(DeadLetter letter, boolean again, HttpCaller caller) {
    String id = letter.origin().toString();
    replays
        .refusal(letter)
        .ifPresent(
            why -> {
              throw notReplayable(why);
            });
    if (letter.replay().isPresent() && !again) {
      String at = TimeText.of(letter.replay().get().at());
      throw Problem.of(
              HttpStatus.CONFLICT,
              "replayed",
              id + " was replayed at " + at + "; again=true repeats it")
          .with("replayedAt", at)
          .exception();
    }
    RecordDeadLettered content = content(letter);
    if (!written(letter, content, caller)) {
      throw gone(
          "the letter has only the first "
              + content.originValue().remaining()
              + " bytes of "
              + id
              + ", and its topic no longer has the record");
    }
  }

  /// False when the log no longer has all of it. What the topic does not take is refused by itself;
  /// a log that does not answer would not do so for the next one either.
  private boolean written(DeadLetter letter, RecordDeadLettered content, HttpCaller caller) {
    try {
      return told(() -> replays.replay(letter, content, caller.principal().actor()));
    } catch (RecordRefusedException e) {
      throw notReplayable(e.getMessage() + " Have its producer send it again, mended.");
    } catch (RequestNotAcceptedException e) {
      LOG.atWarn().setCause(e).log("a record could not be replayed");
      throw Problem.logSilent().exception();
    }
  }

  private static ProblemException notReplayable(String why) {
    return Problem.of(HttpStatus.CONFLICT, "not-replayable", why).exception();
  }

  /// One at a time, when it is needed: each can have a MiB.
  private RecordDeadLettered content(DeadLetter letter) {
    return told(() -> archive.content(letter))
        .orElseThrow(
            () -> gone("the letter about " + letter.origin() + " cannot be read any more"));
  }

  /// What the log told; 503 where it does not answer, as nobody knows then what it has.
  private static <T> T told(Supplier<T> question) {
    try {
      return question.get();
    } catch (TimeoutException e) {
      LOG.atWarn().setCause(e).log("nexus.dead-letters could not be read");
      throw Problem.logSilent().exception();
    }
  }

  private static ProblemException gone(String detail) {
    return Problem.of(HttpStatus.GONE, "gone", detail).exception();
  }

  private static Origin origin(String id) {
    return Origin.parse(id).orElseThrow(() -> wrong(id));
  }

  private static ProblemException wrong(String id) {
    return Bodies.invalid(Fault.at("", "wrong id", Origin.EXPECTED, "'" + id + "'"));
  }

  /// @param known ids there are
  private static Problem missing(String id, List<String> known) {
    if (Origin.parse(id).isEmpty()) {
      return wrong(id).problem();
    }
    // One whose topic lacks its beginning is named first: `ingress-0@11` is `nexus.ingress-0@11`.
    return known.stream()
        .filter(one -> one.endsWith("." + id))
        .findFirst()
        .map(
            one ->
                Problem.of(
                        HttpStatus.NOT_FOUND,
                        "unknown-dead-letter",
                        "no dead-letter '" + id + "'; did you mean " + one + "?")
                    .near(List.of(one)))
        .orElseGet(() -> Problem.unknown("dead-letter", id, known));
  }

  private DeadLetter letter(String id) {
    Origin origin = origin(id);
    return told(() -> archive.find(origin))
        .orElseThrow(() -> missing(id, told(this::newestIds)).exception());
  }

  private List<String> newestIds() {
    return archive.newest(Long.MAX_VALUE, USUAL_PAGE, _ -> true).letters().stream()
        .map(letter -> letter.origin().toString())
        .toList();
  }

  private ObjectNode summary(DeadLetter letter) {
    Origin origin = letter.origin();
    Optional<String> refusal = replays.refusal(letter);
    ObjectNode shown =
        Answers.object()
            .put("id", origin.toString())
            .put("topic", origin.topic())
            .put("partition", origin.partition())
            .put("offset", origin.offset())
            .put("service", letter.service())
            .put("reason", letter.reason())
            .put("at", TimeText.of(letter.at()))
            .put("bytes", letter.bytes())
            .put("replayable", refusal.isEmpty());
    refusal.ifPresent(why -> shown.put("refusal", why));
    letter
        .replay()
        .ifPresent(
            replay ->
                shown
                    .put("replayedAt", TimeText.of(replay.at()))
                    .put("replayedBy", replay.actor()));
    return shown;
  }

  private static boolean contains(String text, Optional<String> part) {
    return part.map(p -> text.toLowerCase(Locale.ROOT).contains(p.toLowerCase(Locale.ROOT)))
        .orElse(true);
  }

  private static byte[] bytes(ByteBuffer kept) {
    byte[] bytes = new byte[kept.remaining()];
    kept.duplicate().get(bytes);
    return bytes;
  }

  private static JsonNode text(byte[] bytes) {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return JsonNodeFactory.instance.textNode(text.toString());
    } catch (CharacterCodingException e) {
      return Answers.object().put("base64", Base64.getEncoder().encodeToString(bytes));
    }
  }
}
