package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The examples of `docs/producers.md`, as a reader pastes them: only addresses are of the platform
/// of the test, and nothing is downloaded.
class ProducersIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final PageExamples PAGE = new PageExamples("producers.md");
  private static final Pattern JAR = Pattern.compile("-Dartifact=[^:]+:([^:]+):(\\S+)");

  @TempDir Path directory;

  /// What the examples take from the environment.
  private final Map<String, String> environment = new HashMap<>();

  @Test
  @NeedsTool({"kcat|kafkacat", "curl"})
  void shouldRunOnceWhatAnExistingProducerSendsByEveryRoad() throws Exception {
    // Given
    Path shop = Files.createDirectory(directory.resolve("shop"));
    Files.writeString(shop.resolve("app_definition.yaml"), example("yaml", "appId: shop"));
    nexus(example("bash", "./nexus apply shop"));
    String issue = example("bash", "./nexus keys issue").strip();
    assertThat(issue).startsWith("SHOP_KEY=$(").endsWith(")");
    String command = issue.substring(issue.indexOf('(') + 1, issue.length() - 1);
    environment.put("SHOP_KEY", nexus(command).strip());

    // When
    String answer = shell(example("bash", "/v1/events"));
    shell(example("bash", "-k order-1"));
    java(example("java", "class Orders"));
    shell(example("bash", "-l events.jsonl"));

    // Then
    assertThat(answer).contains("\"accepted\"", "order-1");
    Eventually.holds(
        () -> {
          assertThat(events("order-1")).hasSize(3);
          assertThat(events("order-1&status=matched")).hasSize(1);
          assertThat(events("order-1&status=duplicate")).hasSize(2);
          assertThat(events("order-2&status=matched")).hasSize(1);
          assertThat(events("order-3&status=matched")).hasSize(1);
        });
    Eventually.holds(
        () ->
            assertThat(
                    PlatformExtension.json(platform.get("/v1/summary?app=shop"), 200)
                        .path("succeeded")
                        .asInt())
                .isEqualTo(3));
    Eventually.holds(
        () ->
            assertThat(nexus(example("bash", "./nexus ingress list")))
                .contains("com.example.ordered", "duplicate", "SUCCEEDED"));
  }

  @Test
  @NeedsTool({"curl", "openssl"})
  void shouldRunWhatAWebhookDelivers() throws Exception {
    // Given
    Path deliveries = Files.createDirectory(directory.resolve("deliveries"));
    Files.writeString(
        deliveries.resolve("app_definition.yaml"), example("yaml", "appId: deliveries"));
    shell(example("bash", "mkdir -p data/secrets"));
    nexus(example("bash", "./nexus apply deliveries"));

    // When
    String answer = shell(example("bash", "/v1/hooks/deliveries"));

    // Then
    assertThat(answer).contains("\"accepted\"", "push-1");
    Eventually.holds(() -> assertThat(events("push-1&status=matched")).hasSize(1));
    Eventually.holds(
        () ->
            assertThat(
                    PlatformExtension.json(
                            platform.get("/v1/executions?app=deliveries&status=succeeded"), 200)
                        .path("executions"))
                .hasSize(1));
  }

  /// Runs the lines of an example that call `./nexus`, but for the start, on the platform of the
  /// test; gives what they print.
  private String nexus(String commands) {
    var printed = new StringWriter();
    for (String line : commands.lines().filter(l -> !l.startsWith("./nexus up")).toList()) {
      List<String> words = new ArrayList<>(List.of(line.split(" ")));
      assertThat(words.removeFirst()).isEqualTo("./nexus");
      if (words.getFirst().equals("apply")) {
        words.set(1, directory.resolve(words.get(1)).toString());
      }
      words.addAll(List.of("--data", data().toString()));
      var errors = new StringWriter();
      int code =
          Verbs.run(
              new Terminal(new PrintWriter(printed), new PrintWriter(errors), Map.of()),
              words.toArray(String[]::new));
      assertThat(code).as("%s: %s", line, errors).isZero();
    }
    return printed.toString();
  }

  private static Path data() {
    return platform.platform().dataDirectory();
  }

  private static JsonNode events(String query) {
    return PlatformExtension.json(platform.get("/v1/events?id=" + query), 200).path("events");
  }

  private static String example(String language, String saying) {
    return PAGE.example(language, saying);
  }

  private String shell(String commands) throws Exception {
    String here =
        commands
            .replace("http://127.0.0.1:8080", platform.url())
            .replace("localhost:9092", platform.platform().addresses().kafka())
            .replace("data/secrets", data().resolve("secrets").toString());
    return run(
        List.of("bash", "-euc", installed("kcat") ? here : here.replace("kcat", "kafkacat")));
  }

  private static boolean installed(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
  }

  private void java(String source) throws Exception {
    Path file = Files.writeString(directory.resolve("Orders.java"), source);
    String kafka = platform.platform().addresses().kafka();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    run(List.of(java, "-cp", libraries(), file.toString(), kafka));
  }

  /// What the page downloads, from where it is on this machine already: these versions and no
  /// other.
  private static String libraries() {
    List<String> named =
        JAR.matcher(example("bash", "dependency:copy"))
            .results()
            .map(jar -> jar.group(1) + "-" + jar.group(2) + ".jar")
            .toList();
    List<String> found =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> named.contains(Path.of(entry).getFileName().toString()))
            .toList();
    assertThat(found)
        .as("the page names the versions that Nexus has itself")
        .hasSameSizeAs(named)
        .hasSize(2);
    return String.join(File.pathSeparator, found);
  }

  private String run(List<String> command) throws Exception {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    return said;
  }
}
