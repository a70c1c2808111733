package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.standalone.run.RunFile;
import java.util.Optional;

/// Which servers are the platform's own. It starts, sets up and ends those itself, so nobody has
/// rights, properties or another address of them to mend: what helps is to start it again.
///
/// @param broker whether the broker that is looked at is the embedded one
/// @param redis whether Redis is
record Embedded(boolean broker, boolean redis) {
  private static final String AGAIN = "./nexus down and ./nexus up";

  /// Brokers and Redis that others run.
  static final Embedded NOTHING = new Embedded(false, false);

  /// Of the platform that runs; where none does, of the Redis that one left running.
  static Embedded of(Settings settings, Optional<RunFile> run) {
    return run.map(RunFile::addresses)
        .map(found -> new Embedded(found.ownBroker(), found.redisPort() != 0))
        .orElseGet(() -> new Embedded(false, !settings.isSet(Setting.REDIS_URL)));
  }

  /// What to do about the broker.
  ///
  /// @param own what a start of the platform does about it
  /// @param foreign what to do about brokers that others run
  String mendBroker(String own, String foreign) {
    return broker ? AGAIN + " " + own : foreign;
  }

  /// The same of Redis.
  String mendRedis(String own, String foreign) {
    return redis ? AGAIN + " " + own : foreign;
  }

  /// What to do about a part of the platform that does not work, or not enough.
  String mendPart(String own, String foreign) {
    return broker ? own : foreign;
  }
}
