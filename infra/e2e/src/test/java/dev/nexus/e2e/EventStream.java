package dev.nexus.e2e;

import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.EventsGrpc;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.testkit.Eventually;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/// A stream of events by gRPC to a platform, and what it answers.
final class EventStream implements StreamObserver<PublishAck>, AutoCloseable {
  private final ManagedChannel channel;
  private final StreamObserver<CloudEvent> events;
  private final List<PublishAck> acks = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  /// @param address host and port of the gRPC API
  /// @param key API key, "" for none
  EventStream(String address, String key) {
    Metadata metadata = new Metadata();
    if (!key.isEmpty()) {
      metadata.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    }
    channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
    events =
        EventsGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .publish(this);
  }

  void send(String source, String id, String type, String data) {
    events.onNext(
        CloudEvent.newBuilder()
            .setId(id)
            .setSource(source)
            .setSpecVersion("1.0")
            .setType(type)
            .setTextData(data)
            .build());
  }

  /// What was acknowledged or refused so far, in the order of the answers.
  List<PublishAck> acks() {
    return List.copyOf(acks);
  }

  /// The acknowledgements of all events sent so far, in their order.
  List<PublishAck> acks(int sent) {
    return Eventually.value(() -> acks, found -> found.size() == sent, sent + " acknowledgements")
        .stream()
        .sorted(Comparator.comparingLong(PublishAck::getNumber))
        .toList();
  }

  /// Sends no more.
  void finish() {
    events.onCompleted();
  }

  boolean hasEnded() {
    return end.isDone();
  }

  /// How the stream ended, once it has.
  Status end() {
    Eventually.value(end::isDone, done -> done, "the end of the stream");
    return end.join();
  }

  @Override
  public void onNext(PublishAck ack) {
    acks.add(ack);
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
