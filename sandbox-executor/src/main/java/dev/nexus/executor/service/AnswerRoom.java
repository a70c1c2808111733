package dev.nexus.executor.service;

import dev.nexus.executor.http.HttpChannel;
import java.io.IOException;
import java.util.concurrent.Semaphore;

/// Room for one answer while it is read. Many large ones at once would take the memory of
/// everything else, so all answers of services share so much.
final class AnswerRoom implements HttpChannel.Room, AutoCloseable {
  private static final Semaphore ALL = new Semaphore(64 << 20);

  private int taken;

  @Override
  public void take(int bytes) throws IOException {
    if (!ALL.tryAcquire(bytes)) {
      throw new IOException("too much is being answered by services at once, try again");
    }
    taken += bytes;
  }

  @Override
  public void close() {
    ALL.release(taken);
    taken = 0;
  }
}
