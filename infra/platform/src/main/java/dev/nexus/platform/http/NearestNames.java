package dev.nexus.platform.http;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// What somebody may have meant by a name that does not exist.
public final class NearestNames {
  private static final int SHOWN = 3;

  /// Comparing two names takes time by the product of their lengths, and some are a stranger's.
  private static final int LONGEST = 64;

  private static final int SHORTEST_WORD = 3;

  private NearestNames() {}

  private record Candidate(String name, int distance) {}

  /// Up to three of `valid`, nearest first; empty when none is near, or the name is a long one.
  public static List<String> of(String found, Collection<String> valid) {
    if (found.length() > LONGEST) {
      return List.of();
    }
    int limit = Math.max(2, found.length() / 3);
    return valid.stream()
        .filter(name -> name.length() <= LONGEST)
        .distinct()
        .map(name -> new Candidate(name, isWordOf(found, name) ? limit : near(found, name, limit)))
        .filter(candidate -> candidate.distance() <= limit)
        .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .limit(SHOWN)
        .map(Candidate::name)
        .toList();
  }

  /// The end of a sentence about a name that does not exist: "; did you mean this or that?", or ""
  /// where nothing is near.
  public static String advice(List<String> nearest) {
    return nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?";
  }

  /// Who writes `hmac` means `github-hmac`, though most of its letters are missing.
  private static boolean isWordOf(String found, String name) {
    return found.length() >= SHORTEST_WORD
        && name.contains("-")
        && List.of(lower(name).split("-")).contains(lower(found));
  }

  /// What differs this much in length is not near, and a huge name costs nothing here.
  private static int near(String found, String name, int limit) {
    return Math.abs(name.length() - found.length()) > limit
        ? limit + 1
        : distance(lower(found), lower(name));
  }

  private static String lower(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }

  /// Levenshtein distance: insertions, deletions and replacements from one to the other.
  static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
