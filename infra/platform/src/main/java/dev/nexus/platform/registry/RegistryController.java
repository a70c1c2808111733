package dev.nexus.platform.registry;

import static dev.nexus.platform.registry.RegistryAnswers.noSubject;
import static dev.nexus.platform.registry.RegistryAnswers.object;
import static dev.nexus.platform.registry.RegistryAnswers.ok;
import static dev.nexus.platform.registry.RegistryAnswers.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.http.QueryParameters;
import dev.nexus.platform.registry.RegistryAnswers.Refusal;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.wire.SchemaCatalog.Version;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.QueryValue;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.jspecify.annotations.Nullable;

/// The part of a Schema Registry's API that readers need, answers and errors in its form, so that
/// its usual clients decode our records. Open to anyone: schemas are no secret. The API is that of
/// Confluent's Schema Registry; what would change something is refused as in its mode `READONLY`.
@Controller("/registry")
@Produces({RegistryAnswers.MEDIA_TYPE, MediaType.APPLICATION_JSON, MediaType.ALL})
@Consumes({RegistryAnswers.MEDIA_TYPE, MediaType.APPLICATION_JSON, MediaType.ALL})
@Requires(beans = KafkaClients.class)
public final class RegistryController {
  private static final String COMPATIBILITY = "FULL_TRANSITIVE";
  private static final String MODE = "READONLY";

  private final Subjects subjects;

  public RegistryController(KafkaClients clients) {
    this.subjects = new Subjects(clients::name);
  }

  @Get("/schemas/types")
  HttpResponse<String> types() {
    return ok(JsonNodeFactory.instance.arrayNode().add("AVRO"));
  }

  /// The schema a record names in its bytes 1 to 4.
  @Get("/schemas/ids/{id}")
  HttpResponse<String> byId(String id) {
    return withId(id, version -> ok(object().put("schema", text(version))));
  }

  /// The schema itself, not as a text in an object.
  @Get("/schemas/ids/{id}/schema")
  HttpResponse<String> schemaById(String id) {
    return withId(id, version -> ok(CanonicalJson.read(text(version))));
  }

  @Get("/schemas/ids/{id}/subjects")
  HttpResponse<String> subjectsById(String id) {
    return withId(
        id,
        version -> {
          ArrayNode names = JsonNodeFactory.instance.arrayNode();
          subjects.of(version).forEach(names::add);
          return ok(names);
        });
  }

  @Get("/schemas/ids/{id}/versions")
  HttpResponse<String> versionsById(String id) {
    return withId(
        id,
        version -> {
          ArrayNode named = JsonNodeFactory.instance.arrayNode();
          subjects
              .of(version)
              .forEach(
                  subject ->
                      named.add(
                          object().put("subject", subject).put("version", version.version())));
          return ok(named);
        });
  }

  @Get("/subjects")
  HttpResponse<String> subjects(@QueryValue Optional<String> subjectPrefix) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    subjects.names().stream()
        .filter(name -> name.startsWith(subjectPrefix.orElse("")))
        .forEach(names::add);
    return ok(names);
  }

  @Get("/subjects/{subject}/versions")
  HttpResponse<String> versions(String subject) {
    List<Version> versions = subjects.versions(subject);
    if (versions.isEmpty()) {
      return noSubject(subject);
    }
    ArrayNode numbers = JsonNodeFactory.instance.arrayNode();
    versions.forEach(version -> numbers.add(version.version()));
    return ok(numbers);
  }

  /// `version` is a number, `latest`, or -1 for the latest.
  @Get("/subjects/{subject}/versions/{version}")
  HttpResponse<String> version(String subject, String version) {
    return withVersion(subject, version, found -> ok(described(subject, found)));
  }

  @Get("/subjects/{subject}/versions/{version}/schema")
  HttpResponse<String> schemaOfVersion(String subject, String version) {
    return withVersion(subject, version, found -> ok(CanonicalJson.read(text(found))));
  }

  /// No schema of ours refers to another.
  @Get("/subjects/{subject}/versions/{version}/referencedby")
  HttpResponse<String> referencedBy(String subject, String version) {
    return withVersion(subject, version, found -> ok(JsonNodeFactory.instance.arrayNode()));
  }

  /// Which version of the subject a schema is: writers that may not register ask this.
  @Post("/subjects/{subject}")
  HttpResponse<String> lookup(String subject, @Nullable @Body String body) {
    if (subjects.versions(subject).isEmpty()) {
      return noSubject(subject);
    }
    return withSchema(
        body,
        schema ->
            same(subject, schema)
                .map(version -> ok(described(subject, version)))
                .orElseGet(() -> refused(Refusal.NO_SCHEMA, "Schema not found")));
  }

  /// Answers the id of a schema that is there already, as a registry does; a new one is refused.
  @Post("/subjects/{subject}/versions")
  HttpResponse<String> register(String subject, @Nullable @Body String body) {
    return withSchema(
        body,
        schema ->
            same(subject, schema)
                .map(version -> ok(object().put("id", version.id())))
                .orElseGet(
                    () ->
                        refused(
                            Refusal.READ_ONLY,
                            "Subject "
                                + subject
                                + " is in read-only mode: schemas come with a release of Nexus")));
  }

  @Get("/config")
  HttpResponse<String> config() {
    return ok(object().put("compatibilityLevel", COMPATIBILITY));
  }

  @Get("/config/{subject}")
  HttpResponse<String> config(String subject, @QueryValue Optional<String> defaultToGlobal) {
    return QueryParameters.flag("defaultToGlobal", defaultToGlobal).orElse(false)
        ? config()
        : refused(
            Refusal.NO_CONFIG,
            "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  @Get("/mode")
  HttpResponse<String> mode() {
    return ok(object().put("mode", MODE));
  }

  @Get("/mode/{subject}")
  HttpResponse<String> mode(String subject, @QueryValue Optional<String> defaultToGlobal) {
    return QueryParameters.flag("defaultToGlobal", defaultToGlobal).orElse(false)
        ? mode()
        : refused(
            Refusal.NO_MODE,
            "Subject '" + subject + "' does not have subject-level mode configured");
  }

  private HttpResponse<String> withId(String id, Function<Version, HttpResponse<String>> answer) {
    OptionalInt number = number(id);
    Optional<Version> found =
        number.isPresent() ? subjects.byId(number.getAsInt()) : Optional.empty();
    return found
        .map(answer)
        .orElseGet(() -> refused(Refusal.NO_SCHEMA, "Schema " + id + " not found"));
  }

  private HttpResponse<String> withVersion(
      String subject, String version, Function<Version, HttpResponse<String>> answer) {
    List<Version> versions = subjects.versions(subject);
    if (versions.isEmpty()) {
      return noSubject(subject);
    }
    OptionalInt number =
        version.equals("latest") || version.equals("-1")
            ? OptionalInt.of(versions.getLast().version())
            : number(version);
    if (number.isEmpty()) {
      return refused(
          Refusal.WRONG_VERSION,
          "The specified version '"
              + version
              + "' is not a valid version id: a number from 1 on, or latest");
    }
    return versions.stream()
        .filter(one -> one.version() == number.getAsInt())
        .findFirst()
        .map(answer)
        .orElseGet(() -> refused(Refusal.NO_VERSION, "Version " + version + " not found"));
  }

  private static HttpResponse<String> withSchema(
      @Nullable String body, Function<Schema, HttpResponse<String>> answer) {
    Schema schema;
    try {
      JsonNode asked = CanonicalJson.read(body == null ? "" : body);
      schema = new Schema.Parser().parse(asked.path("schema").asText());
    } catch (IllegalArgumentException | SchemaParseException e) {
      return refused(
          Refusal.WRONG_SCHEMA,
          "{\"schema\": \"an Avro schema as a text\"} expected: " + e.getMessage());
    }
    return answer.apply(schema);
  }

  private Optional<Version> same(String subject, Schema schema) {
    return subjects.versions(subject).stream()
        .filter(version -> version.schema().equals(schema))
        .findFirst();
  }

  private static ObjectNode described(String subject, Version version) {
    return object()
        .put("subject", subject)
        .put("version", version.version())
        .put("id", version.id())
        .put("schema", text(version));
  }

  private static OptionalInt number(String text) {
    return text.matches("[1-9]\\d{0,8}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  private static String text(Version version) {
    return version.schema().toString();
  }
}
