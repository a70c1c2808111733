package dev.nexus.executor.code;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What one call of code has asked of tools: how often the same was asked names each time, in
/// whatever order they were asked.
public final class Asked {
  private final Map<String, Integer> times = new ConcurrentHashMap<>();

  /// How often this was asked, this time included.
  public int times(String name, String arguments) {
    return times.merge(name + '\n' + arguments, 1, Integer::sum);
  }
}
