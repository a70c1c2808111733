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
/// Anyone may name one that does not exist. Those who wait share the questions; what they have sent
/// is in memory meanwhile, so their number is limited. Hooks, which need no key, have places of
/// their own: strangers at them take none from holders of keys.
public final class Registered {
  /// Requests and streams of holders of keys that wait at once, at all doors of an instance.
  static final int MOST_WITH_KEYS = 128;

  /// Deliveries at hooks that wait at once.
  static final int MOST_AT_HOOKS = 32;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Integrations integrations;
  private final Duration patience;
  private final Semaphore withKeys = new Semaphore(MOST_WITH_KEYS);
  private final Semaphore atHooks = new Semaphore(MOST_AT_HOOKS);

  public Registered(Integrations integrations) {
    this(integrations, PATIENCE);
  }

  /// @param patience longest wait for the log
  Registered(Integrations integrations, Duration patience) {
    this.integrations = integrations;
    this.patience = patience;
  }

  /// For a request with a key, all of whose events have come: the log is asked once for them.
  public Look forRequest() {
    return new Look(true, withKeys);
  }

  /// For a delivery at a hook.
  public Look forHook() {
    return new Look(true, atHooks);
  }

  /// For a stream, whose events come one after the other: what was registered when one came may be
  /// less than when the next does.
  public Look forStream() {
    return new Look(false, withKeys);
  }

  /// Used by one thread at a time, which may block.
  public final class Look {
    private final boolean once;
    private final Semaphore room;
    private boolean current;

    private Look(boolean once, Semaphore room) {
      this.once = once;
      this.room = room;
    }

    /// What `search` finds among those known here, else among all that are registered now. Throws a
    /// `ProblemException` with 503 when nobody knows these: the log does not say it in time, which
    /// is two seconds, or too many wait for it.
    public Optional<Integration> find(Supplier<Optional<Integration>> search) {
      Optional<Integration> known = search.get();
      if (known.isPresent() || current) {
        return known;
      }
      boolean read = awaitCurrent(room);
      Optional<Integration> found = search.get();
      if (found.isEmpty() && !read) {
        throw Problem.logSilent().exception();
      }
      current = once && read;
      return found;
    }
  }

  /// Whether all that was registered when it was called is known here now.
  private boolean awaitCurrent(Semaphore room) {
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
