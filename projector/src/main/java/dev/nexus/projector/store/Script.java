package dev.nexus.projector.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The scripts Redis runs for us, each atomic. Called by digest; loaded where a server lacks them.
enum Script {
  APPLY("apply.lua"),
  BEGIN("begin.lua"),
  BEGIN_SHADOW("begin-shadow.lua"),
  TAKE_UP("take-up.lua"),
  GIVE_UP("give-up.lua"),
  FORGET_GIVEN_UP("forget-given-up.lua"),
  UNLINK_UNREAD("unlink-unread.lua");

  private final byte[] body;
  private final String digest;

  Script(String resource) {
    try (InputStream in = Script.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("script " + resource + " is missing from the build");
      }
      body = in.readAllBytes();
      digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-1 is part of every Java runtime", e);
    }
  }

  String digest() {
    return digest;
  }

  String body() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
