package dev.nexus.executor.service;

import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What services of an executor may take together, and those of one tenant. Memory is counted by
/// what definitions allow, in MiB.
public record ServiceCaps(Cap all, Cap ofATenant) {
  private static final int MIB = 20;

  /// @param services that run at once
  /// @param mebibytes that they may use together
  public record Cap(int services, long mebibytes) {}

  /// A service that is to run here.
  record Wish(ServiceKey key, ServiceDefinition definition) {}

  private static final class Taken {
    private int services;
    private long bytes;

    boolean hasNoPlace(Cap cap) {
      return services >= cap.services();
    }

    boolean hasNoMemory(Cap cap, long more) {
      return bytes + more > cap.mebibytes() << MIB;
    }

    void take(long more) {
      services++;
      bytes += more;
    }
  }

  public static ServiceCaps of(Settings settings) {
    return new ServiceCaps(
        new Cap(settings.number(Setting.SERVICES), settings.number(Setting.SERVICES_MEMORY)),
        new Cap(
            settings.number(Setting.TENANT_SERVICES),
            settings.number(Setting.TENANT_SERVICES_MEMORY)));
  }

  /// Pure: why some of them may not run, the others may.
  ///
  /// @param wishes in their order: who comes first has its place
  Map<ServiceKey, String> refused(List<Wish> wishes) {
    var taken = new Taken();
    Map<TenantId, Taken> ofTenants = new HashMap<>();
    Map<ServiceKey, String> refused = new LinkedHashMap<>();
    for (Wish wish : wishes) {
      Taken own = ofTenants.computeIfAbsent(wish.key().tenant(), _ -> new Taken());
      long bytes = wish.definition().memoryBytes();
      Optional<String> why = refusal(taken, own, bytes);
      if (why.isPresent()) {
        refused.put(wish.key(), why.get());
      } else {
        taken.take(bytes);
        own.take(bytes);
      }
    }
    return refused;
  }

  private Optional<String> refusal(Taken taken, Taken own, long bytes) {
    if (taken.hasNoPlace(all)) {
      return Optional.of(places("this executor", all, Setting.SERVICES));
    }
    if (own.hasNoPlace(ofATenant)) {
      return Optional.of(
          places("the tenant, on this executor,", ofATenant, Setting.TENANT_SERVICES));
    }
    if (taken.hasNoMemory(all, bytes)) {
      return Optional.of(
          memory("services of this executor", taken, bytes, all, Setting.SERVICES_MEMORY));
    }
    if (own.hasNoMemory(ofATenant, bytes)) {
      return Optional.of(
          memory(
              "services of the tenant, on this executor,",
              own,
              bytes,
              ofATenant,
              Setting.TENANT_SERVICES_MEMORY));
    }
    return Optional.empty();
  }

  private static String places(String who, Cap cap, Setting setting) {
    return who
        + " runs as many services as it may, "
        + cap.services()
        + " ("
        + setting.variable()
        + ")";
  }

  private static String memory(String who, Taken taken, long bytes, Cap cap, Setting setting) {
    return who
        + " may use "
        + cap.mebibytes()
        + " MiB together ("
        + setting.variable()
        + "): "
        + (taken.bytes >> MIB)
        + " MiB are taken, and it asks for "
        + (bytes >> MIB);
  }
}
