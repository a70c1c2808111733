package dev.nexus.command.rpc;

import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.EventsGrpc;
import dev.nexus.grpc.v1.PublishAck;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/// A client that sends as fast as its channel lets it, and then half-closes.
public final class Producer implements ClientResponseObserver<CloudEvent, PublishAck> {
  /// Who calls: a key, and the only one of its tenant.
  static final Metadata.Key<String> CALLER =
      Metadata.Key.of("caller", Metadata.ASCII_STRING_MARSHALLER);

  private final int all;
  private final IntFunction<CloudEvent> events;
  private final boolean takesAnswers;
  private final AtomicInteger sent = new AtomicInteger();
  private final List<PublishAck> acks = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile ClientCallStreamObserver<CloudEvent> call;
  private volatile Status status = Status.UNKNOWN;

  /// @param takesAnswers whether answers are taken from the beginning
  Producer(Channel channel, int all, int bytes, boolean takesAnswers) {
    this(
        channel,
        all,
        i -> event("e-" + (i + 1)).setTextData("\"" + "x".repeat(bytes) + "\"").build(),
        takesAnswers);
  }

  public Producer(Channel channel, List<CloudEvent> events) {
    this(channel, events.size(), events::get, true);
  }

  private Producer(Channel channel, int all, IntFunction<CloudEvent> events, boolean takesAnswers) {
    this.all = all;
    this.events = events;
    this.takesAnswers = takesAnswers;
    var _ = EventsGrpc.newStub(channel).publish(this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<CloudEvent> stream) {
    call = stream;
    if (!takesAnswers) {
      stream.disableAutoRequestWithInitial(0);
    }
    stream.setOnReadyHandler(this::send);
  }

  static CloudEvent.Builder event(String id) {
    return CloudEvent.newBuilder()
        .setId(id)
        .setSource(PublishStreamIT.SOURCE)
        .setSpecVersion("1.0")
        .setType("com.example.order")
        .setTextData("{\"n\": 1}");
  }

  /// A channel as this caller uses it.
  static Channel by(String caller, Channel channel) {
    Metadata headers = new Metadata();
    headers.put(CALLER, caller);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private void send() {
    while (call.isReady() && sent.get() < all) {
      call.onNext(events.apply(sent.getAndIncrement()));
      if (sent.get() == all) {
        call.onCompleted();
      }
    }
  }

  void takeAnswers() {
    call.request(Integer.MAX_VALUE);
  }

  /// Goes away without waiting for answers.
  void cancel() {
    call.cancel("gone", null);
  }

  boolean isReady() {
    return call.isReady();
  }

  int sent() {
    return sent.get();
  }

  @Override
  public void onNext(PublishAck ack) {
    synchronized (acks) {
      acks.add(ack);
    }
  }

  @Override
  public void onError(Throwable failure) {
    status = Status.fromThrowable(failure);
    ended.countDown();
  }

  @Override
  public void onCompleted() {
    status = Status.OK;
    ended.countDown();
  }

  public List<PublishAck> acks() {
    synchronized (acks) {
      return List.copyOf(acks);
    }
  }

  Status.Code status() {
    return status.getCode();
  }

  /// Why it ended; null when it ended well.
  String reason() {
    return status.getDescription();
  }

  public void awaitEnd() {
    try {
      if (!ended.await(2, TimeUnit.MINUTES)) {
        throw new AssertionError("the stream did not end; answers: " + acks().size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
