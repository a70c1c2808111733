package dev.nexus.executor.work;

import dev.nexus.platform.http.NearestNames;
import java.util.Collection;

/// Words for the name a person probably meant.
public final class NearestName {
  private NearestName() {}

  /// " (did you mean 'x'?)" for the nearest of the known names, or "" when none is near.
  public static String hint(String wanted, Collection<String> known) {
    return NearestNames.of(wanted, known).stream()
        .findFirst()
        .map(name -> " (did you mean '" + name + "'?)")
        .orElse("");
  }
}
