package dev.nexus.platform.security;

import java.math.BigInteger;

/// Numbers as digits and letters only, so that a double click selects a whole key.
final class Base62 {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger RADIX = BigInteger.valueOf(62);

  private Base62() {}

  /// `number` in exactly `width` digits; it must fit.
  static String write(BigInteger number, int width) {
    char[] text = new char[width];
    BigInteger rest = number;
    for (int i = width - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(RADIX);
      text[i] = DIGITS.charAt(parts[1].intValue());
      rest = parts[0];
    }
    if (rest.signum() != 0) {
      throw new IllegalArgumentException(number.bitLength() + " bits do not fit " + width);
    }
    return new String(text);
  }

  static boolean isWritten(String text) {
    return text.chars().allMatch(c -> DIGITS.indexOf(c) >= 0);
  }
}
