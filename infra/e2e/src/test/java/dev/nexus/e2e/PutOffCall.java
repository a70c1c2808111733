package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;

/// A call whose work fails at once and would be tried again in ten minutes: its component's
/// `timeout` ends it, and nothing else.
final class PutOffCall {
  static final Duration TIMEOUT = Duration.ofSeconds(12);

  private static final String DEFINITION =
      """
      appId: put-off
      components:
        - componentId: work
          handlerType: JIT
          timeout: 12s
          retry: {maxAttempts: 3, initialBackoff: 10m, maxBackoff: 10m}
          taskDetails: {script: work}
          outputSchema: {type: string}
      """;

  private final FaultRig rig;
  private int calls;

  PutOffCall(FaultRig rig) throws Exception {
    this.rig = rig;
    var body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put("app_definition.yaml", DEFINITION)
        .put("_jit_code/work.js", "function handle(input) { return input.n; }");
    HttpResponse<String> applied = rig.post("/v1/apps/put-off/apply", body.toString());
    assertThat(applied.statusCode()).as(applied.body()).isEqualTo(200);
  }

  /// Returns when its time runs; the execution.
  String begin() throws IOException, InterruptedException {
    calls++;
    HttpResponse<String> accepted = call("0s");
    assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
    String execution = CanonicalJson.read(accepted.body()).path("executionId").asText();
    rig.awaitGet("/v1/executions/" + execution, shown -> shown.statusCode() == 200);
    return execution;
  }

  /// Asks for the answer of what was begun last until there is one: 504.
  void awaitTimedOut() throws IOException, InterruptedException {
    HttpResponse<String> answer = call("5s");
    for (int again = 0; again < 20 && answer.statusCode() == 202; again++) {
      answer = call("5s");
    }
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(504);
    assertThat(answer.body()).contains("timed-out");
  }

  private HttpResponse<String> call(String wait) throws IOException, InterruptedException {
    return rig.send(
        rig.request("/v1/apps/put-off/components/work/invoke?wait=" + wait)
            .header("Idempotency-Key", "put-off-" + calls)
            .POST(BodyPublishers.ofString("{\"n\": " + calls + "}")));
  }
}
