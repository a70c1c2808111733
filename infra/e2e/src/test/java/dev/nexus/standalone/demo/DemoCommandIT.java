package dev.nexus.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.scriptedmodel.triage.ScriptedModelServer;
import dev.nexus.scriptedmodel.triage.SynthesisScript;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The end of the command; [DemoIT] looks at the story, [DemoBreaksOffIT] at ends that are none.
class DemoCommandIT {
  @TempDir Path directory;

  @Test
  void shouldSumTheStoryUpAndLeaveNothingBehind() throws Exception {
    // Given
    var quick = Behaviour.DEFAULT.withSeed(3).withMedianLatency(Duration.ofMillis(5));
    try (var model = ScriptedModelServer.start(quick, new SynthesisScript(), 0);
        // When
        var demo =
            DemoProcess.start(
                directory,
                DemoProcess.leadingTo(model),
                "--after-first",
                "0",
                "--after-second=" + Story.Course.NONE)) {
      int exit = demo.process().awaitExit(Duration.ofMinutes(10));

      // Then
      String told = demo.process().out();
      assertThat(exit).as(told + demo.process().err()).isZero();
      assertThat(told)
          .containsSubsequence(
              "Nexus is ready at http://",
              "● hot: 109 distinct inputs",
              "✓ candidate 2 promoted",
              " requests, 0 failed, in ",
              "  who      answers      p50      p99   agrees with the truth",
              "Candidates: 2 proposed, 1 rejected, 1 promoted, 0 demoted.",
              "Events on the log:",
              "The model: model: " + ScriptedModel.NAME,
              "the projections in Redis say the same",
              "To look around, run ./nexus demo --keep");
      assertThat(demo.process().err()).doesNotContain("nexus:");
      try (Stream<Path> left = Files.list(directory)) {
        assertThat(left.map(file -> file.getFileName().toString()))
            .noneMatch(name -> name.startsWith("nexus-demo"));
      }
    }
  }
}
