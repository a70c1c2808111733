package dev.nexus.executor.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.task.FailureClass;
import dev.nexus.event.task.Usage;
import dev.nexus.event.trace.SpanIds;
import dev.nexus.event.trace.TraceContext;
import dev.nexus.executor.model.ChatMessage;
import dev.nexus.executor.model.ChatModel;
import dev.nexus.executor.model.ChatReply;
import dev.nexus.executor.model.ChatRequest;
import dev.nexus.executor.schema.OutputCheck;
import dev.nexus.executor.work.AssignedTask;
import dev.nexus.executor.work.WorkResult;
import dev.nexus.executor.work.WorkResult.Failed;
import dev.nexus.executor.work.WorkResult.Succeeded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Does `LLM` tasks. An answer that is not what the component promises is shown to the model with
/// what is wrong, at most twice.
public final class PromptWork {
  private static final int REPAIRS = 2;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final TemplateRenderer renderer;
  private final ChatModel model;
  private final String defaultModel;
  private final OutputCheck outputs;
  private final AnswerParser answers;

  public PromptWork(
      TemplateRenderer renderer, ChatModel model, String defaultModel, OutputCheck outputs) {
    this.renderer = renderer;
    this.model = model;
    this.defaultModel = defaultModel;
    this.outputs = outputs;
    this.answers = new AnswerParser(outputs);
  }

  public WorkResult perform(AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    String template = component.detail("promptTemplate");
    if (template.isBlank()) {
      return Failed.of(
          FailureClass.INVALID_DEFINITION,
          component.componentId() + ": taskDetails.promptTemplate expected, found none");
    }
    String prompt;
    try {
      prompt = renderer.render(template, CanonicalJson.read(task.body().input()));
    } catch (TemplateException e) {
      return Failed.of(e.failure(), component.componentId() + ": " + e.getMessage());
    }
    return converse(prompt, task, component);
  }

  private WorkResult converse(String prompt, AssignedTask task, ComponentDefinition component)
      throws InterruptedException {
    long end = System.nanoTime() + timeOf(task).toNanos();
    boolean json = !component.detail("outputFormat").equals("text");
    List<ChatMessage> messages = new ArrayList<>();
    if (json && outputs.applies(component)) {
      messages.add(ChatMessage.system(instruction(component)));
    }
    messages.add(ChatMessage.user(prompt));
    Usage usage = Usage.NONE;
    String violation = "";
    for (int call = 0; call <= REPAIRS; call++) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (!left.isPositive()) {
        return new Failed(
            FailureClass.TIMEOUT, "no time left to repair: " + violation, Duration.ZERO, usage);
      }
      ChatReply reply =
          model.complete(
              new ChatRequest(
                  modelOf(component),
                  List.copyOf(messages),
                  parametersOf(component),
                  left,
                  traceparentOf(task)));
      usage = usage.plus(reply.usage());
      switch (reply) {
        case ChatReply.Failed(var failure, var detail, var after, _) -> {
          return new Failed(failure, detail, after, usage);
        }
        case ChatReply.Answered(var text, _) -> {
          if (!json) {
            return new Succeeded(new Json(CanonicalJson.write(TextNode.valueOf(text))), usage);
          }
          switch (answers.read(text, task.body().definitionDigest(), component)) {
            case AnswerParser.Reading.Usable(var output) -> {
              return new Succeeded(new Json(CanonicalJson.write(output)), usage);
            }
            case AnswerParser.Reading.Unusable(var wrong) -> {
              violation = wrong;
              messages.add(ChatMessage.assistant(text));
              messages.add(ChatMessage.user(correction(wrong)));
            }
          }
        }
      }
    }
    return new Failed(
        FailureClass.INVALID_RESULT,
        "after " + REPAIRS + " repairs: " + violation,
        Duration.ZERO,
        usage);
  }

  private static Duration timeOf(AssignedTask task) {
    Duration timeout = task.body().limits().timeout();
    return timeout.isPositive() && timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
  }

  private String modelOf(ComponentDefinition component) {
    String named = component.detail("model");
    return named.isBlank() ? defaultModel : named;
  }

  private static Map<String, JsonNode> parametersOf(ComponentDefinition component) {
    JsonNode parameters = component.taskDetails().get("parameters");
    Map<String, JsonNode> taken = new java.util.LinkedHashMap<>();
    if (parameters != null && parameters.isObject()) {
      parameters.properties().forEach(e -> taken.put(e.getKey(), e.getValue()));
    }
    return taken;
  }

  /// All calls of a task are within its one `chat` span.
  private static String traceparentOf(AssignedTask task) {
    Envelope envelope = task.envelope();
    return TraceContext.of(envelope)
        .traceparent(SpanIds.ofChat(envelope.executionId(), task.body().task()));
  }

  private static String instruction(ComponentDefinition component) {
    return "Answer with one JSON value and nothing else. It must match this JSON Schema: "
        + CanonicalJson.write(component.outputSchema());
  }

  private static String correction(String violation) {
    return "That cannot be used: "
        + violation
        + ". Answer again with the corrected JSON value and nothing else.";
  }
}
