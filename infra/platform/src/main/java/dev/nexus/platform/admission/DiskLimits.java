package dev.nexus.platform.admission;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.util.Optional;
import java.util.OptionalLong;

/// When a disk has too little room for new work. What is under way needs some to end, so work is
/// refused before the last of it is gone.
///
/// @param reserve bytes that stay free
/// @param limit bytes the log may have; 0 for any number
public record DiskLimits(long reserve, long limit) {
  public static DiskLimits of(Settings settings) {
    return new DiskLimits(
        (long) settings.number(Setting.DISK_RESERVE_MB) << 20,
        (long) settings.number(Setting.LOG_LIMIT_MB) << 20);
  }

  /// What was measured.
  ///
  /// @param place the fullest of the directories
  /// @param free its free bytes
  /// @param log bytes of the topics of this installation; empty when no brokers were asked
  public record Measured(String place, long free, OptionalLong log) {
    /// The fuller place of both, and what either knows of the log.
    Measured with(Measured other) {
      Measured fuller = other.free < free ? other : this;
      return new Measured(fuller.place, fuller.free, log.isPresent() ? log : other.log);
    }
  }

  /// Why no new work is taken; empty when it is, as far as was measured. Who refused takes work
  /// again with a tenth more
  /// room than it needed to begin refusing, so that it does not change its mind with every record.
  public Optional<String> shortage(Measured measured, boolean refusing) {
    long enough = refusing ? reserve + reserve / 10 : reserve;
    if (measured.free() < enough) {
      return Optional.of(
          measured.place()
              + " has "
              + Settings.inMebibytes(measured.free())
              + " free, and new work is refused below "
              + Settings.inMebibytes(reserve)
              + " ("
              + Setting.DISK_RESERVE_MB.variable()
              + "): free some space");
    }
    long most = refusing ? limit - limit / 10 : limit;
    long log = measured.log().orElse(0);
    if (limit > 0 && log > most) {
      return Optional.of(
          "the log has "
              + Settings.inMebibytes(log)
              + ", and new work is refused above "
              + Settings.inMebibytes(limit)
              + " ("
              + Setting.LOG_LIMIT_MB.variable()
              + "): raise it, or wait until old records expire");
    }
    return Optional.empty();
  }
}
