package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.Builtin;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.ComponentDefinition.RetryPolicy;
import dev.nexus.event.definition.HandlerType;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.definition.PromotionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads one component: what it does, its schemas, its limits, and what the oracle may do with it.
final class ComponentReader {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final List<String> HANDLERS = List.of("LLM", "JIT", "BUILTIN");
  private static final String JAVASCRIPT = "javascript";
  private static final String WASM = "wasm";
  private static final String POOL = "targetPoolName";
  private static final String COMMANDS = Builtin.EXECUTE_COMMAND.function();

  /// What commands are asked by, for those who look a component up, as tools of MCP are.
  private static final JsonNode COMMAND_INPUT =
      CanonicalJson.read(
          """
          {"type": "object", "required": ["command"], "additionalProperties": false, "properties": {
            "command": {"type": "string", "description": "Full path of an allowed program."},
            "args": {"type": "array", "items": {"type": "string"}, "maxItems": 64},
            "timeout_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600}}}
          """);

  /// Languages of scripts, and how their files end.
  private static final Map<String, String> ENDINGS =
      new TreeMap<>(Map.of(JAVASCRIPT, ".js", "python", ".py", WASM, ModuleFile.ENDING));

  private static final Duration LONGEST = Duration.ofHours(24);

  private final SourceFiles files;
  private final PromptReader prompts;
  private final List<PoolDefinition> pools;
  private final boolean allowsCommands;

  /// @param pools of the application
  /// @param allowsCommands whether there is any that it may run
  ComponentReader(
      SourceFiles files, String defaultModel, List<PoolDefinition> pools, boolean allowsCommands) {
    this.files = files;
    this.pools = pools;
    this.allowsCommands = allowsCommands;
    this.prompts = new PromptReader(files, defaultModel);
  }

  ComponentDefinition read(FieldReader component) {
    String id = component.requiredText("componentId", ID, "letters, digits, '.', '_', '-'");
    String description = component.text("description", "");
    Optional<HandlerType> handler = handler(component);
    String pool = pool(component, handler);
    Optional<FieldReader> details = component.object("taskDetails");
    Map<String, JsonNode> task = Map.of();
    Optional<JsonNode> promptSchema = Optional.empty();
    if (details.isEmpty()) {
      component
          .faults()
          .add(component.mark(), "the field taskDetails is missing", "an object", "nothing");
    } else if (handler.equals(Optional.of(HandlerType.LLM))) {
      PromptReader.Prompt prompt = prompts.read(details.get());
      task = prompt.details();
      promptSchema = prompt.outputSchema();
    } else if (handler.isPresent()) {
      task =
          handler.get() == HandlerType.JIT ? script(details.get(), pool) : builtin(details.get());
    }
    Optional<Located> asked = component.find("inputSchema");
    JsonNode input =
        asked.isEmpty() && runsCommands(component) ? COMMAND_INPUT : files.schema(asked);
    Optional<Located> output = component.find("outputSchema");
    ComponentDefinition definition =
        new ComponentDefinition(
            id,
            description,
            handler.orElse(HandlerType.BUILTIN),
            task,
            input,
            output.isPresent() || promptSchema.isEmpty()
                ? files.schema(output)
                : promptSchema.get(),
            component.oneOf("comparator", List.of("equal"), "equal"),
            component.oneOf("truth", List.of("model", "reported"), "model"),
            component.duration("timeout", LONGEST, Duration.ofMinutes(5)),
            retry(component.object("retry")),
            promotion(component.object("promotion")),
            pool);
    component.withoutEffect("expectedResultFormat", "routeMatcher", "configurationOverrides");
    component.finish();
    return definition;
  }

  /// Empty when it is missing or unknown: then nobody knows which details are right.
  private static Optional<HandlerType> handler(FieldReader component) {
    if (!component.has("handlerType")) {
      component
          .faults()
          .add(
              component.mark(),
              "the field handlerType is missing",
              "one of " + String.join(", ", HANDLERS),
              "nothing");
      return Optional.empty();
    }
    String name = component.oneOf("handlerType", HANDLERS, "");
    return name.isEmpty() ? Optional.empty() : Optional.of(HandlerType.valueOf(name));
  }

  /// The pool in which a script or commands run; "" when there is none, and of what is neither.
  private String pool(FieldReader component, Optional<HandlerType> handler) {
    boolean commands = handler.equals(Optional.of(HandlerType.BUILTIN)) && runsCommands(component);
    if (handler.isPresent() && handler.get() != HandlerType.JIT && !commands) {
      component.withoutEffect(POOL);
      return "";
    }
    Optional<Located> field = component.find(POOL);
    if (field.isEmpty() && commands) {
      component
          .faults()
          .add(
              component.mark(),
              "the field " + POOL + " is missing",
              "a pool, as " + COMMANDS + " runs in containers only",
              "nothing");
    }
    if (field.isEmpty() || handler.isEmpty()) {
      return "";
    }
    String name = field.get() instanceof Scalar(_, var value) ? value.asText() : field.get().kind();
    List<String> names = pools.stream().map(PoolDefinition::poolName).toList();
    if (names.isEmpty()) {
      component
          .faults()
          .add(
              field.get().mark(), "no such pool", "one of sandboxPools, where there is none", name);
    } else if (!names.contains(name)) {
      component.faults().unknown(field.get().mark(), "no such pool", name, names);
    }
    return name;
  }

  private static boolean runsCommands(FieldReader component) {
    return component.find("taskDetails").orElse(null) instanceof Located.Fields(_, var fields)
        && fields.get("function") instanceof Located.Field(_, Scalar(_, var name))
        && name.asText().equals(COMMANDS);
  }

  /// Whether an image answers calls, so that a script is not needed. Of a pool that is not there
  /// nothing is known, and its absence is a fault already.
  private boolean answersItself(String pool) {
    return !pool.isEmpty()
        && pools.stream()
            .filter(known -> known.poolName().equals(pool))
            .findFirst()
            .map(PoolDefinition::answersItself)
            .orElse(true);
  }

  private Map<String, JsonNode> builtin(FieldReader details) {
    Map<String, JsonNode> task = new TreeMap<>();
    if (details.requiredText("function").isEmpty()) {
      return task; // which is a fault already
    }
    String function = details.oneOf("function", Builtin.functions(), "");
    if (function.equals(COMMANDS) && !allowsCommands) {
      details
          .faults()
          .add(
              details.mark("function"),
              "no command is allowed",
              CommandReader.CONFIG + "." + CommandReader.FIELD + " with what may be run",
              "none");
    }
    task.put("function", text(function));
    details.finish();
    return task;
  }

  private Map<String, JsonNode> script(FieldReader details, String pool) {
    Map<String, JsonNode> task = new TreeMap<>();
    String named =
        details.find("language").isPresent()
            ? details.oneOf("language", List.copyOf(ENDINGS.keySet()), JAVASCRIPT)
            : "";
    Optional<Located> reference = details.find("script");
    boolean needed = !answersItself(pool);
    if (needed || reference.isPresent() || !named.isEmpty()) {
      task.put("language", text(named.isEmpty() ? JAVASCRIPT : named));
    }
    if (reference.isEmpty() && needed) {
      details
          .faults()
          .add(details.mark(), "the field script is missing", "the path of a script", "nothing");
    } else if (reference.isPresent() && reference.get() instanceof Scalar scalar) {
      files
          .resolve(
              scalar,
              "_jit_code",
              named.isEmpty() ? List.copyOf(ENDINGS.values()) : List.of(ENDINGS.get(named)))
          .ifPresent(
              path -> {
                String language = named.isEmpty() ? languageOf(path) : named;
                task.put("language", text(language));
                files.text(path).ifPresent(source -> task.put("script", source(path, source)));
                checkModule(path, language, pool, reference.get().mark(), details.faults());
              });
    } else if (reference.isPresent()) {
      details
          .faults()
          .add(
              reference.get().mark(),
              "wrong script",
              "the path of a script",
              reference.get().kind());
    }
    CapabilityReader.read(details, languageIs(task, WASM))
        .ifPresent(granted -> task.put(ComponentDefinition.CAPABILITIES, granted));
    details.oneOf("function", List.of("handle"), "handle");
    details.finish();
    return task;
  }

  private static boolean languageIs(Map<String, JsonNode> task, String name) {
    JsonNode language = task.get("language");
    return language != null && language.asText().equals(name);
  }

  private static JsonNode source(String path, String source) {
    return text(ModuleFile.isOne(path) ? ModuleFile.normalised(source) : source);
  }

  /// A module is none of the languages, and containers run those only.
  private static void checkModule(
      String path, String language, String pool, Located.Mark mark, Faults faults) {
    if (ModuleFile.isOne(path) != language.equals(WASM)) {
      faults.add(
          mark,
          "wrong script",
          language.equals(WASM)
              ? "a module, a file that ends with " + ModuleFile.ENDING
              : "a script in " + language + ", or language: wasm",
          path);
    } else if (language.equals(WASM) && !pool.isEmpty()) {
      faults.add(
          mark,
          "a module runs in no pool",
          "a script in javascript or python, or no " + POOL,
          path + " in pool " + pool);
    }
  }

  /// Of a script whose language nobody names.
  private static String languageOf(String path) {
    return ENDINGS.entrySet().stream()
        .filter(language -> path.endsWith(language.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(JAVASCRIPT);
  }

  private static RetryPolicy retry(Optional<FieldReader> field) {
    RetryPolicy absent = RetryPolicy.DEFAULT;
    if (field.isEmpty()) {
      return absent;
    }
    FieldReader retry = field.get();
    RetryPolicy policy =
        new RetryPolicy(
            retry.integer("maxAttempts", 1, 100, absent.maxAttempts()),
            retry.duration("initialBackoff", LONGEST, absent.initialBackoff()),
            retry.duration("maxBackoff", LONGEST, absent.maxBackoff()));
    retry.finish();
    return policy;
  }

  private static PromotionPolicy promotion(Optional<FieldReader> field) {
    PromotionPolicy absent = PromotionPolicy.OFF;
    if (field.isEmpty()) {
      return absent;
    }
    FieldReader promotion = field.get();
    double target = promotion.number("target", 0.5, 1, absent.target());
    double alpha = promotion.number("alpha", 0, 0.5, absent.alpha());
    int openExamples = promotion.integer("openExamples", 1, 1_000, absent.openExamples());
    PromotionPolicy policy =
        new PromotionPolicy(
            promotion.oneOf("mode", List.of("auto", "off"), absent.mode()),
            target,
            alpha,
            openExamples,
            promotion.integer(
                "hotDistinctInputs",
                1,
                PromotionPolicy.MOST_DISTINCT_INPUTS,
                PromotionPolicy.hotAt(target, alpha, openExamples)),
            promotion.integer("stability", 0, 1_000_000, absent.stability()),
            promotion.duration("cooldown", Duration.ofDays(365), absent.cooldown()),
            promotion.integer("minShadowComparisons", 0, 1_000_000, absent.minShadowComparisons()),
            canary(promotion, absent.canaryPermille()),
            promotion.integer("canaryCalls", 1, 1_000_000, absent.canaryCalls()),
            promotion.integer("auditPermille", 0, 1_000, absent.auditPermille()),
            promotion.integer("maxCandidates", 1, 100, absent.maxCandidates()));
    promotion.finish();
    return policy;
  }

  /// Shares in thousandths, each larger than the one before.
  private static List<Integer> canary(FieldReader promotion, List<Integer> absent) {
    Optional<Located> field = promotion.find("canaryPermille");
    if (field.isEmpty()) {
      return absent;
    }
    List<Integer> steps = new ArrayList<>();
    if (field.get() instanceof Items(_, var items)) {
      for (Located item : items) {
        int before = steps.isEmpty() ? 0 : steps.getLast();
        if (item instanceof Scalar(_, var value)
            && value.isIntegralNumber()
            && value.canConvertToInt()
            && value.intValue() > before
            && value.intValue() < 1_000) {
          steps.add(value.intValue());
        } else {
          promotion
              .faults()
              .add(item.mark(), "wrong canary step", "a rising number below 1000", item.kind());
        }
      }
      return List.copyOf(steps);
    }
    promotion
        .faults()
        .add(
            field.get().mark(),
            "wrong canaryPermille",
            "a list such as [100, 500]",
            field.get().kind());
    return absent;
  }

  private static JsonNode text(String text) {
    return JsonNodeFactory.instance.textNode(text);
  }
}
