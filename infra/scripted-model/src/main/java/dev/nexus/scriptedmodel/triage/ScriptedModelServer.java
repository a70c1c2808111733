package dev.nexus.scriptedmodel.triage;

import dev.nexus.scriptedmodel.Behaviour;
import dev.nexus.scriptedmodel.ScriptedModel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Runs the scripted model of the sample alone: `ScriptedModelServer [port [seed
/// [median-ms [everywhere]]]]`.
public final class ScriptedModelServer {
  private ScriptedModelServer() {}

  public static void main(String[] arguments) throws InterruptedException {
    int port = (int) argument(arguments, 0, 8099);
    var behaviour =
        Behaviour.DEFAULT
            .withSeed(argument(arguments, 1, Behaviour.DEFAULT.seed()))
            .withMedianLatency(
                Duration.ofMillis(
                    argument(arguments, 2, Behaviour.DEFAULT.medianLatency().toMillis())));
    var stopped = new CountDownLatch(1);
    var settings = builder(behaviour, new SynthesisScript(), port);
    if (arguments.length > 3 && arguments[3].equals("everywhere")) {
      settings.everywhere();
    }
    try (var model = settings.start()) {
      Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown));
      System.out.println(model.behaviour().describe());
      System.out.println("NEXUS_LLM_BASE_URL=" + model.baseUrl());
      stopped.await();
    }
  }

  /// A model that knows the sample: its webhooks and its candidates.
  public static ScriptedModel start(Behaviour behaviour, SynthesisScript synthesis, int port) {
    return builder(behaviour, synthesis, port).start();
  }

  private static ScriptedModel.Builder builder(
      Behaviour behaviour, SynthesisScript synthesis, int port) {
    return ScriptedModel.builder()
        .behaviour(behaviour)
        .port(port)
        .script(synthesis)
        .script(new TriageScript(TriageCorpus.load()));
  }

  private static long argument(String[] arguments, int index, long otherwise) {
    if (arguments.length <= index) {
      return otherwise;
    }
    try {
      return Long.parseLong(arguments[index]);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "usage: ScriptedModelServer [port [seed [median-ms [everywhere]]]], found '"
              + arguments[index]
              + "' where a number belongs",
          e);
    }
  }
}
