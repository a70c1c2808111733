package dev.nexus.projector.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// A record as `Fact.kept` left it in Redis; without bytes when it must be read from the log.
public record KeptFact(long offset, Optional<byte[]> wire) {

  public static KeptFact parse(byte[] kept) {
    int colon = 0;
    while (colon < kept.length && kept[colon] != ':') {
      colon++;
    }
    long offset = Long.parseLong(new String(kept, 0, colon, StandardCharsets.US_ASCII));
    return colon == kept.length
        ? new KeptFact(offset, Optional.empty())
        : new KeptFact(offset, Optional.of(Arrays.copyOfRange(kept, colon + 1, kept.length)));
  }
}
