package dev.nexus.projector.query;

import dev.nexus.event.Event;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.Running;
import dev.nexus.projector.Story;
import dev.nexus.testkit.BrokerExtension;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.RedisExtension;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Gives a test class a projector behind HTTP, a writer of what it folds, and the key of an
/// operator, which is known when the first test begins.
///
/// ```java
/// @RegisterExtension
/// static final ServedProjector served =
///     ServedProjector.on(BrokerExtension.ofClass(), RedisExtension.empty());
/// ```
final class ServedProjector implements BeforeAllCallback, AfterAllCallback {
  private final BrokerExtension broker;
  private final RedisExtension redis;
  private @Nullable Parts parts;

  private record Parts(Path data, Platform platform, Running writer, String operator) {}

  private ServedProjector(BrokerExtension broker, RedisExtension redis) {
    this.broker = broker;
    this.redis = redis;
  }

  /// @param broker with topics of the class or of every class; it begins with this, as Redis does
  static ServedProjector on(BrokerExtension broker, RedisExtension redis) {
    return new ServedProjector(broker, redis);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    broker.beforeAll(context);
    redis.beforeAll(context);
    Path data = Files.createTempDirectory("nexus-served");
    Platform platform = new Platform(broker, redis, data);
    Running writer = new Running(broker.clients(), redis.client(), 1_000);
    parts = new Parts(data, platform, writer, platform.key("operator"));
    Eventually.value(() -> get("/v1/summary").statusCode(), s -> s == 200, "a known key");
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    Parts ended = parts();
    ended.writer().close();
    ended.platform().close();
    redis.afterAll(context);
    try (Stream<Path> tree = Files.walk(ended.data())) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private Parts parts() {
    if (parts == null) {
      throw new IllegalStateException("the test has not begun");
    }
    return parts;
  }

  private Platform platform() {
    return parts().platform();
  }

  URI uri() {
    return platform().uri();
  }

  /// Clients that see the topics.
  KafkaClients clients() {
    return broker.clients();
  }

  Running writer() {
    return parts().writer();
  }

  EventProducer producer() {
    return writer().producer();
  }

  /// The operator's key.
  String operator() {
    return parts().operator();
  }

  /// A new key, as text.
  String key(String... scopes) {
    return platform().key(scopes);
  }

  /// What an operator is answered.
  HttpResponse<String> get(String path) {
    return get(operator(), path);
  }

  HttpResponse<String> get(String key, String path) {
    return platform().get(key, path);
  }

  /// What an operator is answered who posts nothing to a path.
  HttpResponse<String> post(String path) {
    return post(operator(), path);
  }

  HttpResponse<String> post(String key, String path) {
    HttpRequest request = platform().request(key, path).POST(BodyPublishers.noBody()).build();
    return platform().send(request, BodyHandlers.ofString());
  }

  /// An operator who listens to a stream; `lastEventId` "" begins with what comes from now on.
  Listening listen(String path, String lastEventId) {
    return new Listening(platform(), operator(), path, lastEventId);
  }

  /// Returns when the log has the facts.
  void write(List<Event<ExecutionEvent>> facts) {
    writer().write(facts);
  }

  /// The parameter of a query that waits until all facts of a story are visible.
  String after(Story story) {
    Tokens tokens = platform().context().getBean(Tokens.class);
    return "after="
        + tokens.sign(new Visible.ExecutionAt(Story.TENANT, story.id(), story.facts().size()));
  }
}
