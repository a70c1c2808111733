package dev.nexus.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every event has a golden record: bytes once written that must be readable for ever. A new event
/// fails here until its golden exists; run with -Dnexus.schemas=write to have it written.
class GoldenRecordTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TestFactory
  Stream<DynamicTest> shouldReadTheGoldenOfEveryEvent() {
    return Arrays.stream(Topic.values())
        .filter(Topic::hasSchema)
        .filter(t -> t != Topic.TASKS_CODE && t != Topic.TASKS_CONTAINER && t != Topic.TASKS_TOOL)
        .filter(t -> t != Topic.TASK_CONTROL)
        .flatMap(
            topic ->
                Arrays.stream(topic.events().getPermittedSubclasses())
                    .map(
                        body ->
                            DynamicTest.dynamicTest(
                                topic.schemaName() + "." + body.getSimpleName(),
                                () -> check(topic, body))));
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private void check(Topic topic, Class<?> body) throws IOException {
    EventCodec codec = EventCodec.of(topic, (Class) topic.events());
    Event<?> sample = SampleEvents.of(body);
    byte[] encoded = codec.encode(sample);
    assertThat(codec.decode(encoded)).isEqualTo(sample);
    List<Path> goldens = goldens(topic.schemaName() + "." + body.getSimpleName() + ".v");
    int version = SchemaCatalog.released().newest(topic).orElseThrow().version();
    Path newest =
        GOLDEN.resolve(
            topic.schemaName() + "." + body.getSimpleName() + ".v" + version + ".base64");
    if (!Files.exists(newest) && "write".equals(System.getProperty("nexus.schemas"))) {
      Files.writeString(newest, Base64.getMimeEncoder().encodeToString(encoded) + "\n");
      return;
    }
    assertThat(newest).as("golden of a released event").exists();
    assertThat(codec.decode(bytes(newest))).isEqualTo(sample);
    for (Path golden : goldens) {
      assertThat(codec.decode(bytes(golden)).body()).isInstanceOf(body);
    }
  }

  private static byte[] bytes(Path golden) throws IOException {
    return Base64.getMimeDecoder().decode(Files.readString(golden).strip());
  }

  private static List<Path> goldens(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files.filter(f -> f.getFileName().toString().startsWith(prefix)).toList();
    }
  }
}
