package dev.nexus.command.rpc;

import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import jakarta.inject.Singleton;
import java.util.concurrent.Executors;

/// Gives each gRPC call a virtual thread: calls wait for executions, and waiting must be cheap.
/// What a call was asked with stays in memory meanwhile, so a connection has so many at once; those
/// beyond wait on the client's side.
@Singleton
final class CallThreads implements BeanCreatedEventListener<ServerBuilder<?>> {

  static final int MOST_A_CONNECTION = 1_000;

  @Override
  public ServerBuilder<?> onCreated(BeanCreatedEvent<ServerBuilder<?>> event) {
    ServerBuilder<?> server = event.getBean();
    if (server instanceof NettyServerBuilder netty) {
      netty.maxConcurrentCallsPerConnection(MOST_A_CONNECTION);
    }
    return server.executor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory()));
  }
}
