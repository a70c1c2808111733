package dev.nexus.platform.call;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.platform.call.Visible.ExecutionAt;
import dev.nexus.platform.call.Visible.VersionOf;
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
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signed names of what must be visible, for `?after=`. A token holds for the log it was given for:
/// after a new log (another cluster id) it is void.
public final class Tokens {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SIGNATURE = 16;
  private static final String EXECUTION = "e";
  private static final String VERSION = "v";

  private final byte[] key;
  private final Supplier<String> epoch;

  /// `epoch` is the id of the log; it is asked for when it is first needed.
  public Tokens(byte[] key, Supplier<String> epoch) {
    this.key = key.clone();
    this.epoch = epoch;
  }

  /// The signing key in the shared directory; made when it is missing.
  public static byte[] keyIn(Path directory) {
    Path file = directory.resolve("token.key");
    try {
      if (!Files.exists(file)) {
        create(directory, file);
      }
      return Base64.getDecoder().decode(Files.readString(file).strip());
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

  public String sign(Visible visible) {
    String text =
        switch (visible) {
          case ExecutionAt(var tenant, var execution, var sequence) ->
              String.join("|", EXECUTION, epoch.get(), tenant.value(), execution + "@" + sequence);
          case VersionOf(var tenant, var appId, var digest) ->
              String.join("|", VERSION, epoch.get(), tenant.value(), appId + "@" + digest);
        };
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(bytes) + "." + encoder.encodeToString(signature(bytes));
  }

  /// What the token names; empty when it was not signed here, belongs to another tenant or to
  /// another log.
  public Optional<Visible> verify(String token, TenantId tenant) {
    String[] halves = token.split("\\.", 2);
    if (halves.length != 2) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(halves[0]);
      byte[] signature = Base64.getUrlDecoder().decode(halves[1]);
      return MessageDigest.isEqual(signature, signature(bytes))
          ? read(new String(bytes, StandardCharsets.UTF_8)).filter(v -> v.tenant().equals(tenant))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Optional<Visible> read(String text) {
    String[] parts = text.split("\\|", 4);
    if (parts.length != 4 || !parts[1].equals(epoch.get())) {
      return Optional.empty();
    }
    TenantId tenant = new TenantId(parts[2]);
    int at = parts[3].lastIndexOf('@');
    String name = parts[3].substring(0, at);
    String state = parts[3].substring(at + 1);
    return switch (parts[0]) {
      case EXECUTION ->
          Optional.of(new ExecutionAt(tenant, ExecutionId.parse(name), Long.parseLong(state)));
      case VERSION -> Optional.of(new VersionOf(tenant, name, state));
      default -> Optional.empty();
    };
  }

  private byte[] signature(byte[] bytes) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return Arrays.copyOf(mac.doFinal(bytes), SIGNATURE);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is part of every Java runtime", e);
    }
  }
}
