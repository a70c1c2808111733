package dev.nexus.platform.security;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.platform.security.KeyRing.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Passes for code of executions, `nxe_…`, and for services, `nxp_…`: who has one may run the
/// components of its application until it ends. It is signed and kept nowhere, so that giving one
/// costs nothing and none can be stolen from a store. That of an execution lasts no longer than its
/// call may, that of a service as long as the answer to one message.
public final class ExecutionPasses {
  private static final String PREFIX = "nxe_";
  private static final String SERVICE_PREFIX = "nxp_";
  private static final String PURPOSE = "execution-pass";
  private static final String SERVICE_PURPOSE = "service-pass";
  private static final String SEPARATOR = "|";

  /// By how much clocks of machines may differ. What a pass begins must have ended without it.
  private static final Duration SKEW = Duration.ofSeconds(10);

  private final SigningKey key;
  private final SigningKey serviceKey;
  private final Clock clock;

  public ExecutionPasses(SigningKey key, Clock clock) {
    this.key = key.of(PURPOSE);
    this.serviceKey = key.of(SERVICE_PURPOSE);
    this.clock = clock;
  }

  /// A pass of an execution.
  ///
  /// @param depth of the execution, 1 where somebody with a key called it
  /// @param until when it ends, to the millisecond
  public String issue(
      TenantId tenant, String appId, ExecutionId execution, int depth, Instant until) {
    return PREFIX
        + key.sign(
            String.join(
                SEPARATOR,
                tenant.value(),
                appId,
                execution.toString(),
                Integer.toString(depth),
                Long.toString(until.toEpochMilli())));
  }

  /// A pass of a service.
  ///
  /// @param until when it ends, to the millisecond
  public String issue(TenantId tenant, String appId, String service, Instant until) {
    return SERVICE_PREFIX
        + serviceKey.sign(
            String.join(
                SEPARATOR, tenant.value(), appId, service, Long.toString(until.toEpochMilli())));
  }

  static boolean looksLikeOne(String presented) {
    return presented.startsWith(PREFIX) || presented.startsWith(SERVICE_PREFIX);
  }

  /// Who presents this pass.
  Verdict verify(String presented) {
    String pass = presented.substring(PREFIX.length());
    Optional<Principal> signed =
        presented.startsWith(SERVICE_PREFIX)
            ? serviceKey.verify(pass).map(ExecutionPasses::readService)
            : key.verify(pass).map(ExecutionPasses::read);
    if (signed.isEmpty()) {
      return new Verdict.Invalid("unknown-key", "");
    }
    return clock.instant().isBefore(signed.get().until().plus(SKEW))
        ? new Verdict.Valid(signed.get())
        : new Verdict.Invalid("pass-ended", "");
  }

  private static Principal readService(String text) {
    String[] parts = text.split("\\|", 4);
    return Principal.ofService(
        new TenantId(parts[0]), parts[1], parts[2], Instant.ofEpochMilli(Long.parseLong(parts[3])));
  }

  private static Principal read(String text) {
    String[] parts = text.split("\\|", 5);
    return Principal.ofExecution(
        new TenantId(parts[0]),
        parts[1],
        ExecutionId.parse(parts[2]),
        Integer.parseInt(parts[3]),
        Instant.ofEpochMilli(Long.parseLong(parts[4])));
  }
}
