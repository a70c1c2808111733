package dev.nexus.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/// Ids derived from names (UUIDv5, RFC 9562 §5.5): the same parts always give the same id, so a
/// record written twice is recognised.
public final class NameIds {
  private static final UUID NAMESPACE = UUID.fromString("6e657875-7300-5e00-8a00-000000000001");

  private NameIds() {}

  /// UUIDv5 of the parts; parts are length-prefixed, so ("a","bc") and ("ab","c") differ.
  public static UUID uuid5(String... parts) {
    MessageDigest sha1 = digest("SHA-1");
    sha1.update(bytes(NAMESPACE));
    for (String part : parts) {
      byte[] text = part.getBytes(StandardCharsets.UTF_8);
      sha1.update(ByteBuffer.allocate(4).putInt(text.length).array());
      sha1.update(text);
    }
    ByteBuffer hash = ByteBuffer.wrap(sha1.digest());
    long high = (hash.getLong() & ~0xF000L) | 0x5000L;
    long low = (hash.getLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    return new UUID(high, low);
  }

  /// Lower-case hexadecimal SHA-256 of UTF-8 text.
  public static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String sha256(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(digest("SHA-256").digest(bytes));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(algorithm + " is part of every Java runtime", e);
    }
  }

  private static byte[] bytes(UUID id) {
    return ByteBuffer.allocate(16)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }
}
