package dev.nexus.platform.service;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;

/// Ids that are born at an edge: UUIDv7 (RFC 9562 §5.7), ordered by time. Everything further in
/// derives its ids by name.
public final class EdgeIds {
  private final SecureRandom random = new SecureRandom();
  private final Clock clock;

  public EdgeIds(Clock clock) {
    this.clock = clock;
  }

  public UUID next() {
    byte[] noise = new byte[10];
    random.nextBytes(noise);
    long high = clock.millis() << 16 | 0x7000L | (noise[0] & 0x0FL) << 8 | (noise[1] & 0xFFL);
    long low = 0x2L << 62;
    for (int i = 2; i < 10; i++) {
      low |= (noise[i] & 0xFFL) << (8 * (9 - i)) & 0x3FFFFFFFFFFFFFFFL;
    }
    return new UUID(high, low);
  }
}
