package dev.nexus.projector.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A record as `Fact.kept` left it in Redis; without bytes when it must be read from the log.
public record KeptFact(long offset, Optional<byte[]> wire) {

  /// Reads forms that stand one after the other.
  public static List<KeptFact> parseAll(byte[] kept) {
    List<KeptFact> facts = new ArrayList<>();
    int at = 0;
    while (at < kept.length) {
      int first = colonFrom(kept, at);
      int second = colonFrom(kept, first + 1);
      long offset = number(kept, at, first);
      int length = (int) number(kept, first + 1, second);
      int from = second + 1;
      facts.add(
          new KeptFact(
              offset,
              length == 0
                  ? Optional.empty()
                  : Optional.of(Arrays.copyOfRange(kept, from, from + length))));
      at = from + length;
    }
    return facts;
  }

  private static int colonFrom(byte[] kept, int from) {
    int at = from;
    while (kept[at] != ':') {
      at++;
    }
    return at;
  }

  private static long number(byte[] kept, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + (kept[i] - '0');
    }
    return number;
  }
}
