package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.rig.PageExamples;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.NeedsTool;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
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
  private PageShell shell;

  @BeforeEach
  void begin() {
    shell = new PageShell(platform, directory);
  }

  @Test
  @NeedsTool({"kcat|kafkacat", "curl"})
  void shouldRunOnceWhatAnExistingProducerSendsByEveryRoad() throws Exception {
    // Given
    var shop = new EventOutcomes(platform, "shop");
    shell.apply(PAGE, "shop");
    shell.issueKey(PAGE, "SHOP_KEY");

    // When
    String answer = shell.run(example("bash", "/v1/events"));
    shell.run(example("bash", "-k order-1"));
    java("Orders", libraries("org.apache.kafka", 2));
    shell.run(example("bash", "-l events.jsonl"));

    // Then
    assertThat(answer).contains("\"accepted\"", "order-1");
    Eventually.holds(
        () -> {
          assertThat(shop.events("order-1")).hasSize(3);
          assertThat(shop.events("order-1&status=matched")).hasSize(1);
          assertThat(shop.events("order-1&status=duplicate")).hasSize(2);
          assertThat(shop.events("order-2&status=matched")).hasSize(1);
          assertThat(shop.events("order-3&status=matched")).hasSize(1);
        });
    Eventually.holds(
        () -> {
          assertThat(shop.outputs("order-1")).containsExactly("{\"amount\":120}");
          assertThat(shop.outputs("order-2")).containsExactly("{\"amount\":7}");
          assertThat(shop.outputs("order-3")).containsExactly("{\"amount\":9}");
        });
    Eventually.holds(
        () ->
            assertThat(shell.nexus(example("bash", "./nexus ingress list")))
                .contains("com.example.ordered", "duplicate", "SUCCEEDED"));
  }

  @Test
  @NeedsTool({"curl", "openssl"})
  void shouldRunWhatAWebhookDelivers() throws Exception {
    // Given
    shell.run(example("bash", "mkdir -p data/secrets"));
    shell.apply(PAGE, "deliveries");

    // When
    String answer = shell.run(example("bash", "/v1/hooks/deliveries"));

    // Then
    assertThat(answer).contains("\"accepted\"", "push-1");
    var deliveries = new EventOutcomes(platform, "deliveries");
    Eventually.holds(
        () -> {
          assertThat(deliveries.events("push-1&status=matched")).hasSize(1);
          assertThat(deliveries.outputs("push-1")).hasSize(1);
        });
  }

  @Test
  void shouldRunWhatAProducerSendsInAvro() throws Exception {
    // Given
    shell.apply(PAGE, "shop");
    Files.writeString(
        directory.resolve("cloudevents.avsc"), example("json", "\"name\": \"CloudEvent\""));
    List<String> jars = new ArrayList<>(libraries("org.apache.kafka", 2));
    jars.addAll(libraries("org.apache.avro", 4));

    // When
    java("AvroOrder", jars);

    // Then
    var shop = new EventOutcomes(platform, "shop");
    Eventually.holds(
        () -> {
          assertThat(shop.events("order-4&status=matched")).hasSize(1);
          assertThat(shop.outputs("order-4")).containsExactly("{\"amount\":40}");
        });
  }

  private static String example(String language, String saying) {
    return PAGE.example(language, saying);
  }

  /// Runs a program of the page on the jars that it downloads.
  private void java(String name, List<String> jars) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve(name + ".java"), example("java", "class " + name + " {"));
    String kafka = platform.platform().addresses().kafka();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    shell.run(List.of(java, "-cp", String.join(File.pathSeparator, jars), file.toString(), kafka));
  }

  /// What an example downloads, so many jars, from where they are on this machine already: these
  /// versions and no other.
  private static List<String> libraries(String group, int jars) {
    String downloads = example("bash", "-Dartifact=" + group);
    assertThat(downloads.lines())
        .as("into one place, also in the root of the clone, where Maven finds all modules")
        .allMatch(line -> line.startsWith("mvn -q -N dependency:copy "));
    List<String> named =
        JAR.matcher(downloads)
            .results()
            .map(jar -> jar.group(1) + "-" + jar.group(2) + ".jar")
            .toList();
    List<String> found =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> named.contains(Path.of(entry).getFileName().toString()))
            .toList();
    assertThat(found)
        .as("the page names the versions that Nexus has itself: %s", named)
        .hasSameSizeAs(named)
        .hasSize(jars);
    return found;
  }
}
