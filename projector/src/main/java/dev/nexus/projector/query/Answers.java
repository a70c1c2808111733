package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.TimeText;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import java.time.Instant;

/// JSON trees as answers.
final class Answers {
  private Answers() {}

  static HttpResponse<String> json(JsonNode body) {
    return HttpResponse.ok(body.toString()).contentType(MediaType.APPLICATION_JSON_TYPE);
  }

  static String time(long millis) {
    return TimeText.of(Instant.ofEpochMilli(millis));
  }
}
