package dev.nexus.command.rpc;

import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.AccessRefusedException;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// A gate that is open until a test says otherwise.
final class SetGate implements PublishStream.Gate {
  private final AtomicInteger revokedAfter = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicReference<Optional<Problem>> behind = new AtomicReference<>(Optional.empty());
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger refusedAtMost = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicReference<Duration> rest = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<Optional<Error>> error = new AtomicReference<>(Optional.empty());

  /// The key is no longer good after so many events.
  void revokeAfter(int events) {
    revokedAfter.set(events);
  }

  /// Too much work waits.
  void behind(Duration retryAfter) {
    behind.set(
        Optional.of(
            Problem.of(HttpStatus.TOO_MANY_REQUESTS, "backlog", "router is behind")
                .retryAfter(retryAfter)));
  }

  /// No more than so many events are refused for the work that waits.
  void refuseAtMost(int events) {
    refusedAtMost.set(events);
  }

  void rest(Duration time) {
    rest.set(time);
  }

  /// Every event ends with it.
  void breakWith(Error failure) {
    error.set(Optional.of(failure));
  }

  @Override
  public void requireKey() {
    if (revokedAfter.getAndDecrement() <= 0) {
      throw new AccessRefusedException(AccessRefusedException.Kind.UNAUTHENTICATED, "revoked");
    }
  }

  @Override
  public Optional<Problem> refuses(boolean newWork) {
    error
        .get()
        .ifPresent(
            failure -> {
              throw failure;
            });
    return newWork && behind.get().isPresent() && refused.getAndIncrement() < refusedAtMost.get()
        ? behind.get()
        : Optional.empty();
  }

  @Override
  public Duration pace() {
    return rest.get();
  }
}
