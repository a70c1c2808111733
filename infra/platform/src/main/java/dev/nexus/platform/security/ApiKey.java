package dev.nexus.platform.security;

import dev.nexus.event.NameIds;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/// A key as its owner holds it: `nxs_live_<8 id>_<43 secret><6 checksum>`. The id is public and
/// finds the key, the secret is 256 random bits, and the checksum lets a scanner of leaked text
/// tell a key from noise without asking us.
public final class ApiKey {
  private static final String PREFIX = "nxs_live_";
  private static final int ID = 8;
  private static final int SECRET = 43;
  private static final int CHECKSUM = 6;
  private static final int SECRET_START = PREFIX.length() + ID + 1;
  private static final int LENGTH = SECRET_START + SECRET + CHECKSUM;
  private static final String HASH_KIND = "sha256$";

  private final String text;

  private ApiKey(String text) {
    this.text = text;
  }

  /// A new key; `random` must be cryptographically strong.
  public static ApiKey generate(RandomGenerator random) {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    BigInteger id = BigInteger.valueOf(random.nextLong(0, 218_340_105_584_896L));
    String unchecked =
        PREFIX + Base62.write(id, ID) + "_" + Base62.write(new BigInteger(1, secret), SECRET);
    return new ApiKey(unchecked + checksum(unchecked));
  }

  /// The key in a text, or empty when its shape or checksum is wrong.
  public static Optional<ApiKey> parse(String text) {
    if (text.length() != LENGTH
        || !text.startsWith(PREFIX)
        || text.charAt(SECRET_START - 1) != '_'
        || !Base62.isWritten(text.substring(PREFIX.length(), SECRET_START - 1))
        || !Base62.isWritten(text.substring(SECRET_START))) {
      return Optional.empty();
    }
    String unchecked = text.substring(0, LENGTH - CHECKSUM);
    return checksum(unchecked).equals(text.substring(LENGTH - CHECKSUM))
        ? Optional.of(new ApiKey(text))
        : Optional.empty();
  }

  /// The public part.
  public String keyId() {
    return text.substring(PREFIX.length(), SECRET_START - 1);
  }

  /// The whole key. Shown to its owner once, never stored and never logged.
  public String reveal() {
    return text;
  }

  /// What is stored instead of the key: `sha256$<hex>`. A fast hash is enough for 256 random bits.
  public String hash() {
    return HASH_KIND + NameIds.sha256(text);
  }

  /// Whether `stored` is the hash of this key, in a time that does not depend on where they differ.
  public boolean matches(String stored) {
    return MessageDigest.isEqual(
        hash().getBytes(StandardCharsets.US_ASCII), stored.getBytes(StandardCharsets.US_ASCII));
  }

  private static String checksum(String unchecked) {
    CRC32 crc = new CRC32();
    crc.update(unchecked.getBytes(StandardCharsets.US_ASCII));
    return Base62.write(BigInteger.valueOf(crc.getValue()), CHECKSUM);
  }

  /// Masked, so that a key cannot slip into a log.
  @Override
  public String toString() {
    return PREFIX + keyId() + "_***";
  }
}
