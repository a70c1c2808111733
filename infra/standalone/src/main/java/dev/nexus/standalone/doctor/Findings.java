package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.host.RedisAddress;
import dev.nexus.standalone.log.LogSilentException;
import dev.nexus.standalone.run.RunFile;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;

/// Everything that `doctor` finds.
public final class Findings {
  private Findings() {}

  /// Looks at the machine and at the brokers and the Redis that are used. What runs is judged by
  /// what it runs with, not by what this shell would start it with.
  ///
  /// @param shell settings of whoever asks
  /// @param run the platform that runs on the data directory
  /// @param url where a service is said to answer; empty for none
  public static List<Finding> of(Settings shell, Optional<RunFile> run, String url)
      throws InterruptedException {
    return of(shell, run, url, "", Optional.empty());
  }

  /// The same.
  ///
  /// @param key of whoever asks there; empty for none
  /// @param user whose work the brokers are to allow; empty for that of whom the settings name
  public static List<Finding> of(
      Settings shell, Optional<RunFile> run, String url, String key, Optional<KafkaUser> user)
      throws InterruptedException {
    Settings settings = RunFile.reached(run, shell);
    Embedded own = Embedded.of(settings, run);
    List<Finding> findings = new ArrayList<>(SettingChecks.run(shell, run));
    findings.addAll(MachineChecks.run(settings, run, url, key));
    findings.addAll(SecretChecks.run(settings));
    findings.addAll(TraceChecks.run(settings));
    Optional<String> redis = RedisChecks.url(settings, run);
    if (redis.isPresent()) {
      try {
        String told = RedisChecks.told(redis.get());
        findings.addAll(RedisChecks.judged(told, RedisAddress.isHere(redis.get()), own));
      } catch (RedisException e) {
        findings.add(RedisChecks.silent(RedisChecks.CHECK, e, own));
        redis = Optional.empty(); // that it is silent is said once
      }
    }
    if (settings.isSet(Setting.KAFKA_BOOTSTRAP_SERVERS)) {
      findings.addAll(
          KafkaChecks.run(settings, run.isPresent(), own, AsUser.of(settings, user), redis));
    } else {
      findings.add(DiskChecks.ofDataDirectory(settings));
      if (run.isEmpty() && !url.isEmpty()) {
        findings.add(brokersUnknown(url));
      }
    }
    return findings;
  }

  private static Finding brokersUnknown(String url) {
    return Finding.doubtful(
        "kafka",
        "brokers of the service at "
            + url
            + ", their topics, grants and lags were not looked at: "
            + Setting.KAFKA_BOOTSTRAP_SERVERS.variable()
            + " does not say where they are",
        "set it, and what their user needs; with Docker Compose say in infra/compose"
            + " 'docker compose run --rm -e NEXUS_KEY cli doctor'");
  }

  /// One look that asks others.
  interface Look {
    List<Finding> now() throws ExecutionException, IOException, InterruptedException;
  }

  /// What is found, or that nobody says, or that what was said cannot be understood: one look that
  /// fails does not keep the others from being taken.
  static List<Finding> of(String check, Embedded own, Look look) throws InterruptedException {
    try {
      return look.now();
    } catch (ExecutionException e) {
      return List.of(untold(check, own, e.getCause() == null ? e : e.getCause()));
    } catch (KafkaException | LogSilentException e) {
      return List.of(untold(check, own, e));
    } catch (IOException | RuntimeException e) {
      return List.of(
          Finding.broken(
              check,
              "could not be looked at, and not because of the brokers: " + e,
              "mend what it names and look again; nothing is known of this meanwhile"));
    }
  }

  private static Finding untold(String check, Embedded own, Throwable why) {
    return Finding.broken(
        check,
        "the brokers do not tell it: " + why,
        own.mendBroker(
            "start its own broker again; nexus.log in its directory says what was wrong",
            "look at the brokers, and whether this user may describe their topics, groups and"
                + " settings (./nexus grants operator)"));
  }
}
