package dev.nexus.standalone.verb;

import dev.nexus.embedded.EmbeddedRedis;
import dev.nexus.embedded.LoopbackPorts;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.standalone.run.FailedStart;
import dev.nexus.standalone.run.RunFile;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Checks of the machine, the data directory and Redis.
final class MachineChecks {
  private static final int JAVA = 25;
  private static final long ENOUGH_DISK = 2L << 30;

  private MachineChecks() {}

  static List<Finding> run(Settings settings, Optional<RunFile> run) {
    Path data = settings.path(Setting.DATA_DIR);
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(dataDirectory(data, run));
    findings.add(
        disk(data, (long) settings.number(Setting.DISK_RESERVE_MB) << 20, run.isPresent()));
    findings.add(platform(data, run));
    if (run.isEmpty()) {
      FailedStart.read(data)
          .map(failed -> Finding.broken("last start", "failed: " + failed.problem(), failed.mend()))
          .ifPresent(findings::add);
      findings.add(port(settings, Setting.HTTP_PORT, true));
      findings.add(port(settings, Setting.GRPC_PORT, true));
      findings.add(port(settings, Setting.KAFKA_PORT, false));
    }
    redis(settings, data, run).ifPresent(findings::add);
    return findings;
  }

  private static Finding java() {
    int feature = Runtime.version().feature();
    String detail = Runtime.version() + " in " + System.getProperty("java.home");
    return feature == JAVA
        ? Finding.good("java", detail)
        : Finding.broken("java", detail, "run it with JDK " + JAVA);
  }

  private static Finding dataDirectory(Path data, Optional<RunFile> run) {
    if (!Files.exists(data)) {
      return Finding.good("data", data + " will be created");
    }
    if (!Files.isWritable(data)) {
      return Finding.broken("data", data + " is not writable", "make it writable for this user");
    }
    boolean key = OperatorKey.read(data).isPresent();
    return run.isEmpty() || key
        ? Finding.good("data", data.toString())
        : Finding.broken("data", "cli.key is missing in " + data, "restart the platform");
  }

  private static Finding disk(Path data, long reserve, boolean running) {
    Path place = data;
    while (place.getParent() != null && !Files.exists(place)) {
      place = place.getParent();
    }
    try {
      long free = Files.getFileStore(place).getUsableSpace();
      String detail = (free >> 20) + " MB free on " + place;
      if (free < reserve) {
        return Finding.broken(
            "disk",
            detail + ": new work is refused below " + (reserve >> 20) + " MB",
            "free some space, or set NEXUS_DISK_RESERVE_MB; Kafka stops when the disk is full");
      }
      if (running && free < reserve + reserve / 10) {
        return Finding.doubtful(
            "disk",
            detail
                + ": a platform that has refused new work goes on to until there are "
                + ((reserve + reserve / 10) >> 20)
                + " MB",
            "free some space, or set NEXUS_DISK_RESERVE_MB");
      }
      return free < ENOUGH_DISK
          ? Finding.doubtful("disk", detail, "free some space")
          : Finding.good("disk", detail);
    } catch (IOException e) {
      return Finding.doubtful("disk", "unknown: " + e.getMessage(), "look at " + place);
    }
  }

  private static Finding platform(Path data, Optional<RunFile> run) {
    if (run.isPresent()) {
      return Finding.good(
          "platform", "process " + run.get().pid() + " at " + run.get().addresses().http());
    }
    return RunFile.read(data).isPresent()
        ? Finding.doubtful(
            "platform", "ended without saying so", "'./nexus up' goes on where it was")
        : Finding.good("platform", "does not run");
  }

  private static Finding port(Settings settings, Setting setting, boolean needed) {
    int port = settings.number(setting);
    String name = "port " + setting.variable();
    if (port == 0 || LoopbackPorts.isFree(port)) {
      return Finding.good(name, port == 0 ? "any" : port + " is free");
    }
    return needed
        ? Finding.broken(
            name, port + " is in use", "stop what uses it or set " + setting.variable())
        : Finding.doubtful(name, port + " is in use", "the next free one will be taken");
  }

  private static Optional<Finding> redis(Settings settings, Path data, Optional<RunFile> run) {
    Optional<String> url =
        settings.isSet(Setting.REDIS_URL) && run.map(r -> r.addresses().redisPort()).orElse(0) == 0
            ? Optional.of(settings.text(Setting.REDIS_URL))
            : EmbeddedRedis.urlOfRunning(data.resolve("redis"));
    return url.map(MachineChecks::ping);
  }

  private static Finding ping(String url) {
    try (RedisClient client = RedisClient.create(url);
        var connection = client.connect()) {
      String version =
          connection
              .sync()
              .info("server")
              .lines()
              .filter(l -> l.startsWith("redis_version:"))
              .findFirst()
              .orElse("redis_version:?");
      return Finding.good("redis", "answers, " + version.replace("redis_version:", "version "));
    } catch (RedisException e) {
      return Finding.broken(
          "redis", "does not answer: " + e.getMessage(), "start it or correct NEXUS_REDIS_URL");
    }
  }
}
