package dev.nexus.rig;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.application.ApplicationResources;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.TopicTable;
import dev.nexus.standalone.run.ChildPlatform;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A platform for a test class, with every service on a real broker and Redis: the one of this JVM,
/// started when the first class asks for it and ended after the last, or one of its own.
///
/// ```java
/// @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();
/// ```
public final class PlatformExtension implements BeforeAllCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(PlatformExtension.class);

  /// Whose the platform is, and on which broker it runs.
  private enum Kind {
    SHARED,
    OF_CLASS,
    SECURED
  }

  private final Kind kind;
  private final Map<String, String> settings;
  private final Clock clock;
  private @Nullable Running running;

  private PlatformExtension(Kind kind, Map<String, String> settings, Clock clock) {
    this.kind = kind;
    this.settings = settings;
    this.clock = clock;
  }

  /// The platform that every class shares that asks this way; it must be left as it was found.
  public static PlatformExtension shared() {
    return new PlatformExtension(Kind.SHARED, Map.of(), Clock.systemUTC());
  }

  /// A platform for this class alone, for tests that spoil or restart it.
  public static PlatformExtension ofClass() {
    return ofClass(Map.of());
  }

  /// A platform for this class alone.
  ///
  /// @param settings environment variables beside those for its directory and ports
  public static PlatformExtension ofClass(Map<String, String> settings) {
    return ofClass(settings, Clock.systemUTC());
  }

  /// A platform for this class alone, with the time that its services go by.
  public static PlatformExtension ofClass(Map<String, String> settings, Clock clock) {
    return new PlatformExtension(Kind.OF_CLASS, settings, clock);
  }

  /// A platform for this class alone which is the user `platform` of a broker that lets nobody do
  /// what is not granted, of this class alone too. It has an `operator` besides.
  public static PlatformExtension secured() {
    return new PlatformExtension(Kind.SECURED, Map.of(), Clock.systemUTC());
  }

  /// The platform, its directory, and a client for its API.
  private static final class Running implements AutoCloseable {
    private final Path directory;
    private final @Nullable SecuredBroker broker;
    private final Map<String, String> settings;
    private final Clock clock;

    /// How what has begun ends, the last of it first.
    private final Deque<Closeable> ends = new ArrayDeque<>();

    private Platform platform;
    private final DocumentedClient client;
    private final String key;

    Running(Kind kind, Map<String, String> more, Clock clock) {
      this.clock = clock;
      settings = new HashMap<>(more);
      try {
        directory = temporary();
        SecuredBroker secured = kind == Kind.SECURED ? SecuredBroker.start() : null;
        broker = secured;
        if (secured != null) {
          ends.push(secured::close);
          settings.putAll(userOf(secured));
        }
        platform = open();
        ends.push(this::stop);
        client = ApiClients.client();
        ends.push(client::close);
        key = OperatorKey.read(directory).orElseThrow();
      } catch (IOException e) {
        var failure = new UncheckedIOException(e);
        endAfter(failure);
        throw failure;
      } catch (RuntimeException | Error e) {
        endAfter(e);
        throw e;
      }
    }

    private Path temporary() throws IOException {
      Path made = Files.createTempDirectory("nexus-e2e");
      ends.push(() -> ChildPlatform.deleteTree(made));
      return made;
    }

    /// Prepares a broker for a platform, and gives the settings by which that is its user.
    private static Map<String, String> userOf(SecuredBroker broker) throws IOException {
      broker.grant(SecuredBroker.NAMED, KafkaUser.PLATFORM, KafkaUser.OPERATOR);
      KafkaClients clients = broker.clients(SecuredBroker.NAMED, KafkaUser.PLATFORM);
      // Fewer partitions than on a cluster, and no copies: there is one broker.
      new TopicTable(clients, BrokerExtension.SPREAD, false).create();
      return broker.environment(SecuredBroker.NAMED, KafkaUser.PLATFORM);
    }

    private Platform open() {
      Map<String, String> environment = new HashMap<>(settings);
      environment.put("NEXUS_DATA_DIR", directory.toString());
      environment.put("NEXUS_HTTP_PORT", "0");
      environment.put("NEXUS_GRPC_PORT", "0");
      environment.put("NEXUS_KAFKA_PORT", "0");
      return Platform.start(Settings.of(environment), Progress.silent(), clock);
    }

    void restart(Runnable between) {
      stop();
      between.run();
      platform = open();
    }

    /// The platform of now: a restart puts another in its place.
    private void stop() {
      platform.close();
    }

    /// Leaves nothing of a start that failed: nobody gets this one to end it.
    private void endAfter(Throwable failure) {
      try {
        close();
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
    }

    /// Ends all that has begun, also where one part of it fails to.
    @Override
    public void close() throws IOException {
      Closeable last = ends.poll();
      if (last != null) {
        try {
          last.close();
        } finally {
          close();
        }
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    boolean shared = kind == Kind.SHARED;
    ExtensionContext owner = shared ? context.getRoot() : context;
    running =
        owner
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(
                shared ? Running.class : this,
                key -> new Running(kind, settings, clock),
                Running.class);
  }

  private Running running() {
    if (running == null) {
      throw new IllegalStateException("the test class has not begun");
    }
    return running;
  }

  /// Stops the platform and starts it again on the same directory, at other ports.
  public void restart() {
    restart(() -> {});
  }

  /// Does something to what a stopped platform left before it is started again.
  public void restart(Runnable between) {
    if (kind == Kind.SHARED) {
      throw new IllegalStateException("others use this platform: ask for one of its own");
    }
    running().restart(between);
  }

  /// For tests that look inside.
  public Platform platform() {
    return running().platform;
  }

  /// The broker of a platform that is a user of one.
  public SecuredBroker broker() {
    SecuredBroker broker = running().broker;
    if (broker == null) {
      throw new IllegalStateException("the broker of this platform knows no users");
    }
    return broker;
  }

  /// Base URL of the HTTP API.
  public String url() {
    return platform().addresses().http();
  }

  /// Host and port of the gRPC API.
  public String grpc() {
    return platform().addresses().grpc();
  }

  public String operatorKey() {
    return running().key;
  }

  /// A new key with these scopes, such as `app:lab:invoke`.
  public String key(String... scopes) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("description", "for a test");
    Arrays.stream(scopes).forEach(body.putArray("scopes")::add);
    return json(post("/v1/keys", body.toString()), 201).path("key").asText();
  }

  /// Publishes an application of this module's resources under `apps/`; gives the token of its
  /// version.
  public String apply(String appId) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ApplicationResources.files("/apps/" + appId).forEach(body.putObject("files")::put);
    return apply(appId, body);
  }

  /// Publishes an application from `{"files": {path: content}}`.
  public String apply(String appId, ObjectNode body) {
    return json(post("/v1/apps/" + appId + "/apply", body.toString()), 200).path("token").asText();
  }

  public HttpResponse<String> get(String path) {
    return send("GET", path, operatorKey(), "", List.of());
  }

  public HttpResponse<String> post(String path, String json) {
    return send("POST", path, operatorKey(), json, List.of());
  }

  /// Reads one's own write, for as long as it takes until it is visible.
  public HttpResponse<String> shown(String path, String token, String key) {
    return Eventually.value(
        () -> send("GET", path + "?after=" + token, key, "", List.of()),
        answer -> answer.statusCode() != 504,
        path + " shows what was written");
  }

  /// @param key API key, "" for none
  /// @param headers names and values in turn
  public HttpResponse<String> send(
      String method, String path, String key, String json, List<String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(Duration.ofMinutes(2))
            .header("Content-Type", "application/json")
            .method(
                method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    try {
      return running().client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The body of an answer that must have this status.
  public static JsonNode json(HttpResponse<String> response, int status) {
    if (response.statusCode() != status) {
      throw new AssertionError(
          "HTTP " + status + " expected, found " + response.statusCode() + " " + response.body());
    }
    return CanonicalJson.read(response.body());
  }
}
