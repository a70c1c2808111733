package dev.nexus.scriptedmodel;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// What chance decides about one call, from the seed, the input and how often it was asked before:
/// the same three always give the same draw.
///
/// @param latency time to the answer
/// @param fault what goes wrong on the way
/// @param mistaken whether the answer is wrong
/// @param choice picks one of several ways of a fault or mistake
record Draw(Duration latency, Fault fault, boolean mistaken, int choice) {

  enum Fault {
    NONE,
    RATE_LIMITED,
    SERVER_ERROR,
    MALFORMED,
    SLOW
  }

  static Draw of(Behaviour behaviour, String fingerprint, int call) {
    var random = new SplittableRandom(mix(behaviour.seed(), fingerprint, call));
    double gauss = random.nextGaussian();
    double pick = random.nextDouble();
    boolean mistaken = random.nextDouble() < behaviour.rates().wrong();
    Fault fault = fault(behaviour.rates(), pick);
    double factor = Math.exp(gauss * behaviour.latencySpread());
    if (fault == Fault.SLOW) {
      factor *= behaviour.slowFactor();
    }
    var latency = Duration.ofNanos((long) (behaviour.medianLatency().toNanos() * factor));
    return new Draw(latency, fault, mistaken, random.nextInt(Integer.MAX_VALUE));
  }

  <T> T oneOf(List<T> ways) {
    return ways.get(choice % ways.size());
  }

  private static Fault fault(FaultRates rates, double pick) {
    double limit = rates.rateLimited();
    if (pick < limit) {
      return Fault.RATE_LIMITED;
    }
    limit += rates.serverError();
    if (pick < limit) {
      return Fault.SERVER_ERROR;
    }
    limit += rates.malformed();
    if (pick < limit) {
      return Fault.MALFORMED;
    }
    limit += rates.slow();
    return pick < limit ? Fault.SLOW : Fault.NONE;
  }

  private static long mix(long seed, String fingerprint, int call) {
    var crc = new CRC32C();
    crc.update(fingerprint.getBytes(StandardCharsets.UTF_8));
    long mixed = seed * 0x9E3779B97F4A7C15L + crc.getValue();
    mixed = mixed * 0xD1B54A32D192ED03L + fingerprint.hashCode();
    return mixed * 0x9E3779B97F4A7C15L + call;
  }
}
