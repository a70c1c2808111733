package dev.nexus.platform.admission;

import dev.nexus.event.TenantId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/// The streams of a kind that an instance may have open, each with whose it is, so that nobody
/// takes the places of all: a key may have a quarter of them, and a tenant all but a quarter. A
/// tenant may have more than one of its keys, as most installations have one tenant only. Where
/// there are fewer than four places, a key has one and nothing is kept for other tenants.
///
/// @param <T> a stream, or who holds it
public final class Places<T> {
  private record Owner(TenantId tenant, String keyId) {}

  private final int all;
  private final int ofATenant;
  private final int ofAKey;
  private final String full;
  private final Map<T, Owner> taken = new LinkedHashMap<>();

  /// @param all places, one at least
  /// @param full what is said when all are taken
  public Places(int all, String full) {
    this.all = all;
    this.ofATenant = all - all / 4;
    this.ofAKey = Math.max(1, all / 4);
    this.full = full;
  }

  /// Throws `NoPlaceException` when there is none.
  public synchronized void take(T holder, TenantId tenant, String keyId) {
    Owner owner = new Owner(tenant, keyId);
    if (taken.values().stream().filter(owner::equals).count() >= ofAKey) {
      throw new NoPlaceException(
          true, "this key has " + streams(ofAKey) + " open, and may have no more");
    }
    if (taken.values().stream().filter(its -> its.tenant().equals(tenant)).count() >= ofATenant) {
      throw new NoPlaceException(
          true,
          "the keys of tenant '"
              + tenant
              + "' have "
              + streams(ofATenant)
              + " open together, and may have no more");
    }
    if (taken.size() >= all) {
      throw new NoPlaceException(false, full);
    }
    taken.put(holder, owner);
  }

  private static String streams(int count) {
    return count + (count == 1 ? " stream" : " streams");
  }

  /// Frees the place of one that has ended.
  public synchronized void leave(T holder) {
    taken.remove(holder);
  }

  /// Frees the places of all that are `gone`.
  public synchronized void removeIf(Predicate<? super T> gone) {
    taken.keySet().removeIf(gone);
  }
}
