package dev.nexus.command.intake;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.stream.NotReadInTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// What is registered, for the doors. An integration that is not known here may have been
/// registered at another instance a moment ago, so the log is asked before it is called unknown.
/// Anyone may name one that does not exist, at hooks without a key: those who wait share the
/// questions, and what they have sent is in memory meanwhile, so their number is limited.
public final class Registered {
  /// Requests and streams that wait at once, at all doors of an instance.
  static final int MOST_AT_ONCE = 128;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Integrations integrations;
  private final Duration patience;
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);

  public Registered(Integrations integrations) {
    this(integrations, PATIENCE);
  }

  /// @param patience longest wait for the log
  Registered(Integrations integrations, Duration patience) {
    this.integrations = integrations;
    this.patience = patience;
  }

  /// For a request, all of whose events have come: the log is asked once for them.
  public Look forRequest() {
    return new Look(true);
  }

  /// For a stream, whose events come one after the other: what was registered when one came may be
  /// less than when the next does.
  public Look forStream() {
    return new Look(false);
  }

  /// Used by one thread at a time, which may block.
  public final class Look {
    private final boolean once;
    private boolean current;

    private Look(boolean once) {
      this.once = once;
    }

    /// What `search` finds among those known here, else among all that are registered now. Throws a
    /// `ProblemException` with 503 when nobody knows these: the log does not say it in time, which
    /// is two seconds, or too many wait for it.
    public Optional<Integration> find(Supplier<Optional<Integration>> search) {
      Optional<Integration> known = search.get();
      if (known.isPresent() || current) {
        return known;
      }
      boolean read = awaitCurrent();
      Optional<Integration> found = search.get();
      if (found.isEmpty() && !read) {
        throw Problem.logSilent().exception();
      }
      current = once && read;
      return found;
    }
  }

  /// Whether all that was registered when it was called is known here now.
  private boolean awaitCurrent() {
    if (!room.tryAcquire()) {
      return false;
    }
    try {
      integrations.awaitCurrent(patience);
      return true;
    } catch (NotReadInTimeException e) {
      return false;
    } finally {
      room.release();
    }
  }
}
