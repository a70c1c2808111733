package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.BadRequest;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.grpc.v1.Execution;
import dev.nexus.grpc.v1.ExecutionsGrpc;
import dev.nexus.grpc.v1.Fact;
import dev.nexus.grpc.v1.GetRequest;
import dev.nexus.grpc.v1.InvokeRequest;
import dev.nexus.grpc.v1.Status;
import dev.nexus.grpc.v1.WatchRequest;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.ApiKey;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.testkit.Eventually;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GrpcIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static ManagedChannel channel;

  @BeforeAll
  static void connect() {
    platform.apply("lab");
    channel = ManagedChannelBuilder.forTarget(platform.grpc()).usePlaintext().build();
  }

  @AfterAll
  static void disconnect() throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  @Test
  void shouldInvokeAComponentAndReadItsExecution() {
    // When
    Execution invoked = stub(platform.operatorKey()).invoke(greet("{\"name\": \"Ada\"}").build());
    Execution read = shown(invoked);
    // Then
    assertThat(invoked.getStatus()).isEqualTo(Status.STATUS_SUCCEEDED);
    assertThat(CanonicalJson.read(invoked.getOutputJson()).path("greeting").asText())
        .isEqualTo("Hello, Ada!");
    assertThat(invoked.getTier()).isEqualTo("code");
    assertThat(read.getStatus()).isEqualTo(Status.STATUS_SUCCEEDED);
    assertThat(CanonicalJson.read(read.getOutputJson()))
        .isEqualTo(CanonicalJson.read(invoked.getOutputJson()));
  }

  @Test
  void shouldTakeTheKeyFromXApiKey() {
    // Given
    Metadata metadata = new Metadata();
    metadata.put(key("x-api-key"), platform.key("app:lab:invoke"));
    var stub =
        ExecutionsGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    // When
    Execution invoked = stub.invoke(greet("{\"name\": \"Bob\"}").build());
    // Then
    assertThat(invoked.getStatus()).isEqualTo(Status.STATUS_SUCCEEDED);
  }

  @Test
  void shouldAnswerRunningWhenTheWaitRunsOutAndStreamTheFactsToTheEnd() {
    // Given
    var stub = stub(platform.operatorKey());
    InvokeRequest late =
        InvokeRequest.newBuilder()
            .setAppId("lab")
            .setComponentId("late")
            .setInputJson("\"four\"")
            .setWaitMs(1)
            .build();
    // When
    Execution running = stub.invoke(late);
    List<Fact> facts = new ArrayList<>();
    stub.withDeadlineAfter(2, TimeUnit.MINUTES)
        .watch(WatchRequest.newBuilder().setExecutionId(running.getExecutionId()).build())
        .forEachRemaining(facts::add);
    // Then
    assertThat(running.getStatus()).isEqualTo(Status.STATUS_RUNNING);
    assertThat(facts).extracting(Fact::getEventType).startsWith("ExecutionAccepted");
    assertThat(facts).extracting(Fact::getEventType).endsWith("ExecutionFailed");
    assertThat(facts.getFirst().getSequence()).isEqualTo(1);
    for (int i = 1; i < facts.size(); i++) {
      assertThat(facts.get(i).getSequence()).isEqualTo(facts.get(i - 1).getSequence() + 1);
    }
  }

  @Test
  void shouldWatchFromAFactOn() {
    // Given
    var stub = stub(platform.operatorKey());
    Execution invoked = stub.invoke(greet("{\"name\": \"Eve\"}").build());
    // When
    List<Fact> facts = new ArrayList<>();
    stub.watch(
            WatchRequest.newBuilder()
                .setExecutionId(invoked.getExecutionId())
                .setFromSequence(3)
                .build())
        .forEachRemaining(facts::add);
    // Then
    assertThat(facts.getFirst().getSequence()).isEqualTo(3);
    assertThat(facts.getLast().getEventType()).isEqualTo("ExecutionSucceeded");
  }

  @Test
  void shouldAnswerARepeatedCallFromTheRecordAndRefuseAnotherBody() {
    // Given
    var stub = stub(platform.operatorKey());
    String name = UUID.randomUUID().toString();
    InvokeRequest request = greet("{\"name\": \"Kay\"}").setIdempotencyKey(name).build();
    Execution first = stub.invoke(request);
    // When
    Execution second = stub.invoke(request);
    // Then
    assertThat(second).isEqualTo(first);
    refused(
        Code.INVALID_ARGUMENT,
        () -> stub.invoke(greet("{\"name\": \"Joe\"}").setIdempotencyKey(name).build()));
  }

  @Test
  void shouldNameTheNearestWhenNothingHasTheName() {
    // Given
    var stub = stub(platform.operatorKey());
    // Then
    refused(
        Code.NOT_FOUND,
        "did you mean lab?",
        () -> stub.invoke(greet("{}").setAppId("lob").build()));
    refused(
        Code.NOT_FOUND,
        "did you mean greet?",
        () -> stub.invoke(greet("{}").setComponentId("gret").build()));
  }

  @Test
  void shouldPointAtWhatIsWrongWithTheInput() throws Exception {
    // When
    StatusRuntimeException refusal =
        refused(
            Code.INVALID_ARGUMENT,
            () ->
                stub(platform.operatorKey()).invoke(greet("{\"name\": 7, \"times\": 9}").build()));
    // Then
    BadRequest details = StatusProto.fromThrowable(refusal).getDetails(0).unpack(BadRequest.class);
    assertThat(details.getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactlyInAnyOrder("/name", "/times");
  }

  @Test
  void shouldRefuseInputThatIsNoJson() {
    refused(
        Code.INVALID_ARGUMENT,
        () -> stub(platform.operatorKey()).invoke(greet("{\"name\":").build()));
  }

  @Test
  void shouldRefuseAMessageThatIsTooLarge() {
    int most = Settings.of(Map.of()).number(Setting.MAX_BODY_BYTES);
    refused(
        Code.RESOURCE_EXHAUSTED,
        () -> stub(platform.operatorKey()).invoke(greet("\"" + "x".repeat(most) + "\"").build()));
  }

  @Test
  void shouldRefuseAnIdempotencyKeyThatIsTooLong() {
    refused(
        Code.INVALID_ARGUMENT,
        "1 to 255 characters",
        () ->
            stub(platform.operatorKey())
                .invoke(greet("{\"name\": \"Ann\"}").setIdempotencyKey("k".repeat(256)).build()));
  }

  @Test
  void shouldSayAtOnceThatThereIsNothingToWatch() {
    // Given: ids no call can be under way with, one of them of a call made an hour ago
    long hourAgo = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
    UUID old = new UUID(hourAgo << 16 | 0x7000, 0x8000_0000_0000_0001L);
    for (UUID id : List.of(UUID.randomUUID(), old)) {
      WatchRequest request = WatchRequest.newBuilder().setExecutionId(id.toString()).build();
      // Then: not as for what may be under way, which is waited for ten seconds
      Eventually.holds(
          () ->
              refused(
                  Code.NOT_FOUND,
                  () ->
                      stub(platform.operatorKey())
                          .withDeadlineAfter(9, TimeUnit.SECONDS)
                          .watch(request)
                          .forEachRemaining(fact -> {})));
    }
  }

  @Test
  void shouldRefuseWhoeverHasNoGoodKey() {
    refused(Code.UNAUTHENTICATED, GrpcIT::invokeWithoutAKey);
    refused(Code.UNAUTHENTICATED, () -> stub("nxs_live_nonsense").invoke(greet("{}").build()));
    refused(
        Code.PERMISSION_DENIED,
        () -> stub(platform.key("app:lab:read")).invoke(greet("{}").build()));
  }

  @Test
  void shouldAuditACallWithoutAGoodKeyBeforeItIsRefused() {
    // Given
    String unknown = ApiKey.generate(new SecureRandom()).reveal();

    // When
    refused(Code.UNAUTHENTICATED, GrpcIT::invokeWithoutAKey);
    refused(Code.UNAUTHENTICATED, () -> stub(unknown).invoke(greet("{}").build()));

    // Then
    assertThat(Denials.of(platform))
        .anySatisfy(
            denied -> {
              assertThat(denied.denial().action()).isEqualTo("grpc nexus.v1.Executions/Invoke");
              assertThat(denied.denial().reason()).isEqualTo("no-key");
            })
        .anySatisfy(
            denied -> {
              assertThat(denied.actor()).isEqualTo(Denials.actorOf(unknown));
              assertThat(denied.denial().action()).isEqualTo("grpc nexus.v1.Executions/Invoke");
            });
  }

  @Test
  void shouldAuditACallBeyondTheScopesOfItsKeyBeforeItIsRefused() {
    // Given
    String key = platform.key("app:lab:read");

    // When
    refused(Code.PERMISSION_DENIED, () -> stub(key).invoke(greet("{}").build()));

    // Then
    assertThat(Denials.of(platform))
        .anySatisfy(
            denied -> {
              assertThat(denied.actor()).isEqualTo(Denials.actorOf(key));
              assertThat(denied.denial().action()).isEqualTo("invoke");
              assertThat(denied.denial().resource()).isEqualTo("app:lab");
              assertThat(denied.denial().reason()).isEqualTo("scope");
            });
  }

  @Test
  void shouldBeUnavailableToWhomItCannotRefuseInTheAudit() {
    // Given
    String key = platform.key("app:lab:read");

    Denials.withoutAudit(
        platform,
        () -> {
          // Then: from the moment on that the broker knows
          Eventually.holds(
              () -> refused(Code.UNAVAILABLE, "nexus.audit-intents", GrpcIT::invokeWithoutAKey));
          refused(
              Code.UNAVAILABLE, "nexus.audit-intents", () -> stub(key).invoke(greet("{}").build()));
        });
    Eventually.holds(() -> refused(Code.UNAUTHENTICATED, GrpcIT::invokeWithoutAKey));
  }

  private static void invokeWithoutAKey() {
    ExecutionsGrpc.newBlockingStub(channel).invoke(greet("{}").build());
  }

  @Test
  void shouldRefuseToReadWhatTheKeyMayNotSee() {
    // Given
    Execution invoked = stub(platform.operatorKey()).invoke(greet("{\"name\": \"Zoe\"}").build());
    GetRequest request =
        GetRequest.newBuilder()
            .setExecutionId(invoked.getExecutionId())
            .setAfter(invoked.getToken())
            .build();
    // Then: it is known whose it is once it is visible
    String key = platform.key("app:lab:invoke");
    Eventually.holds(() -> refused(Code.PERMISSION_DENIED, () -> stub(key).get(request)));
    refused(
        Code.NOT_FOUND,
        () ->
            stub(platform.operatorKey())
                .get(GetRequest.newBuilder().setExecutionId(UUID.randomUUID().toString()).build()));
    refused(
        Code.INVALID_ARGUMENT,
        () ->
            stub(platform.operatorKey())
                .get(GetRequest.newBuilder().setExecutionId("seven").build()));
  }

  /// Reads one's own write, for as long as it takes until it is visible.
  private static Execution shown(Execution invoked) {
    GetRequest request =
        GetRequest.newBuilder()
            .setExecutionId(invoked.getExecutionId())
            .setAfter(invoked.getToken())
            .build();
    return Eventually.value(
            () -> {
              try {
                return Optional.of(stub(platform.operatorKey()).get(request));
              } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
                return Optional.<Execution>empty();
              }
            },
            Optional::isPresent,
            "the execution")
        .orElseThrow();
  }

  private static InvokeRequest.Builder greet(String input) {
    return InvokeRequest.newBuilder().setAppId("lab").setComponentId("greet").setInputJson(input);
  }

  private static ExecutionsGrpc.ExecutionsBlockingStub stub(String key) {
    Metadata metadata = new Metadata();
    metadata.put(key("authorization"), "Bearer " + key);
    return ExecutionsGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static StatusRuntimeException refused(Code code, Runnable call) {
    return refused(code, "", call);
  }

  private static StatusRuntimeException refused(Code code, String description, Runnable call) {
    StatusRuntimeException[] caught = new StatusRuntimeException[1];
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(description);
              caught[0] = e;
            });
    return caught[0];
  }
}
