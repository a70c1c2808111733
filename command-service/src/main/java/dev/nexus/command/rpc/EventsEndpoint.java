package dev.nexus.command.rpc;

import dev.nexus.command.access.Integrations;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.Registered;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.grpc.v1.CloudEvent;
import dev.nexus.grpc.v1.EventsGrpc;
import dev.nexus.grpc.v1.PublishAck;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AccessControl;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;

/// `nexus.v1.Events`.
final class EventsEndpoint extends EventsGrpc.EventsImplBase {
  private final Integrations integrations;
  private final Registered registered;
  private final AccessControl access;
  private final Admission admission;
  private final EventIntake intake;
  private final StreamRoom room;

  EventsEndpoint(
      Integrations integrations,
      Registered registered,
      AccessControl access,
      Admission admission,
      EventIntake intake,
      StreamRoom room) {
    this.integrations = integrations;
    this.registered = registered;
    this.access = access;
    this.admission = admission;
    this.intake = intake;
    this.room = room;
  }

  @Override
  public StreamObserver<CloudEvent> publish(StreamObserver<PublishAck> out) {
    RpcCaller caller = RpcCaller.current();
    return PublishStream.open(
        (ServerCallStreamObserver<PublishAck>) out,
        intake,
        SourceCheck.ofKey(
            integrations,
            registered.forStream(),
            access,
            caller.principal(),
            caller.remoteAddress()),
        new Gate(caller),
        room,
        caller.principal());
  }

  /// What holds for every event of the caller's stream.
  private final class Gate implements PublishStream.Gate {
    private final RpcCaller caller;

    Gate(RpcCaller caller) {
      this.caller = caller;
    }

    @Override
    public void requireKey() {
      access.authenticate(caller.key(), "grpc publish", caller.remoteAddress());
    }

    @Override
    public Optional<Problem> refuses(boolean newWork) {
      return newWork ? admission.behind() : admission.full();
    }

    @Override
    public Duration pace() {
      return admission.pace(caller.principal().tenant(), caller.principal().actor());
    }
  }
}
