package dev.nexus.projector.trace;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.Secrets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// Who takes spans: OTLP over HTTP, in binary protobuf.
public final class OtlpReceiver implements AutoCloseable {
  private static final String PATH = "/v1/traces";
  private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(5);

  /// With all of the body.
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

  /// Bytes of an answer that are read; a longer one is no receiver's.
  private static final long ANSWER_AT_MOST = 1_048_576;

  /// Seconds that a receiver is left alone, whatever it asks for.
  private static final long LEFT_ALONE_AT_MOST = 300;

  /// What is said of the request itself: it is refused again however often it comes.
  private static final Set<Integer> ABOUT_THE_SPANS = Set.of(400, 413, 422);

  private static final Pattern SECONDS = Pattern.compile("\\d{1,18}");

  private final String address;
  private final List<String> headers;
  private final Secrets secrets;
  private final HttpClient client;

  /// What came of a request.
  public sealed interface Answer {
    /// It has them, but for those that it rejected.
    ///
    /// @param why it rejected them, or a warning; "" for nothing
    record Taken(long rejected, String why) implements Answer {}

    /// It takes them never.
    record Refused(String why) implements Answer {}

    /// It may take them later.
    ///
    /// @param after how long it asks to be left alone
    record Later(String why, Duration after) implements Answer {}
  }

  private OtlpReceiver(String address, List<String> headers, Secrets secrets) {
    this.address = address;
    this.headers = headers;
    this.secrets = secrets;
    this.client = HttpClient.newBuilder().connectTimeout(CONNECTS_WITHIN).build();
  }

  /// The receiver of the settings; empty where traces are off.
  public static Optional<OtlpReceiver> of(Settings settings, Secrets secrets) {
    if (!settings.isSet(Setting.OTLP_ENDPOINT)) {
      return Optional.empty();
    }
    String endpoint =
        settings
            .text(Setting.OTLP_ENDPOINT)
            .replaceFirst("//[^/?#\\s]*@", "//") // a password belongs in a header
            .replaceFirst("/+$", "");
    String address = endpoint.endsWith(PATH) ? endpoint : endpoint + PATH;
    List<String> headers =
        Arrays.stream(settings.text(Setting.OTLP_HEADERS).split(",", -1))
            .map(String::strip)
            .filter(header -> !header.isEmpty())
            .toList();
    return Optional.of(new OtlpReceiver(address, headers, secrets));
  }

  /// Where it is, with the path for traces.
  public String address() {
    return address;
  }

  /// Whether it answers and would take spans.
  public Answer probe() throws InterruptedException {
    return send(new byte[0]);
  }

  /// Sends a request and waits for what becomes of it.
  Answer send(byte[] request) throws InterruptedException {
    try {
      return ask(http(request));
    } catch (IllegalStateException e) {
      return new Answer.Later(String.valueOf(e.getMessage()), Duration.ZERO); // no such secret
    } catch (IllegalArgumentException _) {
      // What the client says of it has the value of the header in it.
      return new Answer.Later("the address, or the value of a header, is none", Duration.ZERO);
    }
  }

  /// The timeout of a request would end with the headers of the answer; this is one for all of it.
  private Answer ask(HttpRequest request) throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> coming = client.sendAsync(request, OtlpReceiver::body);
    try {
      return answer(coming.get(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException _) {
      String why = "no whole answer within " + ANSWERS_WITHIN.toSeconds() + " seconds";
      return new Answer.Later(why, Duration.ZERO);
    } catch (ExecutionException e) {
      return new Answer.Later(why(e), Duration.ZERO);
    } finally {
      coming.cancel(true); // breaks off what has not come
    }
  }

  /// Only who took the spans has something to say that is read.
  private static BodySubscriber<byte[]> body(ResponseInfo info) {
    return isTaken(info.statusCode())
        ? BodySubscribers.limiting(BodySubscribers.ofByteArray(), ANSWER_AT_MOST)
        : BodySubscribers.replacing(new byte[0]);
  }

  private static boolean isTaken(int status) {
    return status >= 200 && status < 300;
  }

  private static String why(ExecutionException e) {
    if (e.getCause() instanceof IOException failed) {
      String said = failed.getMessage();
      return said == null ? failed.getClass().getSimpleName() : said;
    }
    // What the client says of a header has its value in it.
    return "the request could not be made";
  }

  private HttpRequest http(byte[] request) {
    var builder =
        HttpRequest.newBuilder(URI.create(address))
            .header("Content-Type", "application/x-protobuf")
            .POST(BodyPublishers.ofByteArray(request));
    for (String header : headers) {
      int equals = header.indexOf('=');
      builder.header(header.substring(0, equals), secrets.resolve(header.substring(equals + 1)));
    }
    return builder.build();
  }

  private static Answer answer(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (isTaken(status)) {
      return taken(response.body());
    }
    String why = "HTTP " + status;
    if (ABOUT_THE_SPANS.contains(status)) {
      return new Answer.Refused(why);
    }
    Duration after =
        response
            .headers()
            .firstValue("Retry-After")
            .filter(seconds -> SECONDS.matcher(seconds).matches())
            .map(seconds -> Math.min(Long.parseLong(seconds), LEFT_ALONE_AT_MOST))
            .map(Duration::ofSeconds)
            .orElse(Duration.ZERO);
    return new Answer.Later(why, after);
  }

  /// Reads `ExportTraceServiceResponse`; what is none says nothing was rejected.
  private static Answer taken(byte[] body) {
    long rejected = 0;
    String why = "";
    try {
      CodedInputStream response = CodedInputStream.newInstance(body);
      for (int tag = response.readTag(); tag != 0; tag = response.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) != 1) {
          response.skipField(tag);
          continue;
        }
        CodedInputStream partial = CodedInputStream.newInstance(response.readByteArray());
        for (int field = partial.readTag(); field != 0; field = partial.readTag()) {
          switch (WireFormat.getTagFieldNumber(field)) {
            case 1 -> rejected = partial.readInt64();
            case 2 -> why = partial.readString();
            default -> partial.skipField(field);
          }
        }
      }
    } catch (IOException _) {
      return new Answer.Taken(0, "");
    }
    return new Answer.Taken(Math.max(0, rejected), why);
  }

  /// Breaks off what is under way.
  @Override
  public void close() {
    client.shutdownNow();
  }
}
