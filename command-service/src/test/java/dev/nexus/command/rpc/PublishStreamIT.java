package dev.nexus.command.rpc;

import static dev.nexus.command.rpc.Producer.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.event.TenantId;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.CloudEvent.CloudEventAttributeValue;
import dev.nexus.grpc.v1.EventsGrpc;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.platform.security.Principal;
import dev.nexus.testkit.Eventually;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A stream of events between the official client and a real port; the log is a gate, so that it
/// can be slower than any producer.
class PublishStreamIT {
  static final String SOURCE = "urn:shop";
  private static final SourceCheck CHECK =
      SourceCheck.ofIntegration(
          new Integration(TenantId.DEFAULT, "orders", "shop", SOURCE, "none", "", "cloudevents"));

  /// Bytes of the largest event, with more than its data.
  private static final int LARGEST = 1 << 20;

  private static final int MOST_STREAMS = 3;

  private final GatedLog log = new GatedLog();
  private final SetGate gate = new SetGate();

  /// Streams whose end by their client the service knows.
  private final AtomicInteger cancelled = new AtomicInteger();

  private volatile StreamRoom room = new StreamRoom(LARGEST, MOST_STREAMS);
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws Exception {
    ServerInterceptor cancellations =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String id = Optional.ofNullable(headers.get(Producer.CALLER)).orElse("anybody");
            var caller =
                new RpcCaller(Principal.ofKey(new TenantId(id), id, List.of()), "", "", "");
            var context = caller.within(Context.current());
            return new SimpleForwardingServerCallListener<>(
                Contexts.interceptCall(context, call, headers, next)) {
              @Override
              public void onCancel() {
                super.onCancel();
                cancelled.incrementAndGet();
              }
            };
          }
        };
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .intercept(cancellations)
            .addService(
                new EventsGrpc.EventsImplBase() {
                  @Override
                  public StreamObserver<CloudEvent> publish(StreamObserver<PublishAck> out) {
                    return PublishStream.open(
                        (ServerCallStreamObserver<PublishAck>) out,
                        new EventIntake(log),
                        CHECK,
                        gate,
                        room,
                        RpcCaller.current().principal());
                  }
                })
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .usePlaintext()
            .flowControlWindow(65_536)
            .build();
  }

  /// A stream of three events, of this caller's.
  private Producer three(String caller) {
    return new Producer(Producer.by(caller, channel), 3, 0, true);
  }

  /// As many as may be open, each of another caller, with their events at the log.
  private List<Producer> all() {
    List<Producer> all = new ArrayList<>();
    for (int i = 0; i < MOST_STREAMS; i++) {
      all.add(three("caller-" + i));
    }
    Eventually.holds(() -> assertThat(log.waiting()).isEqualTo(3 * MOST_STREAMS));
    return all;
  }

  @AfterEach
  void close() throws Exception {
    log.open();
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  @Test
  void shouldSlowAProducerThatOutrunsTheLog() {
    // Given
    int all = 5_000;
    var producer = new Producer(channel, all, 8_192, true);

    // When
    Eventually.holds(() -> assertThat(log.waiting()).isEqualTo(PublishStream.WINDOW));
    Eventually.holds(() -> assertThat(producer.isReady()).isFalse());

    // Then
    assertThat(producer.sent()).isLessThan(all / 2);
    log.open();
    producer.awaitEnd();
    assertThat(producer.status()).isEqualTo(Status.Code.OK);
    assertThat(log.mostWaiting()).isLessThanOrEqualTo(PublishStream.WINDOW);
    assertThat(producer.acks()).allSatisfy(ack -> assertThat(ack.hasError()).isFalse());
    assertThat(producer.acks())
        .extracting(PublishAck::getNumber)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, all).boxed().toList());
  }

  /// As many of the largest as in the window would fill the heap of a small process.
  @Test
  void shouldHoldNoMoreBytesOfLargeEventsThanThereIsRoomFor() {
    // Given
    int bytes = 256 << 10;
    int all = 100;
    long most = StreamRoom.EACH / bytes;
    var producer = new Producer(channel, all, bytes, true);

    // When: one that is not here yet counts as one of the largest
    Eventually.holds(
        () ->
            assertThat(log.waiting())
                .isGreaterThanOrEqualTo((int) ((StreamRoom.EACH - LARGEST) / bytes)));

    // Then
    Eventually.stays(
        Duration.ofMillis(300), () -> assertThat((long) log.waiting()).isLessThanOrEqualTo(most));
    log.open();
    producer.awaitEnd();
    assertThat(producer.acks()).hasSize(all);
    assertThat((long) log.mostWaiting()).isLessThanOrEqualTo(most);
  }

  @Test
  void shouldRefuseMoreStreamsThanThereIsRoomFor() {
    // Given
    List<Producer> open = all();

    // When
    var refused = three("another");

    // Then
    refused.awaitEnd();
    assertThat(refused.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.reason()).startsWith("3 streams of events are open");
    assertThat(log.written()).isEqualTo(3 * MOST_STREAMS);

    // When there is room again
    log.open();
    open.forEach(Producer::awaitEnd);
    var last = three("another");

    // Then
    last.awaitEnd();
    assertThat(last.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void shouldKeepAPlaceForOthersWhenAKeyHasItsShare() {
    // Given
    var own = three("one");
    Eventually.holds(() -> assertThat(log.waiting()).isEqualTo(3));

    // When
    var refused = three("one");
    var other = three("two");

    // Then
    refused.awaitEnd();
    assertThat(refused.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.reason()).contains("this key has 1 stream open", "at this instance");
    Eventually.holds(() -> assertThat(log.waiting()).isEqualTo(6));

    // When its first one has ended
    log.open();
    own.awaitEnd();
    var again = three("one");

    // Then
    again.awaitEnd();
    other.awaitEnd();
    assertThat(again.status()).isEqualTo(Status.Code.OK);
    assertThat(other.status()).isEqualTo(Status.Code.OK);
  }

  /// Where one may be large, small ones need not wait for the answer to each other.
  @Test
  void shouldHaveManySmallEventsUnderWayWhereOneMayBeLarge() {
    // Given
    room = new StreamRoom(2 * StreamRoom.EACH, MOST_STREAMS);

    // When
    var producer = new Producer(channel, 1_000, 0, true);

    // Then
    Eventually.holds(() -> assertThat(log.waiting()).isEqualTo(PublishStream.WINDOW));
    log.open();
    producer.awaitEnd();
    assertThat(producer.status()).isEqualTo(Status.Code.OK);
  }

  /// Else whoever opens, sends and cancels again and again fills the heap while the log is away.
  @Test
  void shouldKeepThePlaceOfACancelledStreamUntilItsEventsAreAnswered() {
    // Given
    List<Producer> gone = all();

    // When
    gone.forEach(Producer::cancel);
    Eventually.holds(() -> assertThat(cancelled).hasValue(MOST_STREAMS));
    var refused = three("another");

    // Then
    refused.awaitEnd();
    assertThat(refused.status()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(log.written()).isEqualTo(3 * MOST_STREAMS);

    // When the log has answered
    log.open();
    var last = three("another");

    // Then
    last.awaitEnd();
    assertThat(last.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void shouldFreeThePlaceOfAStreamThatFailed() {
    // Given
    log.open();
    gate.revokeAfter(0);

    // When
    List<Producer> failed = new ArrayList<>();
    for (int i = 0; i <= MOST_STREAMS; i++) {
      failed.add(new Producer(channel, 3, 0, true));
      failed.getLast().awaitEnd();
    }

    // Then
    assertThat(failed).extracting(Producer::status).containsOnly(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void shouldFreeThePlaceOfAStreamThatEndedWithAnError() {
    // Given
    log.open();
    gate.breakWith(new StackOverflowError("for a test"));

    // When
    List<Producer> failed = new ArrayList<>();
    for (int i = 0; i <= MOST_STREAMS; i++) {
      failed.add(new Producer(channel, 3, 0, true));
      failed.getLast().awaitEnd();
    }

    // Then
    assertThat(failed).extracting(Producer::status).containsOnly(Status.Code.INTERNAL);
  }

  @Test
  void shouldAskForNoMoreEventsWhileItsAnswersAreNotTaken() {
    // Given
    log.open();
    int all = 60_000;

    // When
    var producer = new Producer(channel, all, 0, false);
    AtomicInteger before = new AtomicInteger(-1);
    Eventually.stays(
        Duration.ofMillis(300),
        () -> {
          int now = log.written();
          assertThat(before.getAndSet(now)).isEqualTo(now).isPositive();
        });

    // Then
    assertThat(log.written()).isLessThan(all);
    producer.takeAnswers();
    producer.awaitEnd();
    assertThat(producer.acks()).hasSize(all);
    assertThat(log.written()).isEqualTo(all);
  }

  @Test
  void shouldAnswerEverythingAfterTheLastEventAndThenEnd() {
    // Given
    var producer = new Producer(channel, 10, 0, true);
    Eventually.holds(() -> assertThat(log.waiting()).isEqualTo(10));
    assertThat(producer.acks()).isEmpty();

    // When
    log.open();

    // Then
    producer.awaitEnd();
    assertThat(producer.status()).isEqualTo(Status.Code.OK);
    assertThat(producer.acks()).hasSize(10);
    assertThat(producer.acks().getFirst().getId()).isEqualTo("e-1");
    assertThat(producer.acks().getFirst().getSource()).isEqualTo(SOURCE);
  }

  @Test
  void shouldRefuseSingleEventsAndGoOn() {
    // Given
    log.open();
    log.fail("too-large", new RecordTooLargeException());
    log.fail("away", new TimeoutException());
    var producer =
        new Producer(
            channel,
            List.of(
                event("1").setSource("urn:shap").build(),
                event("2").setType("").build(),
                event("3").setTextData("{oops").build(),
                event("4")
                    .putAttributes(
                        "datacontenttype",
                        CloudEventAttributeValue.newBuilder().setCeString("text/plain").build())
                    .build(),
                event("5")
                    .putAttributes(
                        "time", CloudEventAttributeValue.newBuilder().setCeString("noon").build())
                    .build(),
                event("too-large").build(),
                event("away").build(),
                event("fine").build()));

    // Then
    producer.awaitEnd();
    assertThat(producer.status()).isEqualTo(Status.Code.OK);
    assertThat(producer.acks())
        .extracting(ack -> ack.getError().getKind())
        .containsExactly(
            "unregistered-source",
            "invalid-event",
            "invalid-event",
            "unsupported-data",
            "invalid-event",
            "event-too-large",
            "log-unavailable",
            "");
    assertThat(producer.acks().get(0).getError().getNearestList()).containsExactly(SOURCE);
    assertThat(producer.acks().get(1).getError().getPointer()).isEqualTo("/type");
    assertThat(producer.acks().get(6).getError().getRetryAfterMs()).isPositive();
  }

  @Test
  void shouldEndTheStreamOfAKeyThatWasRevoked() {
    // Given
    log.open();
    gate.revokeAfter(3);

    // When
    var producer = new Producer(channel, 1_000, 0, true);

    // Then
    producer.awaitEnd();
    assertThat(producer.status()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(log.written()).isEqualTo(3);
  }

  @Test
  void shouldTellAndSlowAProducerWhileTooMuchWorkWaits() {
    // Given
    log.open();
    gate.behind(Duration.ofMinutes(10));

    // When
    var producer = new Producer(channel, 1_000, 0, true);
    Eventually.holds(() -> assertThat(producer.acks()).hasSize(PublishStream.WINDOW));

    // Then
    Eventually.stays(
        Duration.ofMillis(300), () -> assertThat(producer.acks()).hasSize(PublishStream.WINDOW));
    assertThat(producer.acks())
        .allSatisfy(
            ack -> {
              assertThat(ack.getError().getKind()).isEqualTo("backlog");
              assertThat(ack.getError().getRetryAfterMs()).isEqualTo(600_000);
            });
    assertThat(log.written()).isZero();
  }

  @Test
  void shouldAskForMoreWhenItIsTimeToTryAgain() {
    // Given: what is asked for the first time is refused
    log.open();
    gate.refuseAtMost(PublishStream.WINDOW);
    gate.behind(Duration.ofMillis(100));

    // When
    var producer = new Producer(channel, 1_000, 0, true);

    // Then
    producer.awaitEnd();
    assertThat(producer.acks()).hasSize(1_000);
    assertThat(log.written()).isEqualTo(1_000 - PublishStream.WINDOW);
  }

  @Test
  void shouldTakeATruthWhileTooMuchWorkWaits() {
    // Given
    log.open();
    gate.behind(Duration.ZERO);

    // When
    var producer = new Producer(channel, List.of(event("1").setType("dev.nexus.truth").build()));

    // Then
    producer.awaitEnd();
    assertThat(producer.acks().getFirst().hasError()).isFalse();
  }

  @Test
  void shouldAskForTheNextEventWhenTheKeyHasARequestForIt() {
    // Given
    log.open();
    gate.rest(Duration.ofMinutes(10));

    // When
    var producer = new Producer(channel, 1_000, 0, true);
    Eventually.holds(() -> assertThat(producer.acks()).hasSize(PublishStream.WINDOW));

    // Then
    Eventually.stays(
        Duration.ofMillis(300), () -> assertThat(log.written()).isEqualTo(PublishStream.WINDOW));
  }
}
