package dev.nexus.testkit;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.Optional;

/// A client that takes no answer but those the OpenAPI document has. Tests that call the API use
/// it, so that the document is wrong nowhere they go.
public final class DocumentedClient implements AutoCloseable {
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();
  private final DocumentedAnswers document;

  public DocumentedClient(DocumentedAnswers document) {
    this.document = document;
  }

  /// Sends a request; an answer that is not documented is an `AssertionError`. The body is looked
  /// at where it comes as a text.
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    HttpResponse<T> response = client.send(request, handler);
    document
        .fault(
            new DocumentedAnswers.Answer(
                request.method(),
                request.uri().getRawPath(),
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body() instanceof String text ? Optional.of(text) : Optional.empty()))
        .ifPresent(
            fault -> {
              throw new AssertionError(fault);
            });
    return response;
  }

  /// Ends what is under way, too.
  public void shutdownNow() {
    client.shutdownNow();
  }

  @Override
  public void close() {
    client.close();
  }
}
