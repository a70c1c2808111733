package dev.nexus.platform.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Secrets by reference: a name is a file in the directory of secrets, or the variable
/// `NEXUS_SECRET_<NAME>` of the environment; `file:NAME` and `env:NEXUS_SECRET_NAME` say which.
/// Whoever may apply writes references and is told whether their secrets are there, so none leads
/// to another file or variable: what else a process was given is no matter of a definition. Events
/// carry the reference, never the secret.
public final class Secrets {
  /// How the name of every variable begins that is a secret.
  private static final String PREFIX = "NEXUS_SECRET_";

  /// What a reference looks like.
  public static final String EXPECTED =
      "the name of a secret (letters, digits, '_', '-', '.'), or file:NAME or env:"
          + PREFIX
          + "NAME";

  private static final Pattern REFERENCE = Pattern.compile("(?:(env|file):)?(\\w[\\w.-]{0,127})");

  private final Map<String, String> environment;
  private final Path directory;

  public Secrets(Map<String, String> environment, Path directory) {
    this.environment = Map.copyOf(environment);
    this.directory = directory;
  }

  public static boolean isReference(String text) {
    return REFERENCE.matcher(text).matches() && nearest(text).isEmpty();
  }

  /// What may have been meant by a reference to a variable that is none of a secret; empty for any
  /// other text.
  public static List<String> nearest(String text) {
    Matcher matcher = REFERENCE.matcher(text);
    return matcher.matches()
            && "env".equals(matcher.group(1))
            && !matcher.group(2).startsWith(PREFIX)
        ? List.of("env:" + variableOf(matcher.group(2)))
        : List.of();
  }

  /// The secret, without a line end; throws `IllegalStateException` that says what to provide.
  public String resolve(String reference) {
    Matcher matcher = REFERENCE.matcher(reference);
    List<String> nearest = nearest(reference);
    if (!matcher.matches() || !nearest.isEmpty()) {
      throw new IllegalStateException(
          "expected "
              + EXPECTED
              + ", found '"
              + reference
              + "'"
              + (nearest.isEmpty() ? "" : "; did you mean " + nearest.getFirst() + "?"));
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
    String variable = variableOf(name);
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

  private static String variableOf(String name) {
    return PREFIX + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
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
