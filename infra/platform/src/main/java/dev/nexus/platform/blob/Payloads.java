package dev.nexus.platform.blob;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.PayloadReference;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps large JSON out of the log: an edge that takes content in puts it here when it is large and
/// writes a reference; an edge that needs content looks it up. What lies between passes references
/// on as it does any JSON.
///
/// Content is here, synced, before the event that names it is written, so an event on the log never
/// names what is not there. The other way round, content whose event was never written is collected
/// (`PayloadCollector`).
public final class Payloads {
  /// A tenant's size is counted on, and measured anew after this, as other processes add to it.
  private static final Duration MEASURED_EVERY = Duration.ofMinutes(1);

  private final BlobStore store;
  private final Clock clock;
  private final long largestInput;
  private final long largestOutput;
  private final long quota;
  private final Map<TenantId, Measured> sizes = new ConcurrentHashMap<>();

  private record Measured(long bytes, Instant at) {}

  public Payloads(Settings settings, Clock clock) {
    this(
        new BlobStore(directory(settings)),
        clock,
        settings.number(Setting.PAYLOAD_INPUT_BYTES),
        settings.number(Setting.PAYLOAD_OUTPUT_BYTES),
        (long) settings.number(Setting.PAYLOAD_QUOTA_MB) << 20);
  }

  /// @param largestInput bytes that an input may have in an event
  /// @param largestOutput bytes that an output may have: it stands in several events and in states
  /// @param quota bytes of a tenant
  Payloads(BlobStore store, Clock clock, long largestInput, long largestOutput, long quota) {
    this.store = store;
    this.clock = clock;
    this.largestInput = largestInput;
    this.largestOutput = largestOutput;
    this.quota = quota;
  }

  /// Where the installation keeps its payloads.
  static Path directory(Settings settings) {
    return settings.isSet(Setting.PAYLOAD_DIR)
        ? settings.path(Setting.PAYLOAD_DIR)
        : settings.sharedDirectory().resolve("payloads");
  }

  BlobStore store() {
    return store;
  }

  /// An input as an event carries it: itself, or a reference to it. Throws `QuotaExceededException`
  /// when the tenant has no room for it.
  ///
  /// @param content what somebody gave us, never a reference of ours
  public Json keepInput(TenantId tenant, Json content) {
    return keep(tenant, content, largestInput);
  }

  /// The same for an output.
  public Json keepOutput(TenantId tenant, Json content) {
    return keep(tenant, content, largestOutput);
  }

  /// Whether an output of this many characters stands in events itself, so that keeping it needs no
  /// disk.
  public boolean isSmall(Json json) {
    return json.text().length() * 3L <= largestOutput && !PayloadReference.isIn(json);
  }

  /// Content that only looks like a reference is kept too: a caller cannot name what is not his.
  private Json keep(TenantId tenant, Json content, long largest) {
    String text = content.text();
    if (text.length() * 3L <= largest && !looksLikeReference(text)) {
      return content;
    }
    if (text.getBytes(StandardCharsets.UTF_8).length <= largest && !looksLikeReference(text)) {
      return content;
    }
    byte[] bytes =
        CanonicalJson.write(CanonicalJson.read(content)).getBytes(StandardCharsets.UTF_8);
    String digest = NameIds.sha256(bytes);
    long grown = putWithinQuota(tenant, digest, bytes);
    sizes.computeIfPresent(tenant, (t, size) -> new Measured(size.bytes() + grown, size.at()));
    return new PayloadReference(digest, bytes.length).toJson();
  }

  private static boolean looksLikeReference(String text) {
    return text.length() < 1_000 && text.contains("$payload");
  }

  /// Looks first and writes then, so what is under way at one moment, here or in other processes
  /// of the installation, may pass the quota by its size. A lock would hold writes of a tenant up
  /// behind each other and bind this process only.
  private long putWithinQuota(TenantId tenant, String digest, byte[] bytes) {
    long used = size(tenant);
    if (used + bytes.length > quota && store.get(tenant, digest).isEmpty()) {
      throw new QuotaExceededException(
          "tenant "
              + tenant
              + " has "
              + used
              + " bytes of payloads and may have "
              + quota
              + ", "
              + bytes.length
              + " more do not fit: raise "
              + Setting.PAYLOAD_QUOTA_MB.variable());
    }
    return store.put(tenant, digest, bytes, clock.instant());
  }

  private long size(TenantId tenant) {
    Instant now = clock.instant();
    return sizes
        .compute(
            tenant,
            (t, known) ->
                known == null || isDue(known, now) ? new Measured(store.size(t), now) : known)
        .bytes();
  }

  /// A clock that was set back makes it due: else what is freed would be unknown for as long.
  private static boolean isDue(Measured known, Instant now) {
    return now.isBefore(known.at()) || known.at().plus(MEASURED_EVERY).isBefore(now);
  }

  /// The content itself. Throws `PayloadGoneException` when it is a reference to what is not here,
  /// or not as it was: that does not pass by itself. Throws `UncheckedIOException` when the disk
  /// does not give it, which may pass.
  public Json content(TenantId tenant, Json kept) {
    return PayloadReference.in(kept).map(reference -> whole(tenant, reference)).orElse(kept);
  }

  private Json whole(TenantId tenant, PayloadReference reference) {
    byte[] bytes =
        store
            .get(tenant, reference.sha256())
            .orElseThrow(() -> new PayloadGoneException(reference));
    if (!NameIds.sha256(bytes).equals(reference.sha256())) {
      throw PayloadGoneException.damaged(reference);
    }
    return new Json(new String(bytes, StandardCharsets.UTF_8));
  }
}
