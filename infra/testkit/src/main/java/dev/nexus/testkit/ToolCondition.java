package dev.nexus.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// Decides about [NeedsTool].
final class ToolCondition implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Stream<String> needed =
        AnnotationSupport.findAnnotation(context.getElement(), NeedsTool.class).stream()
            .flatMap(needs -> Arrays.stream(needs.value()));
    return evaluate(needed.toList(), System.getenv());
  }

  static ConditionEvaluationResult evaluate(List<String> needed, Map<String, String> environment) {
    Optional<String> missing =
        needed.stream()
            .filter(
                tool ->
                    Arrays.stream(tool.split("\\|", -1))
                        .noneMatch(name -> isUsable(name, environment)))
            .findFirst();
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("all tools present");
    }
    if ("true".equals(environment.get("CI"))) {
      throw new IllegalStateException("CI must have " + missing.get() + " installed");
    }
    return ConditionEvaluationResult.disabled(missing.get() + " is missing");
  }

  private static boolean isUsable(String tool, Map<String, String> environment) {
    return switch (tool) {
      case "docker" -> isOnPath(tool, environment) && Docker.ANSWERS;
      case "docker-compose" -> isOnPath(tool, environment) || Docker.HAS_COMPOSE;
      default -> isOnPath(tool, environment);
    };
  }

  private static boolean isOnPath(String tool, Map<String, String> environment) {
    return Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, tool))
        .anyMatch(Files::isExecutable);
  }

  /// The client alone is of no use, and Compose may be a part of it; asked once, when the first
  /// test needs them.
  private static final class Docker {
    private static final boolean ANSWERS = succeeds("docker", "info");
    private static final boolean HAS_COMPOSE = succeeds("docker", "compose", "version");

    private static boolean succeeds(String... command) {
      try {
        Process asked =
            new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        // An engine that answers late is there all the same.
        if (!asked.waitFor(60, TimeUnit.SECONDS)) {
          asked.destroyForcibly();
          return false;
        }
        return asked.exitValue() == 0;
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }
}
