package dev.nexus.executor.model;

/// Answers conversations. Safe for use by many threads.
public interface ChatModel extends AutoCloseable {

  /// Makes one call, without retries of its own. Throws `InterruptedException` when the calling
  /// thread is interrupted.
  ChatReply complete(ChatRequest request) throws InterruptedException;

  /// Lets go of connections; a model that holds none has nothing to do.
  @Override
  default void close() {}
}
