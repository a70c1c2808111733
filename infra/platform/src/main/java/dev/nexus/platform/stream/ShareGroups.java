package dev.nexus.platform.stream;

import dev.nexus.event.task.Lane;
import java.util.Locale;

/// Names of the share groups, one a lane.
public final class ShareGroups {
  private ShareGroups() {}

  public static String ofLane(Lane lane) {
    return "lane-" + lane.name().toLowerCase(Locale.ROOT);
  }
}
