package dev.nexus.executor.api;

import dev.nexus.executor.http.Header;
import dev.nexus.executor.service.Served;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Leads a call on to the executor that runs the service, once: with what the caller presented, so
/// that it is let in there as it was here. What is answered is passed on as it comes.
@Singleton
final class LeadingOn {
  /// Says that a call was led on: whoever gets it leads it nowhere. Services do not see it.
  static final String LED = "X-Nexus-Led-On";

  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(2);

  /// Longer than the executor there waits for the service.
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(80);

  /// About one connection, of which there are two, or told anew.
  private static final Set<String> OURS =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "x-forwarded-for",
          LED.toLowerCase(Locale.ROOT));

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECTED_WITHIN)
          .build();

  /// What is asked of another executor.
  ///
  /// @param target path and query, as they were asked for here
  /// @param address of the caller
  record Call(String method, String target, List<Header> headers, byte[] body, String address) {}

  /// Throws `IOException` where no executor answers there.
  Served ask(URI executor, Call call) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    executor.getScheme() + "://" + executor.getRawAuthority() + call.target()))
            .timeout(ANSWERED_WITHIN)
            .method(call.method(), BodyPublishers.ofByteArray(call.body()))
            .header(LED, "1")
            .header("X-Forwarded-For", call.address());
    call.headers().stream().filter(LeadingOn::isPassed).forEach(one -> add(request, one));
    HttpResponse<InputStream> answer = client.send(request.build(), BodyHandlers.ofInputStream());
    List<Header> headers = new ArrayList<>();
    answer
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> headers.add(new Header(name, value))));
    headers.removeIf(header -> !isPassed(header));
    return new Served.Flowing(answer.statusCode(), List.copyOf(headers), answer.body());
  }

  private static boolean isPassed(Header header) {
    return !OURS.contains(header.name().toLowerCase(Locale.ROOT));
  }

  private static void add(HttpRequest.Builder request, Header header) {
    request.header(header.name(), header.value());
  }

  @PreDestroy
  void close() {
    client.shutdownNow();
  }
}
