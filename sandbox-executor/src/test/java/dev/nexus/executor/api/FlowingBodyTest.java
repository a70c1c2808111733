package dev.nexus.executor.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

class FlowingBodyTest {
  private static final byte[] END = {};
  private static final byte[] BROKEN = {0};

  /// Gives what it is given, and waits for it; closing ends a read that waits.
  private static final class Source extends InputStream {
    private final BlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public int read() {
      throw new AssertionError("pieces are asked for");
    }

    @Override
    public int read(byte[] to, int from, int most) throws IOException {
      reads.incrementAndGet();
      try {
        byte[] piece = pieces.take();
        if (piece == BROKEN) {
          throw new IOException("closed");
        }
        System.arraycopy(piece, 0, to, from, piece.length);
        return piece == END ? -1 : piece.length;
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void close() {
      closed.countDown();
      pieces.add(BROKEN);
    }
  }

  private static final class Caller implements Subscriber<byte[]> {
    private final List<String> got = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch broke = new CountDownLatch(1);
    private volatile Subscription subscription;

    @Override
    public void onSubscribe(Subscription one) {
      subscription = one;
    }

    @Override
    public void onNext(byte[] piece) {
      got.add(new String(piece, UTF_8));
    }

    @Override
    public void onError(Throwable failure) {
      broke.countDown();
    }

    @Override
    public void onComplete() {
      ended.countDown();
    }
  }

  private final Source source = new Source();
  private final Caller caller = new Caller();
  private final AtomicBoolean allowed = new AtomicBoolean(true);

  private void subscribe() {
    new FlowingBody(source, allowed::get).subscribe(caller);
  }

  /// Its caller went before anything was sent.
  @Test
  void shouldEndWhatNobodyComesToRead() throws Exception {
    // Given
    var source = new Source();

    // When
    var unread = new FlowingBody(source, () -> true, Duration.ofMillis(10));

    // Then
    assertThat(source.closed.await(30, TimeUnit.SECONDS)).as("%s", unread).isTrue();
  }

  /// Who asks for the key may fail for a moment.
  @Test
  void shouldEndWhenTheKeyIsRevokedThoughALookFailed() throws Exception {
    // Given
    var source = new Source();
    var looks = new AtomicInteger();
    var caller = new Caller();

    // When
    new FlowingBody(
            source,
            () -> {
              if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("not now");
              }
              return false;
            })
        .subscribe(caller);

    // Then
    assertThat(source.closed.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(looks.get()).isEqualTo(2);
  }

  @Test
  void shouldGivePiecesAsTheyComeUntilTheEnd() throws Exception {
    subscribe();
    caller.subscription.request(Long.MAX_VALUE);
    source.pieces.add("one".getBytes(UTF_8));
    Eventually.holds(() -> assertThat(caller.got).containsExactly("one"));
    source.pieces.add("two".getBytes(UTF_8));
    Eventually.holds(() -> assertThat(caller.got).containsExactly("one", "two"));
    source.pieces.add(END);
    caller.ended.await();
    source.closed.await();
  }

  @Test
  void shouldReadNoMoreThanTheCallerTakes() {
    subscribe();
    for (int i = 0; i < 10; i++) {
      source.pieces.add("x".getBytes(UTF_8));
    }
    caller.subscription.request(3);
    Eventually.holds(() -> assertThat(caller.got).hasSize(3));
    assertThat(source.reads).hasValue(3);
  }

  @Test
  void shouldEndWhereTheCallerGoesThoughNothingComes() throws Exception {
    subscribe();
    caller.subscription.request(1);
    Eventually.holds(() -> assertThat(source.reads).hasValue(1));
    caller.subscription.cancel();
    source.closed.await();
    assertThat(caller.broke.getCount()).isOne();
  }

  @Test
  void shouldBreakWhereTheServiceDoes() throws Exception {
    subscribe();
    caller.subscription.request(1);
    source.pieces.add(BROKEN);
    caller.broke.await();
    source.closed.await();
  }

  @Test
  void shouldEndWhereTheKeyHoldsNoMoreThoughNothingComes() throws Exception {
    subscribe();
    caller.subscription.request(1);
    Eventually.holds(() -> assertThat(source.reads).hasValue(1));
    allowed.set(false);
    source.closed.await();
    caller.broke.await();
  }
}
