package dev.nexus.platform.call;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.platform.call.Visible.ExecutionAt;
import dev.nexus.platform.call.Visible.VersionOf;
import dev.nexus.platform.security.SigningKey;
import java.util.Optional;
import java.util.function.Supplier;

/// Signed names of what must be visible, for `?after=`. A token holds for the log it was given for:
/// after a new log (another cluster id) it is void.
public final class Tokens {
  private static final String EXECUTION = "e";
  private static final String VERSION = "v";

  private final SigningKey key;
  private final Supplier<String> epoch;

  /// `epoch` is the id of the log; it is asked for when it is first needed.
  public Tokens(SigningKey key, Supplier<String> epoch) {
    this.key = key;
    this.epoch = epoch;
  }

  public String sign(Visible visible) {
    String text =
        switch (visible) {
          case ExecutionAt(var tenant, var execution, var sequence) ->
              String.join("|", EXECUTION, epoch.get(), tenant.value(), execution + "@" + sequence);
          case VersionOf(var tenant, var appId, var digest) ->
              String.join("|", VERSION, epoch.get(), tenant.value(), appId + "@" + digest);
        };
    return key.sign(text);
  }

  /// What the token names; empty when it was not signed here, belongs to another tenant or to
  /// another log.
  public Optional<Visible> verify(String token, TenantId tenant) {
    return key.verify(token).flatMap(this::read).filter(v -> v.tenant().equals(tenant));
  }

  private Optional<Visible> read(String text) {
    String[] parts = text.split("\\|", 4);
    if (parts.length != 4 || !parts[1].equals(epoch.get())) {
      return Optional.empty();
    }
    TenantId tenant = new TenantId(parts[2]);
    int at = parts[3].lastIndexOf('@');
    String name = parts[3].substring(0, at);
    String state = parts[3].substring(at + 1);
    return switch (parts[0]) {
      case EXECUTION ->
          Optional.of(new ExecutionAt(tenant, ExecutionId.parse(name), Long.parseLong(state)));
      case VERSION -> Optional.of(new VersionOf(tenant, name, state));
      default -> Optional.empty();
    };
  }
}
