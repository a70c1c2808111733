package dev.nexus.platform.stream;

import dev.nexus.event.task.Lane;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The share groups, one a lane: their names, and what brokers must be told of them.
public final class ShareGroups {
  /// Settings of every share group. It begins at the newest record unless told otherwise: a task
  /// written before the first executor came would be lost to it. Nor does it leave out by itself
  /// what was never committed.
  public static final Map<String, String> SETTINGS =
      Collections.unmodifiableMap(
          new TreeMap<>(
              Map.of(
                  "share.auto.offset.reset", "earliest",
                  "share.isolation.level", "read_committed")));

  /// What their names begin with.
  public static final String LANES = "lane-";

  private ShareGroups() {}

  public static String ofLane(Lane lane) {
    return LANES + lane.name().toLowerCase(Locale.ROOT);
  }
}
