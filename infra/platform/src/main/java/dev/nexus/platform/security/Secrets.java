package dev.nexus.platform.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Secrets by reference: a name is a file in the directory of secrets, or the variable
/// `NEXUS_SECRET_<NAME>` of the environment; `file:NAME` and `env:NAME` say which. Events carry the
/// reference, never the secret.
public final class Secrets {
  /// What a reference looks like.
  public static final String EXPECTED =
      "the name of a secret (letters, digits, '_', '-', '.'), or env:NAME or file:NAME";

  private static final Pattern REFERENCE = Pattern.compile("(?:(env|file):)?(\\w[\\w.-]{0,127})");

  private final Map<String, String> environment;
  private final Path directory;

  public Secrets(Map<String, String> environment, Path directory) {
    this.environment = Map.copyOf(environment);
    this.directory = directory;
  }

  public static boolean isReference(String text) {
    return REFERENCE.matcher(text).matches();
  }

  /// The secret, without a line end; throws `IllegalStateException` that says what to provide.
  public String resolve(String reference) {
    Matcher matcher = REFERENCE.matcher(reference);
    if (!matcher.matches()) {
      throw new IllegalStateException("expected " + EXPECTED + ", found '" + reference + "'");
    }
    String name = matcher.group(2);
    return switch (matcher.group(1)) {
      case "env" -> variable(name);
      case "file" -> file(name);
      case null, default -> named(name);
    };
  }

  /// Why there is no such secret, and what to provide; empty when there is one.
  public Optional<String> missing(String reference) {
    try {
      resolve(reference);
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private String named(String name) {
    String variable = "NEXUS_SECRET_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    if (Files.exists(directory.resolve(name))) {
      return file(name);
    }
    if (environment.getOrDefault(variable, "").isEmpty()) {
      throw new IllegalStateException(
          "secret "
              + name
              + " is missing: write it to the secrets directory or export "
              + variable);
    }
    return variable(variable);
  }

  private String variable(String name) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException("secret env:" + name + " is not set: export " + name);
    }
    return value;
  }

  private String file(String name) {
    try {
      String value = Files.readString(directory.resolve(name), StandardCharsets.UTF_8).strip();
      if (value.isEmpty()) {
        throw new IllegalStateException(
            "secret file:" + name + " is empty: write the secret to it");
      }
      return value;
    } catch (NoSuchFileException e) {
      throw new IllegalStateException(
          "secret file:" + name + " is missing: write it to the secrets directory", e);
    } catch (IOException e) {
      throw new IllegalStateException("secret file:" + name + " cannot be read", e);
    }
  }
}
