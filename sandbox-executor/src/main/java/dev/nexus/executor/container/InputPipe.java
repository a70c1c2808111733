package dev.nexus.executor.container;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// What is written to a program, as the stream that a client of an engine reads. Unlike a piped
/// stream of the JDK it does not care which threads write and whether they live on, and nobody
/// waits for a program that does not read: more than a bound is refused.
final class InputPipe extends InputStream {
  /// Bytes that may wait to be read.
  static final int MOST_WAITING = 4 << 20;

  private static final byte[] END = new byte[0];

  private final BlockingQueue<byte[]> written = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private byte[] current = END;
  private int at;
  private boolean ended;

  private final OutputStream writer =
      new OutputStream() {
        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          if (length > 0) {
            if (waiting.addAndGet(length) > MOST_WAITING) {
              waiting.addAndGet(-length);
              throw new IOException(
                  "it does not read what it is sent: " + waiting.get() + " bytes wait already");
            }
            written.add(Arrays.copyOfRange(bytes, from, from + length));
          }
        }
      };

  /// With the stream of the answers, which ends with it.
  ServiceEngine.Conversation with(Closeable output) {
    return new ServiceEngine.Conversation() {
      @Override
      public OutputStream input() {
        return writer;
      }

      @Override
      public void close() throws IOException {
        written.add(END);
        output.close();
      }
    };
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at == current.length) {
      if (ended) {
        return -1;
      }
      try {
        current = written.take();
        waiting.addAndGet(-current.length);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for what is to be read", e);
      }
      at = 0;
      if (current.length == 0) {
        ended = true;
        return -1;
      }
    }
    int count = Math.min(length, current.length - at);
    System.arraycopy(current, at, into, from, count);
    at += count;
    return count;
  }
}
