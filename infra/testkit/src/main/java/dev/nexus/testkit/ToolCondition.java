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
    return isOnPath(tool, environment) && (!tool.equals("docker") || DockerDaemon.ANSWERS);
  }

  private static boolean isOnPath(String tool, Map<String, String> environment) {
    return Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, tool))
        .anyMatch(Files::isExecutable);
  }

  /// The client alone is of no use; asked once, when the first test needs it.
  private static final class DockerDaemon {
    private static final boolean ANSWERS = answers();

    private static boolean answers() {
      try {
        Process info =
            new ProcessBuilder("docker", "info")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!info.waitFor(10, TimeUnit.SECONDS)) {
          info.destroyForcibly();
          return false;
        }
        return info.exitValue() == 0;
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }
}
