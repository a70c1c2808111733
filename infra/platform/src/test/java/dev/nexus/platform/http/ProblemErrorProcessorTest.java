package dev.nexus.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.exceptions.HttpStatusException;
import io.micronaut.http.server.exceptions.NotAcceptableException;
import io.micronaut.http.server.exceptions.NotAllowedException;
import io.micronaut.http.server.exceptions.UnsupportedMediaException;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.simple.SimpleHttpRequest;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProblemErrorProcessorTest {

  private static String detail(HttpStatusException refusal) {
    var request = new SimpleHttpRequest<>(HttpMethod.PUT, "/v1/apps", "");
    ErrorContext context =
        ErrorContext.builder(request)
            .cause(refusal)
            .errorMessage(String.valueOf(refusal.getMessage()))
            .build();
    var answer =
        new ProblemErrorProcessor()
            .processResponse(context, HttpResponse.status(refusal.getStatus()));
    return CanonicalJson.read(answer.body()).path("detail").asText();
  }

  @Test
  void shouldSayWhatARequestMustBeInItsOwnWords() {
    assertThat(
            detail(new NotAllowedException("PUT", URI.create("/v1/apps"), Set.of("POST", "GET"))))
        .isEqualTo("the method PUT is not taken here: expected GET or POST");
    assertThat(
            detail(
                new NotAcceptableException(
                    List.of("application/json"), List.of("text/event-stream"))))
        .isEqualTo(
            "the answer is text/event-stream: expected an Accept that takes it, found"
                + " application/json");
    assertThat(detail(new UnsupportedMediaException("text/plain", List.of("application/json"))))
        .isEqualTo("send Content-Type: application/json; found text/plain");
  }
}
