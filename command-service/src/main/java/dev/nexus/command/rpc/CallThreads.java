package dev.nexus.command.rpc;

import io.grpc.ServerBuilder;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import jakarta.inject.Singleton;
import java.util.concurrent.Executors;

/// Gives each gRPC call a virtual thread: calls wait for executions, and waiting must be cheap.
@Singleton
final class CallThreads implements BeanCreatedEventListener<ServerBuilder<?>> {

  @Override
  public ServerBuilder<?> onCreated(BeanCreatedEvent<ServerBuilder<?>> event) {
    return event
        .getBean()
        .executor(
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory()));
  }
}
