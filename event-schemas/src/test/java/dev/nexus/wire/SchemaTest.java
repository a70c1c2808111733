package dev.nexus.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The released schemas are what the events need, and every version can read every other.
class SchemaTest {
  private static final Path SCHEMAS = Path.of("src/main/resources/schemas");

  static List<Topic> topicsWithSchema() {
    return Arrays.stream(Topic.values()).filter(Topic::hasSchema).toList();
  }

  /// A change of an event needs a new version of its schema: run the build with
  /// -Dnexus.schemas=write to have it written, and commit it.
  @ParameterizedTest
  @MethodSource("topicsWithSchema")
  void shouldHaveReleasedTheSchemaItsEventsNeed(Topic topic) throws IOException {
    Schema needed = new EventTable(topic).schema();
    boolean released =
        SchemaCatalog.released().newest(topic).map(v -> v.schema().equals(needed)).orElse(false);
    if (!released && "write".equals(System.getProperty("nexus.schemas"))) {
      int version = SchemaCatalog.released().versions(topic).size() + 1;
      Files.writeString(
          SCHEMAS.resolve(topic.schemaName() + ".v" + version + ".avsc"),
          needed.toString(true) + "\n");
      return;
    }
    assertThat(released)
        .as("schema of %s differs from its events; write a new version", topic.topicName())
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("topicsWithSchema")
  void shouldReadEveryVersionWithEveryOther(Topic topic) throws SchemaValidationException {
    List<Schema> versions =
        SchemaCatalog.released().versions(topic).stream().map(v -> v.schema()).toList();
    var mutual = new SchemaValidatorBuilder().mutualReadStrategy().validateAll();
    for (int i = 1; i < versions.size(); i++) {
      mutual.validate(versions.get(i), versions.subList(0, i));
    }
  }

  @ParameterizedTest
  @MethodSource("topicsWithSchema")
  void shouldDocumentEveryColumn(Topic topic) {
    for (var version : SchemaCatalog.released().versions(topic)) {
      assertThat(version.schema().getFields()).allSatisfy(f -> assertThat(f.doc()).isNotBlank());
    }
  }

  @Test
  void shouldGiveSchemasTheirOwnIds() {
    var ids =
        topicsWithSchema().stream()
            .flatMap(t -> SchemaCatalog.released().versions(t).stream())
            .map(v -> v.topic().schemaName() + "=" + v.id())
            .distinct()
            .toList();
    assertThat(ids.stream().map(s -> s.substring(s.indexOf('='))).distinct()).hasSameSizeAs(ids);
  }
}
