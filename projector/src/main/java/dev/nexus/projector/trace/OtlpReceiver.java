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
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Who takes spans: OTLP over HTTP, in binary protobuf.
public final class OtlpReceiver implements AutoCloseable {
  private static final String PATH = "/v1/traces";
  private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(5);
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

  /// What is said of the request itself: it is refused again however often it comes.
  private static final Set<Integer> ABOUT_THE_SPANS = Set.of(400, 413, 422);

  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

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
      return answer(client.send(http(request), BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      String said = e.getMessage();
      return new Answer.Later(said == null ? e.getClass().getSimpleName() : said, Duration.ZERO);
    } catch (IllegalStateException e) {
      return new Answer.Later(String.valueOf(e.getMessage()), Duration.ZERO); // no such secret
    } catch (IllegalArgumentException _) {
      // What the client says of it has the value of the header in it.
      return new Answer.Later("the address, or the value of a header, is none", Duration.ZERO);
    }
  }

  private HttpRequest http(byte[] request) {
    var builder =
        HttpRequest.newBuilder(URI.create(address))
            .timeout(ANSWERS_WITHIN)
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
    if (status >= 200 && status < 300) {
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
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
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
    return new Answer.Taken(rejected, why);
  }

  /// Breaks off what is under way.
  @Override
  public void close() {
    client.shutdownNow();
  }
}
