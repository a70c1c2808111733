package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.NeedsTool;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An application that runs commands, from `apply` to the answer and to what is audited.
@Tag("containers")
@NeedsTool({"docker", "mmdebstrap"})
class CommandIT {
  private static final String INVOKE = "/v1/apps/%s/components/run/invoke";

  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_DOCKER_HOST",
              Objects.requireNonNullElse(
                  System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"),
              "NEXUS_RUNNER_IMAGES",
              "nexus/runner-{runner}:offline"));

  @BeforeAll
  static void buildRunners() throws IOException, InterruptedException {
    String script = Path.of("../images/offline/offline.sh").toAbsolutePath().normalize().toString();
    assertThat(new ProcessBuilder(script, "--runners").inheritIO().start().waitFor()).isZero();
  }

  private static void apply(String app) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("files")
        .put(
            "app_definition.yaml",
            """
            appId: %s
            sandboxPools: [{poolName: tools, maxInstances: 1}]
            securityConfig:
              allowedCommands:
                - {path: /usr/bin/jq, args: [-n, -c, 're:[a-z0-9+(){}: ]+']}
                - {path: /usr/local/bin/sed-wrapper, args: [--text, 're:.*', 're:s/[a-z]+/[a-z]+/g?']}
                - {path: /usr/bin/sleep, args: ['re:\\d+']}
            components:
              - componentId: run
                handlerType: BUILTIN
                targetPoolName: tools
                timeout: 60s
                taskDetails: {function: core.linux.executeCommand}
            """
                .formatted(app));
    platform.apply(app, body);
  }

  private static HttpResponse<String> invoke(String app, String input) {
    return platform.post(INVOKE.formatted(app), input);
  }

  @Test
  void shouldRunWhatAnApplicationAllows() {
    apply("tools");

    JsonNode sum =
        PlatformExtension.json(
            invoke(
                "tools", "{\"command\":\"/usr/bin/jq\",\"args\":[\"-n\",\"-c\",\"{a: (1+2)}\"]}"),
            200);
    assertThat(sum.path("output").toString())
        .isEqualTo("{\"stdout\":\"{\\\"a\\\":3}\\n\",\"stderr\":\"\",\"exit_code\":0}");

    JsonNode text =
        PlatformExtension.json(
            invoke(
                "tools",
                "{\"command\":\"/usr/local/bin/sed-wrapper\",\"args\":"
                    + "[\"--text\",\"a goose\",\"s/goose/swan/\"],\"timeout_seconds\":20}"),
            200);
    assertThat(text.at("/output/stdout").asText()).isEqualTo("a swan");
  }

  @Test
  void shouldRefuseTheRestAndAuditIt() {
    apply("guarded");

    HttpResponse<String> shell =
        invoke("guarded", "{\"command\":\"/bin/sh\",\"args\":[\"-c\",\"id\"]}");
    assertThat(shell.statusCode()).isEqualTo(502);
    assertThat(shell.body()).contains("permission: the command '/bin/sh' is not allowed");

    assertThat(
            invoke("guarded", "{\"command\":\"/usr/bin/jq\",\"args\":[\"-n\",\"-c\",\"env\\n\"]}")
                .body())
        .contains("permission: these arguments of /usr/bin/jq are not allowed: args[2]");

    assertThat(Denials.of(platform))
        .anySatisfy(
            denied -> {
              assertThat(denied.denial().action()).isEqualTo("execute-command");
              assertThat(denied.denial().reason()).isEqualTo("not-allowed");
              assertThat(denied.denial().resource())
                  .startsWith("component:guarded/run execution:")
                  .endsWith("command:/bin/sh");
            });
  }

  @Test
  void shouldRefuseWhatIsNoRequestAtTheEdge() {
    apply("strict");

    HttpResponse<String> refused = invoke("strict", "{\"command\":\"/usr/bin/jq\",\"arg\":[]}");

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("arg");
  }

  @Test
  void shouldEndACommandAtTheTimeThatItsCallerGivesIt() {
    apply("patient");

    HttpResponse<String> late =
        invoke(
            "patient",
            "{\"command\":\"/usr/bin/sleep\",\"args\":[\"500\"],\"timeout_seconds\":0.3}");

    assertThat(late.body()).contains("/usr/bin/sleep did not end within ");
  }
}
