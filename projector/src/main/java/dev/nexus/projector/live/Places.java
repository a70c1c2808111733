package dev.nexus.projector.live;

import dev.nexus.event.TenantId;
import java.util.LinkedHashMap;
import java.util.Map;

/// The listeners that there may be, each with whose it is, so that nobody takes the places of all.
/// A tenant may have more than one of its keys, as most installations have one tenant only. Not for
/// several threads at once.
final class Places {
  static final int ALL = 64;
  static final int OF_A_TENANT = ALL / 4 * 3;
  static final int OF_A_KEY = ALL / 4;

  private record Owner(TenantId tenant, String keyId) {}

  /// Everybody who listens or catches up, or was promised a place not long ago.
  private final Map<Listener, Owner> taken = new LinkedHashMap<>();

  /// Throws `NoPlaceException` when there is none.
  void take(Listener listener, TenantId tenant, String keyId) {
    taken.keySet().removeIf(Listener::neverCame);
    Owner owner = new Owner(tenant, keyId);
    if (taken.values().stream().filter(owner::equals).count() >= OF_A_KEY) {
      throw new NoPlaceException(
          true, "this key has " + OF_A_KEY + " streams open, and may have no more");
    }
    if (taken.values().stream().filter(its -> its.tenant().equals(tenant)).count() >= OF_A_TENANT) {
      throw new NoPlaceException(
          true,
          "the keys of tenant '"
              + tenant
              + "' have "
              + OF_A_TENANT
              + " streams open together, and may have no more");
    }
    if (taken.size() >= ALL) {
      throw new NoPlaceException(false, ALL + " listeners are connected already");
    }
    taken.put(listener, owner);
  }

  void leave(Listener listener) {
    taken.remove(listener);
  }
}
