package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.grpc.v1.ExecutionsGrpc;
import dev.nexus.grpc.v1.InvokeRequest;
import dev.nexus.platform.service.NexusService;
import dev.nexus.rig.ApiClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.TcpRelay;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A platform that is asked for more than it does says so, and takes work again when it has caught
/// up. Its parts measure themselves; nobody tells the front door anything else.
class BacklogIT {
  @Order(1)
  @RegisterExtension
  static final RelayedRedis redis = RelayedRedis.start();

  @Order(2)
  @RegisterExtension
  static final PlatformExtension platform =
      PlatformExtension.ofClass(
          Map.of(
              "NEXUS_BACKLOG_LIMIT",
              "20",
              "NEXUS_REDIS_URL",
              redis.url(),
              "NEXUS_KEY_REQUESTS_PER_SECOND",
              "100"));

  private static final String SOURCE = "urn:intake:shop";
  private static final String INVOKE = "/v1/apps/lab/components/greet/invoke";

  private static final String PROJECTOR_BEHIND =
      "projector-(executions|decisions) is \\d+ records behind, and new work .* above 20 .*";

  private static final DocumentedClient HTTP = ApiClients.client();

  private static FaultReport report;

  @BeforeAll
  static void beginReport() throws IOException {
    report = new FaultReport("BacklogIT");
  }

  /// Who does nothing any more, what is asked of the platform meanwhile, and what the refusal
  /// names.
  private enum Stopped {
    EXECUTORS("executors stopped", "lane-", "lane-code") {
      @Override
      HttpResponse<String> ask(List<String> accepted) {
        return noted(greet("?wait=0s"), accepted);
      }
    },
    ROUTER("router stopped", "router", "router") {
      @Override
      HttpResponse<String> ask(List<String> accepted) {
        return noted(greet("?wait=0s"), accepted);
      }
    },
    DISPATCHER("dispatcher stopped", "dispatcher", "dispatch") {
      @Override
      HttpResponse<String> ask(List<String> accepted) {
        return publish(accepted);
      }
    };

    private final String fault;
    private final String service;
    private final String reader;

    Stopped(String fault, String service, String reader) {
      this.fault = fault;
      this.service = service;
      this.reader = reader;
    }

    /// @param accepted takes the execution that follows where there is one
    abstract HttpResponse<String> ask(List<String> accepted);
  }

  @ParameterizedTest
  @EnumSource(Stopped.class)
  void shouldRefuseNewWorkWhileItWaitsAndTakeItAgainAfterwards(Stopped stopped) throws IOException {
    // Given
    platform.apply("lab");
    platform.apply("intake");
    Eventually.value(() -> greet("").statusCode(), s -> s == 200, "no backlog");
    List<String> accepted = new ArrayList<>();
    Instant begun = Instant.now();
    platform.platform().services().services().stream()
        .filter(service -> service.name().startsWith(stopped.service))
        .forEach(NexusService::close);

    // When
    HttpResponse<String> refused =
        Eventually.value(
            () -> stopped.ask(accepted),
            answer -> isRefused(answer, stopped.reader + " is "),
            "a refusal");

    // Then
    assertThat(CanonicalJson.read(refused.body()).path("detail").asText())
        .contains(stopped.reader + " is")
        .contains("records behind, and new work is refused above 20");
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("2");
    Instant ended = Instant.now();
    platform.restart();
    Eventually.value(() -> greet("").statusCode(), s -> s == 200, "work done again");
    report.add(
        stopped.fault,
        Duration.between(begun, ended),
        "answers after "
            + FaultReport.seconds(Duration.between(ended, Instant.now()))
            + ", of a start");
    assertThat(accepted).isNotEmpty();
    try (LogCheck log = new LogCheck(platform.platform())) {
      log.assertNothingLostOrTwice(accepted);
    }
  }

  private static HttpResponse<String> publish(List<String> accepted) {
    String id = UUID.randomUUID().toString();
    HttpResponse<String> answer =
        platform.send(
            "POST",
            "/v1/events",
            platform.operatorKey(),
            "{\"text\": \"a lamp\"}",
            List.of(
                "ce-specversion",
                "1.0",
                "ce-id",
                id,
                "ce-source",
                SOURCE,
                "ce-type",
                "com.example.order.placed"));
    if (answer.statusCode() == 202) {
      accepted.add(ExecutionId.ofSource(TenantId.DEFAULT, "intake", "keep", SOURCE, id).toString());
    }
    return answer;
  }

  /// What makes a projector lag, and what it is called.
  private enum Trouble {
    SLOW {
      @Override
      void begin(TcpRelay road) {
        road.delay(Duration.ofSeconds(2));
      }
    },
    SILENT {
      @Override
      void begin(TcpRelay road) {
        road.silence();
      }
    };

    abstract void begin(TcpRelay road);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void shouldRefuseNewWorkWhileProjectionsLagAndLoseNothing(Trouble trouble) throws IOException {
    // Given
    platform.apply("lab");
    Eventually.value(() -> greet("").statusCode(), s -> s == 200, "no backlog");
    List<String> accepted = new ArrayList<>();

    // When
    Instant begun = Instant.now();
    trouble.begin(redis.road());
    HttpResponse<String> refused =
        Eventually.value(
            () -> noted(greet("?wait=0s"), accepted),
            answer -> isRefused(answer, "projector-"),
            "a refusal");

    // Then
    assertThat(CanonicalJson.read(refused.body()).path("detail").asText())
        .matches(PROJECTOR_BEHIND);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("2");
    // It may catch up for a moment, and what is taken then puts it behind again.
    Eventually.holds(() -> assertThat(grpcCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    Eventually.holds(() -> assertRefused(mcpResult(platform.operatorKey())));
    redis.road().pass();
    Instant passed = Instant.now();
    Eventually.value(
        () -> noted(greet("?wait=0s"), accepted).statusCode(),
        status -> status == 202,
        "work accepted again");
    report.add(
        "projections far behind",
        Duration.between(begun, passed),
        "work accepted after " + FaultReport.seconds(Duration.between(passed, Instant.now())));
    Eventually.holds(
        () ->
            assertThat(accepted)
                .hasSizeGreaterThan(2)
                .allSatisfy(
                    id ->
                        assertThat(platform.get("/v1/executions/" + id).body())
                            .contains("\"SUCCEEDED\"")));
    try (LogCheck log = new LogCheck(platform.platform())) {
      log.assertNothingLostOrTwice(accepted);
    }
  }

  @Test
  void shouldTellAKeyThatAsksTooOftenOverMcpAndNoOther() {
    // Given
    platform.apply("lab");
    platform.apply("intake");
    String eager = platform.key("app:lab:invoke", "app:intake:invoke");

    // When
    JsonNode refused =
        Eventually.value(
            () -> {
              spend(eager);
              return mcpResult(eager);
            },
            result -> result.at("/_meta/dev.nexus~1problem").asText().equals("rate-limited"),
            "a refusal");

    // Then
    assertThat(refused.path("isError").asBoolean()).isTrue();
    assertThat(refused.at("/content/0/text").asText()).contains("NEXUS_KEY_REQUESTS_PER_SECOND");
    Eventually.holds(
        () ->
            assertThat(mcpResult(platform.operatorKey()).at("/structuredContent/greeting").asText())
                .isEqualTo("Hello, Ada!"));
  }

  /// Other parts may be further behind for a moment, as there is so much to do. Both readers of
  /// Redis stand still with it, and the one that is further behind is named.
  ///
  /// @param part name of a part, or how it begins
  private static boolean isRefused(HttpResponse<String> answer, String part) {
    return answer.statusCode() == 429
        && CanonicalJson.read(answer.body()).path("detail").asText().startsWith(part);
  }

  private static HttpResponse<String> noted(HttpResponse<String> answer, List<String> accepted) {
    if (answer.statusCode() == 202) {
      accepted.add(CanonicalJson.read(answer.body()).path("executionId").asText());
    }
    return answer;
  }

  /// How gRPC answers the same call.
  private static Status.Code grpcCode() {
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), platform.operatorKey());
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(platform.grpc()).usePlaintext().build();
    try {
      ExecutionsGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
          .invoke(
              InvokeRequest.newBuilder()
                  .setAppId("lab")
                  .setComponentId("greet")
                  .setInputJson("{\"name\": \"Ada\"}")
                  .build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  /// How MCP answers the same call.
  private static JsonNode mcpResult(String key) {
    HttpResponse<String> answer =
        platform.send(
            "POST",
            "/mcp",
            key,
            """
            {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
             "params": {"name": "lab.greet", "arguments": {"name": "Ada"}}}\
            """,
            List.of());
    return PlatformExtension.json(answer, 200).path("result");
  }

  /// Makes a thousand requests at once, which take ten seconds to be paid off.
  private static void spend(String key) throws Exception {
    String batch =
        IntStream.range(0, 1_000)
            .mapToObj(
                i ->
                    """
                    {"specversion": "1.0", "id": "spent-%d", "source": "%s",
                     "type": "com.example.nothing", "data": {}}\
                    """
                        .formatted(i, SOURCE))
            .collect(Collectors.joining(",", "[", "]"));
    HTTP.send(
        HttpRequest.newBuilder(URI.create(platform.url() + "/v1/events"))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/cloudevents-batch+json")
            .POST(HttpRequest.BodyPublishers.ofString(batch))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void assertRefused(JsonNode result) {
    assertThat(result.path("isError").asBoolean()).as(result.toString()).isTrue();
    assertThat(result.at("/content/0/text").asText()).matches(PROJECTOR_BEHIND);
    assertThat(result.path("_meta").path("dev.nexus/problem").asText()).isEqualTo("backlog");
  }

  private static HttpResponse<String> greet(String query) {
    return platform.post(INVOKE + query, "{\"name\": \"Ada\"}");
  }
}
