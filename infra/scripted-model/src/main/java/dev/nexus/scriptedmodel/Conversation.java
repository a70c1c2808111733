package dev.nexus.scriptedmodel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.scriptedmodel.Draw.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Decides what is said to a prompt. Which call of an input this is counts, so that a retry may go
/// another way than the call it repeats.
final class Conversation {
  private static final List<Integer> SERVER_ERRORS = List.of(500, 502, 503);

  private final List<Script> scripts;
  private final Behaviour behaviour;
  private final Tally tally;
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

  Conversation(List<Script> scripts, Behaviour behaviour, Tally tally) {
    this.scripts = List.copyOf(scripts);
    this.behaviour = behaviour;
    this.tally = tally;
  }

  /// What to send back, and when.
  sealed interface Turn {

    /// An answer after `latency`; a stream stalls for `stall` after its first piece.
    record Say(String id, String content, Duration latency, Duration stall) implements Turn {}

    /// An HTTP error, soon.
    record Fail(int status, Duration latency) implements Turn {}

    /// No script knows the input.
    record Unknown() implements Turn {}
  }

  Turn reply(String prompt) {
    tally.add(Count.CALLS);
    List<JsonNode> found = JsonText.findIn(prompt);
    Optional<ScriptedAnswer> known =
        scripts.stream().flatMap(script -> script.answer(found).stream()).findFirst();
    if (known.isEmpty()) {
      tally.add(Count.UNKNOWN);
      return new Turn.Unknown();
    }
    ScriptedAnswer answer = known.get();
    int call =
        calls.computeIfAbsent(answer.fingerprint(), _ -> new AtomicInteger()).incrementAndGet();
    Draw draw = Draw.of(behaviour, answer.fingerprint(), call);
    return switch (draw.fault()) {
      case RATE_LIMITED -> fail(Count.RATE_LIMITED, 429, draw);
      case SERVER_ERROR -> fail(Count.SERVER_ERRORS, draw.oneOf(SERVER_ERRORS), draw);
      case MALFORMED, SLOW, NONE -> say(answer, call, draw);
    };
  }

  private Turn fail(Count what, int status, Draw draw) {
    tally.add(what);
    return new Turn.Fail(status, draw.latency().dividedBy(10));
  }

  private Turn say(ScriptedAnswer answer, int call, Draw draw) {
    tally.add(Count.ANSWERED);
    String id = "chatcmpl-scripted-" + answer.fingerprint().substring(0, 16) + "-" + call;
    if (draw.fault() == Fault.MALFORMED) {
      tally.add(Count.MALFORMED);
      return new Turn.Say(id, malformed(answer.right(), draw), draw.latency(), Duration.ZERO);
    }
    JsonNode content = answer.right();
    if (draw.mistaken() && !answer.mistakes().isEmpty()) {
      tally.add(Count.WRONG);
      content = draw.oneOf(answer.mistakes());
    }
    Duration stall = Duration.ZERO;
    if (draw.fault() == Fault.SLOW) {
      tally.add(Count.SLOW);
      stall = draw.latency().dividedBy(2);
    }
    return new Turn.Say(id, JsonText.write(content), draw.latency().minus(stall), stall);
  }

  private static String malformed(JsonNode right, Draw draw) {
    String text = JsonText.write(right);
    return draw.oneOf(
        List.of(
            text.substring(0, text.length() / 2),
            "I could not decide on an answer for this input.",
            lackingAField(right)));
  }

  private static String lackingAField(JsonNode right) {
    if (!(right.deepCopy() instanceof ObjectNode object) || object.isEmpty()) {
      return "";
    }
    object.remove(object.fieldNames().next());
    return JsonText.write(object);
  }
}
