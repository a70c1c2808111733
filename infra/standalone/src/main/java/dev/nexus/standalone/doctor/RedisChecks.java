package dev.nexus.standalone.doctor;

import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.RunFile;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Checks of the Redis that holds the projections.
final class RedisChecks {
  static final String CHECK = "redis";
  static final Duration PATIENCE = Duration.ofSeconds(5);

  /// The oldest that projections are tested with.
  private static final List<Integer> OLDEST = List.of(6, 2);

  /// Share of its memory from which on Redis is said to be nearly full.
  private static final double NEARLY = 0.9;

  private static final String KEEPS_ALL = "noeviction";

  private RedisChecks() {}

  /// Where Redis is; empty when none is named and no embedded one has to run.
  static Optional<String> url(Settings settings, Optional<RunFile> run) {
    Path home = settings.path(Setting.DATA_DIR).resolve("redis");
    if (run.isPresent() && Embedded.of(settings, run).redis()) {
      return EmbeddedRedis.urlOfStarted(home);
    }
    return settings.isSet(Setting.REDIS_URL)
        ? Optional.of(settings.text(Setting.REDIS_URL))
        : EmbeddedRedis.urlOfRunning(home);
  }

  /// A client that does not wait long.
  static RedisClient client(String url) {
    RedisURI uri = RedisURI.create(url);
    uri.setTimeout(PATIENCE);
    return RedisClient.create(uri);
  }

  /// What Redis says of itself, a `name:value` a line; throws `RedisException` when it is silent.
  static String told(String url) {
    try (RedisClient client = client(url);
        var connection = client.connect()) {
      return connection.sync().info();
    }
  }

  /// That it does not answer, for what was to be learnt of it.
  static Finding silent(String check, RedisException e, Embedded own) {
    return Finding.broken(
        check,
        (check.equals(CHECK) ? "does not answer: " : "is not told, as Redis does not answer: ")
            + reason(e),
        own.redis()
            ? "the platform starts it again when it has ended; if it does not, ./nexus down and"
                + " ./nexus up"
            : "start it or correct " + Setting.REDIS_URL.variable());
  }

  private static String reason(RedisException e) {
    Throwable cause = e.getCause();
    return e.getMessage() + (cause == null ? "" : ": " + cause.getMessage());
  }

  /// What is to be said of a Redis that answers.
  ///
  /// @param info what it says of itself
  /// @param here whether it is on this machine for sure
  static List<Finding> judged(String info, boolean here, Embedded own) {
    List<Finding> findings = new ArrayList<>();
    findings.add(version(value(info, "redis_version"), own));
    long limit = number(value(info, "maxmemory"));
    findings.add(eviction(value(info, "maxmemory_policy"), limit, own));
    findings.add(memory(number(value(info, "used_memory")), limit, here, own));
    return findings;
  }

  private static Finding version(String version, Embedded own) {
    String oldest = OLDEST.get(0) + "." + OLDEST.get(1);
    if (!version.matches("\\d+\\.\\d+.*")) {
      return Finding.doubtful(
          CHECK, "answers, and tells no version", "use Redis " + oldest + " or newer");
    }
    List<Integer> numbers =
        Arrays.stream(version.split("\\D", -1)).limit(2).map(Integer::valueOf).toList();
    boolean old =
        numbers.get(0) < OLDEST.get(0)
            || (numbers.get(0).equals(OLDEST.get(0)) && numbers.get(1) < OLDEST.get(1));
    return old
        ? Finding.broken(
            CHECK,
            "answers, version " + version + ", expected " + oldest + " or newer",
            "install Redis "
                + oldest
                + " or newer"
                + (own.redis()
                    ? " as redis-server, then ./nexus down and ./nexus up"
                    : ", or name one by " + Setting.REDIS_URL.variable()))
        : Finding.good(CHECK, "answers, version " + version);
  }

  /// What Redis throws out is missing in queries until the next rebuild.
  private static Finding eviction(String policy, long limit, Embedded own) {
    String check = CHECK + " eviction";
    if (policy.equals(KEEPS_ALL)) {
      return Finding.good(check, "maxmemory-policy is " + policy);
    }
    String detail =
        "maxmemory-policy is "
            + (policy.isEmpty() ? "not told" : policy)
            + ", expected "
            + KEEPS_ALL
            + ": with another one Redis throws projections out, and queries lack them unnoticed";
    String mend =
        own.mendRedis(
                "start it as it has to be",
                "redis-cli config set maxmemory-policy noeviction, and the same in redis.conf")
            + "; then ./nexus verify";
    return limit > 0 && !policy.isEmpty()
        ? Finding.broken(check, detail, mend)
        : Finding.doubtful(check, detail, mend);
  }

  private static Finding memory(long used, long limit, boolean here, Embedded own) {
    String check = CHECK + " memory";
    if (limit == 0) {
      return unlimited(check, Settings.inMebibytes(used) + " used, without a limit", here);
    }
    String detail = Settings.inMebibytes(used) + " used of " + Settings.inMebibytes(limit);
    String mend =
        own.mendRedis(
                "start it without a limit",
                "give Redis more memory (redis-cli config set maxmemory)")
            + ", or lower "
            + Setting.PROJECTED_EXECUTIONS.variable();
    if (used >= limit) {
      return Finding.broken(check, detail + ": what is new does not show in queries", mend);
    }
    return used >= NEARLY * limit
        ? Finding.doubtful(check, detail, mend)
        : Finding.good(check, detail);
  }

  /// A rebuild is measured against the memory of the machine then, which is seen from that machine
  /// only. Redis tells how much it has in all, and nothing of a limit of its container.
  private static Finding unlimited(String check, String detail, boolean here) {
    return here
        ? Finding.good(check, detail)
        : Finding.doubtful(
            check,
            detail
                + " (maxmemory), and not on this machine: a rebuild may begin that does not fit"
                + " there, and Redis be killed amid it",
            "redis-cli config set maxmemory, to two thirds at most of what its machine or container"
                + " may use, and the same in redis.conf");
  }

  private static String value(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static long number(String text) {
    return text.matches("\\d+") ? Long.parseLong(text) : 0;
  }
}
