package dev.nexus.command.access;

import dev.nexus.platform.security.Secrets;
import java.util.Optional;

/// That an integration's secret is not there, while somebody looks: whoever delivers to its hook
/// may not do so again.
public final class MissingSecret {
  private MissingSecret() {}

  /// A sentence for those who apply or operate; empty when the secret is there, or none is needed.
  /// It names no other secret: they may be those of other tenants.
  public static Optional<String> of(Integration integration, Secrets secrets) {
    return integration.delivers()
        ? secrets
            .missing(integration.secretRef())
            .map(
                why ->
                    "the hook of integration "
                        + integration.integrationId()
                        + " answers 503 as it is: "
                        + why)
        : Optional.empty();
  }
}
