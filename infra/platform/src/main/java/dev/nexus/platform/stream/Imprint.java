package dev.nexus.platform.stream;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/// What tells a record of a partition from any other that may come to stand in its place once the
/// log has lost its end.
///
/// @param epoch of the broker's leadership in which it was written; negative when that is not known
/// @param digest of its key and its value, or the beginning of that
public record Imprint(long offset, int epoch, String digest) {
  private static final int UNKNOWN = -1;
  private static final int BYTES = 16;
  private static final int SHORT = 8;
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,18}) (-1|[0-9]{1,9}) ([0-9a-f]{" + 2 * BYTES + "})");

  /// Of a record that was read.
  public static Imprint of(ConsumerRecord<String, byte[]> record) {
    return new Imprint(
        record.offset(),
        record.leaderEpoch().orElse(UNKNOWN),
        digest(record.key(), record.value()));
  }

  /// Of a record that was written here, of which nobody says in which epoch.
  public static Imprint written(long offset, @Nullable String key, byte @Nullable [] value) {
    return new Imprint(offset, UNKNOWN, digest(key, value));
  }

  private static String digest(@Nullable String key, byte @Nullable [] value) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      if (key != null) {
        digest.update(key.getBytes(StandardCharsets.UTF_8));
      }
      digest.update((byte) (value == null ? 0 : 1));
      if (value != null) {
        digest.update(value);
      }
      return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// This one with the first eight characters of its digest, for texts that have to be short. It
  /// still fits its record; `read` does not take its `text`.
  public Imprint shortened() {
    return new Imprint(offset, epoch, digest.substring(0, SHORT));
  }

  /// Whether a record can be the one that left it.
  public boolean fits(ConsumerRecord<String, byte[]> record) {
    Imprint other = of(record);
    boolean sameEpoch = epoch == other.epoch || epoch < 0 || other.epoch < 0;
    return offset == other.offset && sameEpoch && other.digest.startsWith(digest);
  }

  /// What a consumer goes on from that has this record, with its epoch: told that one, it asks the
  /// broker at every newer one whether the log still reaches so far in it. That is right behind the
  /// record and no position further on: no records stand between the two, but maybe ends of
  /// transactions, which are of any epoch. Empty where the epoch is not known.
  public Optional<OffsetAndMetadata> behind() {
    return epoch < 0
        ? Optional.empty()
        : Optional.of(new OffsetAndMetadata(offset + 1, Optional.of(epoch), ""));
  }

  /// The form that is kept. `read` takes it, but not of one that was shortened.
  public String text() {
    return offset + " " + epoch + " " + digest;
  }

  /// Empty for a text of another form, as a newer version may write it.
  public static Optional<Imprint> read(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(
            new Imprint(
                Long.parseLong(form.group(1)), Integer.parseInt(form.group(2)), form.group(3)))
        : Optional.empty();
  }
}
