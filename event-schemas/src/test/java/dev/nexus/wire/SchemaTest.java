package dev.nexus.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Field;
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
    requireMutuallyReadable(
        SchemaCatalog.released().versions(topic).stream().map(v -> v.schema()).toList());
  }

  /// A second version made up from the first, and what the check must say to it.
  @ParameterizedTest
  @MethodSource("topicsWithSchema")
  void shouldRefuseASecondVersionThatTheFirstCannotLiveWith(Topic topic)
      throws SchemaValidationException {
    // Given
    Schema first = SchemaCatalog.released().versions(topic).getFirst().schema();
    Schema text = Schema.create(Schema.Type.STRING);
    Schema optional = Schema.createUnion(Schema.create(Schema.Type.NULL), text);
    List<Field> fields = first.getFields();

    // When
    Schema withDefault = with(first, fields, new Field("added", optional, "", Field.NULL_VALUE));
    Schema withoutDefault = with(first, fields, new Field("added", text, "", null));
    Schema removed = with(first, withoutRequired(fields));
    Schema retyped = with(first, retyped(fields));

    // Then
    requireMutuallyReadable(List.of(first, withDefault));
    for (Schema second : List.of(withoutDefault, removed, retyped)) {
      assertThatThrownBy(() -> requireMutuallyReadable(List.of(first, second)))
          .isInstanceOf(SchemaValidationException.class);
      assertThatThrownBy(() -> requireMutuallyReadable(List.of(first, withDefault, second)))
          .isInstanceOf(SchemaValidationException.class);
    }
  }

  /// A reader of the first version finds no value for what is gone.
  private static List<Field> withoutRequired(List<Field> fields) {
    Field gone = fields.stream().filter(f -> !f.hasDefaultValue()).findFirst().orElseThrow();
    return fields.stream().filter(f -> !f.equals(gone)).toList();
  }

  private static List<Field> retyped(List<Field> fields) {
    Schema other = Schema.create(Schema.Type.BOOLEAN);
    String name = fields.getFirst().name();
    return fields.stream()
        .map(f -> f.name().equals(name) ? new Field(name, other, f.doc(), null) : f)
        .toList();
  }

  private static Field copy(Field field) {
    return new Field(field, field.schema());
  }

  private static Schema with(Schema first, List<Field> fields, Field... more) {
    List<Field> all = new ArrayList<>(fields.stream().map(SchemaTest::copy).toList());
    all.addAll(List.of(more));
    return Schema.createRecord(first.getName(), first.getDoc(), first.getNamespace(), false, all);
  }

  /// Every version reads every other: FULL_TRANSITIVE.
  private static void requireMutuallyReadable(List<Schema> versions)
      throws SchemaValidationException {
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
