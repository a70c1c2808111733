package dev.nexus.platform.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What an installation signs with: HMAC-SHA-256 of a key that all its processes share, of which
/// the first 16 bytes are kept. Signed texts can be read by anybody and made by nobody else.
public final class SigningKey {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SIGNATURE = 16;

  private final byte[] key;

  public SigningKey(byte[] key) {
    this.key = key.clone();
  }

  /// The key in the shared directory; made when it is missing.
  public static SigningKey in(Path directory) {
    Path file = directory.resolve("token.key");
    try {
      if (!Files.exists(file)) {
        create(directory, file);
      }
      return new SigningKey(Base64.getDecoder().decode(Files.readString(file).strip()));
    } catch (IOException e) {
      throw new IllegalStateException("the token key " + file + " cannot be read or written", e);
    }
  }

  private static void create(Path directory, Path file) throws IOException {
    Files.createDirectories(directory);
    byte[] fresh = new byte[32];
    new SecureRandom().nextBytes(fresh);
    Path draft =
        Files.createTempFile(
            directory,
            "token",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(draft, Base64.getEncoder().encodeToString(fresh) + "\n");
    try {
      Files.createLink(file, draft);
      Files.delete(draft);
    } catch (FileAlreadyExistsException e) {
      Files.delete(draft);
    } catch (UnsupportedOperationException e) {
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// A key of its own for one purpose: what was signed for another does not count there.
  public SigningKey of(String purpose) {
    return new SigningKey(code(purpose.getBytes(StandardCharsets.UTF_8)));
  }

  /// The text and its signature, in characters of URLs.
  public String sign(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(bytes) + "." + encoder.encodeToString(signature(bytes));
  }

  /// The text that was signed; empty when it was not, or not with this key.
  public Optional<String> verify(String signed) {
    String[] halves = signed.split("\\.", 2);
    if (halves.length != 2) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(halves[0]);
      byte[] signature = Base64.getUrlDecoder().decode(halves[1]);
      return MessageDigest.isEqual(signature, signature(bytes))
          ? Optional.of(new String(bytes, StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private byte[] signature(byte[] bytes) {
    return Arrays.copyOf(code(bytes), SIGNATURE);
  }

  private byte[] code(byte[] bytes) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is part of every Java runtime", e);
    }
  }
}
