package dev.nexus.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;

/// Answers in the form of a Schema Registry.
final class RegistryAnswers {
  static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  private RegistryAnswers() {}

  /// What is refused, with the registry's numbers for it.
  enum Refusal {
    NO_SUBJECT(HttpStatus.NOT_FOUND, 40401),
    NO_VERSION(HttpStatus.NOT_FOUND, 40402),
    NO_SCHEMA(HttpStatus.NOT_FOUND, 40403),
    NO_CONFIG(HttpStatus.NOT_FOUND, 40408),
    NO_MODE(HttpStatus.NOT_FOUND, 40409),
    WRONG_SCHEMA(HttpStatus.UNPROCESSABLE_ENTITY, 42201),
    WRONG_VERSION(HttpStatus.UNPROCESSABLE_ENTITY, 42202),
    READ_ONLY(HttpStatus.UNPROCESSABLE_ENTITY, 42205);

    private final HttpStatus status;
    private final int code;

    Refusal(HttpStatus status, int code) {
      this.status = status;
      this.code = code;
    }
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static HttpResponse<String> ok(JsonNode body) {
    return HttpResponse.ok(body.toString()).contentType(MediaType.of(MEDIA_TYPE));
  }

  static HttpResponse<String> refused(Refusal why, String message) {
    return HttpResponse.<String>status(why.status)
        .body(object().put("error_code", why.code).put("message", message).toString())
        .contentType(MediaType.of(MEDIA_TYPE));
  }

  static HttpResponse<String> noSubject(String subject) {
    return refused(Refusal.NO_SUBJECT, "Subject '" + subject + "' not found");
  }
}
