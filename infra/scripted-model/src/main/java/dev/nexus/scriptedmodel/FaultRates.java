package dev.nexus.scriptedmodel;

/// How often the model misbehaves, each a share of calls between 0 and 1. These are set, not
/// measured: they say nothing about any real model.
///
/// @param wrong well-formed answers that are wrong
/// @param rateLimited 429 with `Retry-After`
/// @param serverError 500, 502 or 503
/// @param malformed answers that are no JSON, cut off, or lack a field
/// @param slow answers that take `slowFactor` times as long
public record FaultRates(
    double wrong, double rateLimited, double serverError, double malformed, double slow) {
  public static final FaultRates NONE = new FaultRates(0, 0, 0, 0, 0);
  public static final FaultRates DEFAULT = new FaultRates(0.03, 0.01, 0.005, 0.005, 0.005);

  public FaultRates {
    for (double rate : new double[] {wrong, rateLimited, serverError, malformed, slow}) {
      if (!(rate >= 0 && rate <= 1)) {
        throw new IllegalArgumentException("a rate is between 0 and 1, found " + rate);
      }
    }
    if (rateLimited + serverError + malformed + slow > 1) {
      throw new IllegalArgumentException("the rates of faults add up to more than 1");
    }
  }
}
