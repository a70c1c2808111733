package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Event;
import dev.nexus.event.audit.AuditEvent;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import dev.nexus.event.audit.AuditEvent.ActionTaken;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.security.ApiKey;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.ApiClients;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.TopicReader;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Issues keys and is refused, one call after the other, whatever happens to the platform; what was
/// answered must be in the audit. Each round has a key that nobody issued, which is the first
/// refusal of a kind, and a new key that may not do what it is used for, a few times: these are
/// equal, and may be counted together.
final class AuditedCalls implements AutoCloseable {
  /// Below the rate at which an address that is refused is told to wait.
  private static final Duration EVERY = Duration.ofMillis(500);

  private static final int EQUAL = 3;

  private static final Set<Integer> REFUSED = Set.of(401, 403);

  /// Neither refused nor done, and in no audit.
  private static final Set<Integer> NOT_NOW = Set.of(429, 503, 507);

  /// Of a key that may do nothing that is asked with it.
  private static final String NEW_KEY = "{\"scopes\":[\"app:nothing:read\"]}";

  /// A call of a tool.
  private static final String TOOL_CALL =
      """
      {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "kill.echo", "arguments": {"n": 0},
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {}}}}
      """;

  /// Who refuses calls.
  enum Door {
    WRITE_SIDE,
    READ_SIDE,
    GATEWAY
  }

  /// @param url where keys are issued
  /// @param refusing where calls are refused, by `door`
  private record Target(String url, String key, Door door, String refusing) {}

  private static final Target NOBODY = new Target("", "", Door.WRITE_SIDE, "");

  private final DocumentedClient http = ApiClients.client();
  private final SecureRandom random = new SecureRandom();
  private final AtomicBoolean finishing = new AtomicBoolean();
  private final Set<String> issued = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final List<String> unexpected = new CopyOnWriteArrayList<>();
  private final List<String> unanswered = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile Target target = NOBODY;

  AuditedCalls() {
    thread = Thread.ofPlatform().daemon().name("audited-calls").start(this::callUntilFinished);
  }

  /// Goes on with the platform at this address.
  void callOn(String url, String operatorKey) {
    callOn(url, operatorKey, Door.WRITE_SIDE, url);
  }

  /// Has keys issued at one address, and is refused at another one.
  void callOn(String url, String operatorKey, Door door, String refusing) {
    target = new Target(url, operatorKey, door, refusing);
  }

  /// Calls nobody until it is told whom.
  void rest() {
    target = NOBODY;
  }

  /// Waits until one more key was issued.
  void awaitIssued() {
    int before = issued.size();
    Eventually.value(
        Callers.PATIENCE,
        issued::size,
        size -> size > before || !unexpected.isEmpty(),
        "one more key");
    assertThat(unexpected).isEmpty();
  }

  /// Makes no more calls, and waits for the one under way.
  void finish() throws InterruptedException {
    finishing.set(true);
    assertThat(thread.join(Callers.PATIENCE)).as("the last audited call ends").isTrue();
  }

  /// Each key that was issued is in the audit, and so is each refusal that was answered: more may
  /// be, as one that nobody was told of is there where the log took it after all.
  ///
  /// @param counted whether the platform lived to write what it had counted; else the first refusal
  ///     of each kind is what must be there
  void assertAudited(KafkaClients clients, boolean counted) {
    assertThat(unexpected).isEmpty();
    assertThat(issued).isNotEmpty();
    assertThat(refused).hasSizeGreaterThan(1);
    Eventually.holds(
        () -> {
          Audit audit = Audit.of(clients);
          assertThat(audit.issued()).containsAll(issued);
          assertThat(refused)
              .allSatisfy(
                  (actor, times) ->
                      assertThat(audit.refused().getOrDefault(actor, 0))
                          .as("refusals of " + actor)
                          .isGreaterThanOrEqualTo(counted ? times : 1));
        });
    System.out.println(
        "audited: "
            + issued.size()
            + " keys, refusals of "
            + refused.size()
            + "; without an answer "
            + unanswered.size());
  }

  /// What the log says: ids of keys, and how often each actor was refused.
  private record Audit(Set<String> issued, Map<String, Integer> refused) {
    static Audit of(KafkaClients clients) {
      Set<String> issued = new HashSet<>();
      Map<String, Integer> refused = new HashMap<>();
      var codec = EventCodec.of(Topic.AUDIT_INTENTS, AuditEvent.class);
      for (Event<AuditEvent> event : new TopicReader(clients).read(Topic.AUDIT_INTENTS, codec)) {
        switch (event.body()) {
          case AccessDenied denied ->
              refused.merge(event.envelope().actor(), denied.count(), Integer::sum);
          case ActionTaken taken -> {
            if (taken.action().equals("key-issued")) {
              issued.add(taken.resource().split(" ", 2)[0].replace("key:", ""));
            }
          }
        }
      }
      return new Audit(issued, refused);
    }
  }

  private void callUntilFinished() {
    try {
      while (!finishing.get()) {
        Target to = target;
        if (to.url().isEmpty()) {
          TimeUnit.MILLISECONDS.sleep(20);
        } else {
          callOnce(to);
          TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (AssertionError undocumented) {
      unexpected.add(undocumented.getMessage());
    }
  }

  private void callOnce(Target to) throws InterruptedException {
    try {
      beRefused(to, ApiKey.generate(random).reveal());
      HttpResponse<String> answer = send(request(to.url() + "/v1/keys", to.key(), NEW_KEY));
      if (answer.statusCode() == 201 || answer.statusCode() == 202) {
        var body = CanonicalJson.read(answer.body());
        issued.add(body.path("keyId").asText());
        for (int i = 0; i < EQUAL; i++) {
          beRefused(to, body.path("key").asText());
        }
      } else {
        noteOther(answer);
      }
    } catch (IOException e) {
      // The platform is gone or not back yet: nobody was told anything.
      unanswered.add(e.toString());
    }
  }

  private void beRefused(Target to, String key) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        switch (to.door()) {
          case WRITE_SIDE -> invoke(to.refusing(), key);
          case READ_SIDE -> list(to.refusing(), key);
          case GATEWAY -> callTool(to.refusing(), key);
        };
    if (REFUSED.contains(answer.statusCode())) {
      refused.merge(Denials.actorOf(key), 1, Integer::sum);
    } else {
      noteOther(answer);
    }
  }

  private void noteOther(HttpResponse<String> answer) {
    String said = answer.statusCode() + " " + answer.body();
    (NOT_NOW.contains(answer.statusCode()) ? unanswered : unexpected).add(said);
  }

  private HttpResponse<String> invoke(String url, String key)
      throws IOException, InterruptedException {
    return send(request(url + "/v1/apps/kill/components/echo/invoke?wait=0s", key, "{\"n\":0}"));
  }

  private HttpResponse<String> list(String url, String key)
      throws IOException, InterruptedException {
    return send(request(url + "/v1/executions?app=kill&limit=1", key).GET());
  }

  private HttpResponse<String> callTool(String gateway, String key)
      throws IOException, InterruptedException {
    return send(
        request(gateway + "/mcp", key, TOOL_CALL)
            .header("Accept", "application/json, text/event-stream")
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", "tools/call")
            .header("Mcp-Name", "kill.echo"));
  }

  private static HttpRequest.Builder request(String url, String key, String json) {
    return request(url, key)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json));
  }

  private static HttpRequest.Builder request(String url, String key) {
    return HttpRequest.newBuilder(URI.create(url))
        .timeout(Duration.ofSeconds(20))
        .header("Authorization", "Bearer " + key);
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /// Ends what is under way, too.
  @Override
  public void close() {
    finishing.set(true);
    http.shutdownNow();
  }
}
