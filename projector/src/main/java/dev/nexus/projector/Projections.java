package dev.nexus.projector;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.projector.application.ApplicationFold;
import dev.nexus.projector.execution.ExecutionFold;
import dev.nexus.projector.ingress.IngressFold;
import dev.nexus.projector.metric.ComponentCounters;
import dev.nexus.projector.promotion.EvidenceFold;
import dev.nexus.projector.promotion.PromotionFold;
import dev.nexus.projector.promotion.RouteFold;
import dev.nexus.projector.store.Fold;
import java.util.ArrayList;
import java.util.List;

/// All folds there are, in the two groups that are read by a thread each: the many facts of
/// executions, and everything else: decisions, definitions and outside events.
public final class Projections {
  private Projections() {}

  public static List<Fold<?>> executions(Settings settings) {
    return List.of(
        new ExecutionFold(
            settings.number(Setting.PROJECTED_EXECUTIONS), ComponentCounters::changes));
  }

  /// Everything, for who compares the store with the log.
  public static List<Fold<?>> all(Settings settings) {
    List<Fold<?>> all = new ArrayList<>(executions(settings));
    all.addAll(decisions(settings));
    return List.copyOf(all);
  }

  public static List<Fold<?>> decisions(Settings settings) {
    return List.of(
        new PromotionFold(),
        new RouteFold(),
        new EvidenceFold(),
        new ApplicationFold(),
        new IngressFold(settings.number(Setting.PROJECTED_EVENTS)));
  }
}
