package dev.nexus.platform.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The settings of this process, checked when it is built: a wrong one ends the start with one
/// clear line.
public final class Settings {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  /// A task must be on its topic still when it is issued again.
  private static final Duration LONGEST_QUEUE = Duration.ofDays(1);

  /// Variables the command line and its script read.
  private static final Set<String> OF_THE_COMMAND_LINE =
      Set.of("NEXUS_URL", "NEXUS_KEY", "NEXUS_DEBUG", "NEXUS_AOT", "NEXUS_JAVA_OPTS", "NEXUS_JDKS");

  /// What follows one of these names a Kafka client property or a secret.
  private static final List<String> OPEN = List.of("NEXUS_KAFKA_", "NEXUS_SECRET_");

  private static final Set<Setting> ADDRESSES =
      Set.of(
          Setting.KAFKA_BOOTSTRAP_SERVERS,
          Setting.REDIS_URL,
          Setting.LLM_BASE_URL,
          Setting.OTLP_ENDPOINT);

  private final Map<String, String> values;

  private Settings(Map<String, String> values) {
    this.values = Map.copyOf(values);
    for (Setting setting : Setting.values()) {
      check(setting);
    }
  }

  /// Reads `NEXUS_*` entries of a map such as the environment; others are ignored.
  public static Settings of(Map<String, String> environment) {
    Map<String, String> own = new HashMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("NEXUS_")) {
            own.put(name, value.strip());
          }
        });
    return new Settings(own);
  }

  /// Variables that are named like settings and are none, so that a misspelt one is not just
  /// ignored; in alphabetical order.
  public List<String> unknown() {
    Set<String> known =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    return values.keySet().stream()
        .filter(name -> !known.contains(name) && !OF_THE_COMMAND_LINE.contains(name))
        .filter(name -> OPEN.stream().noneMatch(name::startsWith))
        .sorted()
        .toList();
  }

  /// What anybody on this machine may know of them, with defaults: no secrets, no addresses, which
  /// may carry a password, and no client properties.
  public Map<Setting, String> openly() {
    Map<Setting, String> open = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      if (setting.kind() != Setting.Kind.SECRET && !ADDRESSES.contains(setting)) {
        open.put(setting, text(setting));
      }
    }
    return open;
  }

  /// What all processes of an installation must have in common outside of Kafka and Redis.
  public Path sharedDirectory() {
    return path(isSet(Setting.SHARED_DIR) ? Setting.SHARED_DIR : Setting.DATA_DIR);
  }

  /// Whether this one was given, rather than left at its default.
  public boolean isGiven(Setting setting) {
    return values.containsKey(setting.variable());
  }

  /// A duration as settings say it, in the largest unit that leaves nothing over: `90s`, `30d`.
  public static String inWords(Duration duration) {
    long ms = duration.toMillis();
    if (ms == 0 || ms % 1_000 != 0) {
      return ms + "ms";
    }
    long seconds = ms / 1_000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  /// Bytes as settings say them, in whole MiB.
  public static String inMebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  /// These settings with one changed.
  public Settings with(Setting setting, String value) {
    Map<String, String> changed = new HashMap<>(values);
    changed.put(setting.variable(), value);
    return new Settings(changed);
  }

  public String text(Setting setting) {
    return values.getOrDefault(setting.variable(), setting.defaultValue());
  }

  public boolean isSet(Setting setting) {
    return !text(setting).isEmpty();
  }

  public int number(Setting setting) {
    return Integer.parseInt(text(setting));
  }

  public boolean flag(Setting setting) {
    return Boolean.parseBoolean(text(setting));
  }

  public Path path(Setting setting) {
    return Path.of(text(setting)).toAbsolutePath().normalize();
  }

  public Duration duration(Setting setting) {
    return parseDuration(setting, text(setting));
  }

  /// Kafka client properties: `NEXUS_KAFKA_SECURITY_PROTOCOL` is `security.protocol`.
  public Map<String, String> kafkaProperties() {
    Map<String, String> properties = new HashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith("NEXUS_KAFKA_")
              && !name.equals(Setting.KAFKA_PORT.variable())
              && !name.equals(Setting.KAFKA_TOPIC_PREFIX.variable())
              && !value.isEmpty()) {
            properties.put(
                name.substring("NEXUS_KAFKA_".length()).toLowerCase(Locale.ROOT).replace('_', '.'),
                value);
          }
        });
    return properties;
  }

  private void check(Setting setting) {
    String value = text(setting);
    switch (setting.kind()) {
      case TEXT, SECRET -> {}
      case PORT -> range(setting, value, 0, 65535);
      case COUNT -> range(setting, value, 1, Integer.MAX_VALUE);
      case LIMIT -> range(setting, value, 0, Integer.MAX_VALUE);
      case DURATION -> {
        if (parseDuration(setting, value).compareTo(LONGEST_QUEUE) > 0
            && setting == Setting.QUEUE_LIMIT) {
          throw wrong(setting, "at most " + inWords(LONGEST_QUEUE), value);
        }
      }
      case FLAG -> {
        if (!value.equals("true") && !value.equals("false")) {
          throw wrong(setting, "true or false", value);
        }
      }
      case URL -> {
        if (!value.isEmpty() && !Shapes.isUrl(value)) {
          String path = setting == Setting.LLM_BASE_URL ? "/v1" : "";
          throw wrong(
              setting, "http://host:port" + path, Shapes.withoutPassword(value), Shapes.url(value));
        }
      }
      case BROKERS -> {
        if (!Shapes.areBrokers(value)) {
          throw wrong(
              setting, "host:port, several with commas between", value, Shapes.brokers(value));
        }
      }
      case HEADERS -> {
        if (!Shapes.areHeaders(value)) {
          throw wrong(
              setting,
              "NAME=SECRET, several with commas between, where SECRET names a secret",
              Shapes.withoutSecrets(value));
        }
      }
      case PREFIX -> {
        if (!Shapes.isPrefix(value)) {
          throw wrong(
              setting,
              "at most 200 letters, digits, '.', '_' and '-'",
              value,
              Shapes.prefix(value));
        }
      }
    }
  }

  private static void range(Setting setting, String value, int low, int high) {
    try {
      int number = Integer.parseInt(value);
      if (number < low || number > high) {
        throw wrong(setting, "a number from " + low + " to " + high, value);
      }
    } catch (NumberFormatException e) {
      throw wrong(setting, "a number from " + low + " to " + high, value);
    }
  }

  private static Duration parseDuration(Setting setting, String value) {
    Matcher matcher = DURATION.matcher(value);
    if (!matcher.matches()) {
      throw wrong(setting, "a duration such as 500ms, 30s, 10m, 24h or 7d", value);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static InvalidSettingException wrong(Setting setting, String expected, String found) {
    return wrong(setting, expected, found, "");
  }

  /// @param meant a value that would do; "" when none is near
  private static InvalidSettingException wrong(
      Setting setting, String expected, String found, String meant) {
    return new InvalidSettingException(
        setting.variable()
            + ": expected "
            + expected
            + ", found '"
            + found
            + "'"
            + (meant.isEmpty() ? "" : "; did you mean " + meant + "?"));
  }
}
