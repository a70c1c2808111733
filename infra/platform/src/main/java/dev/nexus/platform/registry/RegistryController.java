package dev.nexus.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.wire.SchemaCatalog.Version;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The part of a Schema Registry's API that readers need, answers and errors in its form, so that
/// its usual clients decode our records. Open to anyone: schemas are no secret.
@Controller("/registry")
@Produces({RegistryController.MEDIA_TYPE, MediaType.APPLICATION_JSON, MediaType.ALL})
@Requires(beans = KafkaClients.class)
public final class RegistryController {
  static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  private static final int NO_SUBJECT = 40401;
  private static final int NO_VERSION = 40402;
  private static final int NO_SCHEMA = 40403;
  private static final int WRONG_VERSION = 42202;

  private final Subjects subjects;

  public RegistryController(KafkaClients clients) {
    this.subjects = new Subjects(clients::name);
  }

  /// The schema a record names in its bytes 1 to 4.
  @Get("/schemas/ids/{id}")
  HttpResponse<String> byId(String id) {
    OptionalInt number = number(id);
    Optional<Version> found =
        number.isPresent() ? subjects.byId(number.getAsInt()) : Optional.empty();
    return found
        .map(version -> ok(JsonNodeFactory.instance.objectNode().put("schema", text(version))))
        .orElseGet(() -> error(HttpStatus.NOT_FOUND, NO_SCHEMA, "Schema " + id + " not found"));
  }

  @Get("/subjects")
  HttpResponse<String> subjects() {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    subjects.names().forEach(names::add);
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

  /// `version` is a number or `latest`.
  @Get("/subjects/{subject}/versions/{version}")
  HttpResponse<String> version(String subject, String version) {
    List<Version> versions = subjects.versions(subject);
    if (versions.isEmpty()) {
      return noSubject(subject);
    }
    OptionalInt number =
        version.equals("latest") ? OptionalInt.of(versions.getLast().version()) : number(version);
    if (number.isEmpty()) {
      return error(
          HttpStatus.UNPROCESSABLE_ENTITY,
          WRONG_VERSION,
          "The specified version '"
              + version
              + "' is not a valid version id: a number from 1 on, or latest");
    }
    return versions.stream()
        .filter(one -> one.version() == number.getAsInt())
        .findFirst()
        .map(
            one ->
                ok(
                    JsonNodeFactory.instance
                        .objectNode()
                        .put("subject", subject)
                        .put("version", one.version())
                        .put("id", one.id())
                        .put("schema", text(one))))
        .orElseGet(
            () -> error(HttpStatus.NOT_FOUND, NO_VERSION, "Version " + version + " not found"));
  }

  private static HttpResponse<String> noSubject(String subject) {
    return error(HttpStatus.NOT_FOUND, NO_SUBJECT, "Subject '" + subject + "' not found");
  }

  private static OptionalInt number(String text) {
    return text.matches("[1-9]\\d{0,8}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  private static String text(Version version) {
    return version.schema().toString();
  }

  private static HttpResponse<String> ok(JsonNode body) {
    return HttpResponse.ok(body.toString()).contentType(MediaType.of(MEDIA_TYPE));
  }

  private static HttpResponse<String> error(HttpStatus status, int code, String message) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("error_code", code);
    body.put("message", message);
    return HttpResponse.<String>status(status)
        .body(body.toString())
        .contentType(MediaType.of(MEDIA_TYPE));
  }
}
