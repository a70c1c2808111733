package dev.nexus.executor.wasm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// That a language is the module which was tried here, byte by byte, and none that came in its
/// place under its name.
final class PinnedModule {
  private PinnedModule() {}

  /// @param name of a resource beside the class that loads the module
  /// @param expected SHA-256 of it
  static void check(String language, Class<?> loader, String name, String expected) {
    try (InputStream in = loader.getResourceAsStream(name)) {
      String found = in == null ? "none" : digest(in);
      if (!found.equals(expected)) {
        throw new IllegalStateException(
            language + " with SHA-256 " + expected + " expected, found " + found);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(InputStream in) throws IOException {
    try {
      var digesting = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
      digesting.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
