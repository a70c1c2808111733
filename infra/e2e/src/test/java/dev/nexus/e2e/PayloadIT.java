package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Inputs and outputs that are too large for the log go in and come out whole.
class PayloadIT {
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of("NEXUS_MAX_BODY_BYTES", "8388608", "NEXUS_PAYLOAD_QUOTA_MB", "11"));

  /// More than a record of any topic may have.
  private static final int LARGE = 5_000_000;

  @BeforeAll
  static void publish() {
    platform.apply("lab");
  }

  @Test
  void shouldAnswerWhatIsLargerThanARecordAndKeepTheLogSmall() {
    // Given
    String input = "{\"text\": \"" + "x".repeat(LARGE) + "\"}";

    // When
    JsonNode answer = invoke(input, "large-1", 200);
    JsonNode again = invoke(input, "large-1", 200);

    // Then
    String id = answer.path("executionId").asText();
    assertThat(answer.at("/output/text").asText()).hasSize(LARGE);
    assertThat(again).isEqualTo(answer);
    assertThat(invoke(input + " ", "large-1", 200)).isEqualTo(answer);
    assertThat(invoke("{\"text\": \"other\"}", "large-1", 422).toString())
        .contains("idempotency-key-reused");
    assertSmall(List.of(Topic.REQUESTS, Topic.EXECUTIONS, Topic.OUTCOMES, Topic.REPLIES));

    // When
    JsonNode shown =
        Eventually.value(
            () -> PlatformExtension.json(platform.get("/v1/executions/" + id), 200),
            execution -> execution.path("status").asText().equals("SUCCEEDED"),
            "the end of " + id);

    // Then
    String digest = shown.at("/output/$payload").asText().replace("sha256:", "");
    assertThat(shown.at("/facts/0/data/input/$payload").asText()).isEqualTo("sha256:" + digest);
    JsonNode content =
        PlatformExtension.json(platform.get("/v1/executions/" + id + "/payloads/" + digest), 200);
    assertThat(content.path("text").asText()).hasSize(LARGE);
    String other = invoke("{\"text\": \"small\"}", "small", 200).path("executionId").asText();
    assertThat(platform.get("/v1/executions/" + other + "/payloads/" + digest).statusCode())
        .isEqualTo(404);
    String key = platform.key("app:other:read");
    var denied =
        platform.send("GET", "/v1/executions/" + id + "/payloads/" + digest, key, "", List.of());
    assertThat(denied.statusCode()).isEqualTo(403);
  }

  /// The defaults: 256 KiB of an input, 16 KiB of an output.
  @ParameterizedTest
  @CsvSource({
    "16384, true, true",
    "16385, true, false",
    "262144, true, false",
    "262145, false, false"
  })
  void shouldKeepInEventsWhatIsNoLargerThanTheDefaults(
      int bytes, boolean inputInEvents, boolean outputInEvents) {
    // Given
    String around = "{\"text\":\"\"}";
    String input = around.replace("\"\"", "\"" + "v".repeat(bytes - around.length()) + "\"");

    // When
    String id = ended(invoke(input, "default-" + bytes, 200));

    // Then
    JsonNode shown = PlatformExtension.json(platform.get("/v1/executions/" + id), 200);
    JsonNode kept = shown.at("/facts/0/data/input");
    JsonNode output = shown.path("output");
    assertThat(kept.has("text")).as("input in events").isEqualTo(inputInEvents);
    assertThat(kept.has("$payload")).as("input beside them").isEqualTo(!inputInEvents);
    assertThat(output.has("text")).as("output in events").isEqualTo(outputInEvents);
    assertThat(output.has("$payload")).as("output beside them").isEqualTo(!outputInEvents);
  }

  /// That nothing large is on these topics, but what is just small enough in the test of the
  /// defaults.
  private static void assertSmall(List<Topic> topics) {
    var reader = new TopicReader(new KafkaClients(platform.platform().settings()));
    for (Topic topic : topics) {
      assertThat(reader.records(topic))
          .filteredOn(record -> !text(record.value()).contains("v".repeat(1_000)))
          .allSatisfy(record -> assertThat(record.value().length).isLessThan(20_000));
    }
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  /// Whoever may read an execution of his own, and knows a digest, reads nobody else's content.
  @Test
  void shouldGiveNoContentThatACallerNamesInAnInputOfHisOwn() {
    // Given
    String input = "{\"text\": \"" + "w".repeat(270_000) + "\"}";
    String owner = ended(invoke(input, "named-owner", 200));
    String digest =
        PlatformExtension.json(platform.get("/v1/executions/" + owner), 200)
            .at("/facts/0/data/input/$payload")
            .asText()
            .replace("sha256:", "");
    int bytes = input.length() - 1;
    String reference = "{\"$payload\": \"sha256:" + digest + "\", \"bytes\": " + bytes + "}";
    List<String> inputs =
        List.of(
            "\"sha256:" + digest + "\"",
            "{\"text\": \"sha256:" + digest + "\"}",
            "{\"text\": " + reference + "}",
            reference,
            reference.replace("$", "\\u0024"),
            reference + " ".repeat(1_000));
    for (int i = 0; i < inputs.size(); i++) {
      // When
      String other = ended(invoke(inputs.get(i), "named-" + i, 200));

      // Then
      assertThat(platform.get("/v1/executions/" + other + "/payloads/" + digest).statusCode())
          .as(inputs.get(i))
          .isEqualTo(404);
    }
    assertThat(platform.get("/v1/executions/" + owner + "/payloads/" + digest).statusCode())
        .isEqualTo(200);
  }

  /// The id of an execution whose end can be read.
  private static String ended(JsonNode answer) {
    String id = answer.path("executionId").asText();
    Eventually.value(
        () -> PlatformExtension.json(platform.get("/v1/executions/" + id), 200),
        execution -> execution.path("status").asText().equals("SUCCEEDED"),
        "the end of " + id);
    return id;
  }

  @Test
  void shouldHaveSomebodyWhoCollectsWhatNobodyNames() {
    assertThat(platform.platform().services().services())
        .filteredOn(service -> service.name().equals("payload-collector"))
        .singleElement()
        .satisfies(collector -> assertThat(collector.healthy()).isTrue());
  }

  @Test
  void shouldSayWhatIsGoneWhenPayloadsAreLostAndGoOnWithTheRest() throws IOException {
    // Given a content that is kept by reference
    String input = "{\"text\": \"" + "y".repeat(270_000) + "\"}";
    String id = invoke(input, "lost-1", 200).path("executionId").asText();
    JsonNode shown =
        Eventually.value(
            () -> PlatformExtension.json(platform.get("/v1/executions/" + id), 200),
            execution -> execution.path("status").asText().equals("SUCCEEDED"),
            "the end of " + id);
    String digest = shown.at("/output/$payload").asText().replace("sha256:", "");
    String content = "/v1/executions/" + id + "/payloads/" + digest;
    assertThat(platform.get(content).statusCode()).isEqualTo(200);

    // When its file is gone
    Path kept = platform.platform().dataDirectory().resolve("payloads");
    try (Stream<Path> files = Files.walk(kept)) {
      for (Path file : files.filter(f -> f.endsWith(digest)).toList()) {
        Files.delete(file);
      }
    }

    // Then that is said, of this content alone
    var gone = platform.get(content);
    assertThat(gone.statusCode()).isEqualTo(410);
    assertThat(gone.body()).contains("payload-gone");
    assertThat(platform.get("/v1/executions/" + id).statusCode()).isEqualTo(200);
    invoke("{\"text\": \"small\"}", "lost-2", 200);

    // When the same content comes again
    invoke(input, "lost-1", 200);

    // Then it is there for all who name it
    assertThat(platform.get(content).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldRefuseWhatCannotBeKeptAndGoOnWithTheRest() throws IOException {
    // Given a directory that takes no files, as a disk that is full or gone
    Path kept = platform.platform().dataDirectory().resolve("payloads");
    Path aside = kept.resolveSibling("payloads-aside");
    Files.move(kept, aside);
    Files.createFile(kept);
    String large = "{\"text\": \"" + "z".repeat(280_000) + "\"}";
    try {
      // When
      JsonNode refused = invoke(large, "unkept-1", 507);
      // Then
      assertThat(refused.path("type").asText()).endsWith("payloads-not-kept");
      assertThat(refused.path("detail").asText())
          .contains("NEXUS_PAYLOAD_DIR")
          .doesNotContain(kept.toString());
      invoke("{\"text\": \"small\"}", "unkept-2", 200);
    } finally {
      Files.delete(kept);
      Files.move(aside, kept);
    }
    // And the same call is taken when the directory is back
    invoke(large, "unkept-1", 200);
  }

  @Test
  void shouldKeepLargeDataOfAnOutsideEventBesideTheLog() {
    // Given
    platform.apply("intake");
    String text = "y".repeat(600_000);

    // When
    PlatformExtension.json(
        platform.send(
            "POST",
            "/v1/events",
            platform.operatorKey(),
            "{\"text\": \"" + text + "\"}",
            List.of(
                "ce-specversion", "1.0",
                "ce-id", "large-order",
                "ce-source", "urn:intake:shop",
                "ce-type", "com.example.order.placed")),
        202);
    JsonNode event =
        Eventually.value(
                () ->
                    PlatformExtension.json(
                            platform.get("/v1/events?id=large-order&status=matched"), 200)
                        .path("events"),
                found -> found.size() == 1,
                "the event")
            .path(0);

    // Then
    String place = event.path("place").asText();
    JsonNode shown = PlatformExtension.json(platform.get("/v1/events/" + place), 200);
    assertThat(shown.at("/event/data/data/$payload").asText()).startsWith("sha256:");
    JsonNode data = PlatformExtension.json(platform.get("/v1/events/" + place + "/data"), 200);
    assertThat(data.path("text").asText()).isEqualTo(text);
    JsonNode execution =
        Eventually.value(
            () ->
                PlatformExtension.json(
                    platform.get("/v1/executions/" + event.path("executions").path(0).asText()),
                    200),
            found -> found.path("status").asText().equals("SUCCEEDED"),
            "its execution");
    assertThat(execution.at("/output/$payload").asText()).startsWith("sha256:");
    assertSmall(List.of(Topic.EVENTS, Topic.REQUESTS, Topic.EXECUTIONS));
  }

  @Test
  void shouldRefuseWhatIsBeyondTheQuotaAndSayWhichSettingItIs() throws IOException {
    // Given
    Path payloads = platform.platform().dataDirectory().resolve("payloads");
    invoke("{\"text\": \"" + "a".repeat(4_000_000) + "\"}", "quota-1", 200);

    // When
    JsonNode refused = invoke("{\"text\": \"" + "b".repeat(8_000_000) + "\"}", "quota-3", 507);

    // Then
    assertThat(refused.path("status").asInt()).isEqualTo(507);
    assertThat(refused.path("detail").asText())
        .contains("tenant default has", "NEXUS_PAYLOAD_QUOTA_MB");
    try (Stream<Path> files = Files.walk(payloads)) {
      assertThat(files.filter(Files::isRegularFile).filter(f -> f.toString().endsWith(".fresh")))
          .isEmpty();
    }
    invoke("{\"text\": \"small\"}", "quota-2", 200);
  }

  private static JsonNode invoke(String input, String key, int status) {
    return PlatformExtension.json(
        platform.send(
            "POST",
            "/v1/apps/lab/components/echo/invoke",
            platform.operatorKey(),
            input,
            List.of("Idempotency-Key", key)),
        status);
  }
}
