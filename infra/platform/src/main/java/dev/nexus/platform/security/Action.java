package dev.nexus.platform.security;

import java.util.Locale;

/// What a principal may want to do.
public enum Action {
  /// Run components; cancel executions and report the truth about them.
  INVOKE,
  /// Read definitions, executions and what was measured.
  READ,
  /// Publish versions and register integrations.
  APPLY,
  /// Everything else: keys, quarantined executions, the installation itself.
  OPERATE;

  /// The word used in scopes and in the audit.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
