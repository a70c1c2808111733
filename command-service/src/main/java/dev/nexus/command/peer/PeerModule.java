package dev.nexus.command.peer;

import dev.nexus.platform.config.Settings;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.condition.Condition;
import io.micronaut.context.condition.ConditionContext;
import jakarta.inject.Singleton;

/// The beans that know of other services; there are none where all of them are in one process.
@Factory
final class PeerModule {
  @Singleton
  @Requires(condition = PeersAreSet.class)
  Peers peers(Settings settings) {
    return Peers.of(settings);
  }

  /// Whether the settings name another service.
  static final class PeersAreSet implements Condition {
    @Override
    public boolean matches(ConditionContext context) {
      return context
          .getBeanContext()
          .findBean(Settings.class)
          .filter(settings -> !Peers.of(settings).isEmpty())
          .isPresent();
    }
  }
}
