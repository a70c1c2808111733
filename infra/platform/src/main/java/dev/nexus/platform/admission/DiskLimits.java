package dev.nexus.platform.admission;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.util.Optional;

/// When a disk has too little room for new work. What is under way needs some to end, so work is
/// refused before the last of it is gone.
///
/// @param reserve bytes that stay free
/// @param limit bytes the log may have; 0 for any number
public record DiskLimits(long reserve, long limit) {
  private static final long MEBIBYTE = 1 << 20;

  public static DiskLimits of(Settings settings) {
    return new DiskLimits(
        (long) settings.number(Setting.DISK_RESERVE_MB) << 20,
        (long) settings.number(Setting.LOG_LIMIT_MB) << 20);
  }

  /// What was measured.
  ///
  /// @param place the fullest of the directories
  /// @param free its free bytes
  /// @param log bytes of the topics of this installation
  public record Measured(String place, long free, long log) {}

  /// Why no new work is taken; empty when it is. Who refused takes work again with a tenth more
  /// room than it needed to begin refusing, so that it does not change its mind with every record.
  public Optional<String> shortage(Measured measured, boolean refusing) {
    long enough = refusing ? reserve + reserve / 10 : reserve;
    if (measured.free() < enough) {
      return Optional.of(
          measured.place()
              + " has "
              + measured.free() / MEBIBYTE
              + " MiB free, and new work is refused below "
              + reserve / MEBIBYTE
              + " MiB ("
              + Setting.DISK_RESERVE_MB.variable()
              + "): free some space");
    }
    long most = refusing ? limit - limit / 10 : limit;
    if (limit > 0 && measured.log() > most) {
      return Optional.of(
          "the log has "
              + measured.log() / MEBIBYTE
              + " MiB, and new work is refused above "
              + limit / MEBIBYTE
              + " MiB ("
              + Setting.LOG_LIMIT_MB.variable()
              + "): raise it, or wait until old records expire");
    }
    return Optional.empty();
  }
}
