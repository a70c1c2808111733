package dev.nexus.platform.security;

import dev.nexus.event.TenantId;
import dev.nexus.event.audit.AuditEvent.AccessDenied;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Which refusals are written one by one. Anyone who reaches a port can be refused as often as he
/// likes, and each record is kept for a year: so the first refusal of a kind is written at once,
/// equal ones within a second are counted in one record, and an address that is refused too often
/// is told to wait, which is counted too. Kinds beyond those that are told apart are counted in one
/// for each reason. Nothing is left out of the sum of the counts.
final class Denials {
  /// How long equal refusals are counted before the next of them is written.
  static final Duration WINDOW = Duration.ofSeconds(1);

  /// Refusals of one address that are looked at singly: at once, and a second from then on.
  static final int ADDRESS_BURST = 100;

  static final int ADDRESS_PER_SECOND = 10;

  /// Those of all addresses together.
  static final int BURST = 500;

  static final int PER_SECOND = 50;

  /// Addresses that are told apart.
  static final int MOST_ADDRESSES = 1_000;

  /// Stands for all addresses beyond those.
  static final String OTHER_ADDRESSES = "various";

  /// Kinds that are told apart. While the log takes none, each new one would stay here.
  static final int MOST_KINDS = 2_000;

  static final String TOO_OFTEN = "too-often";

  /// Refusals that differ in nothing of it are equal.
  ///
  /// @param what was tried, in words of ours: the template of a path
  record Kind(TenantId tenant, String actor, String what, String reason, String address) {}

  /// A record that is to be written now.
  record Due(Kind kind, AccessDenied denial) {}

  sealed interface Outcome {
    /// The caller writes it before he answers, and says so where that fails.
    record Write(Due due) implements Outcome {}

    /// It stands in a record that is written within a second.
    record Counted() implements Outcome {}

    /// It is counted too, and its address is to wait.
    record TooOften(Duration delay) implements Outcome {}
  }

  /// What is known of a kind.
  private static final class Entry {
    private final AccessDenied first;

    /// False until the log is asked to take one, and from when it did not.
    private boolean written;
    private long since;
    private int pending;

    Entry(AccessDenied first) {
      this.first = first;
    }

    boolean isOver(long now) {
      return !written || now - since >= WINDOW.toNanos();
    }

    Due due(Kind kind, long now) {
      var denial =
          new AccessDenied(
              first.action(), first.resource(), kind.reason(), kind.address(), pending);
      var due = new Due(kind, denial);
      since = now;
      pending = 0;
      return due;
    }
  }

  private final LongSupplier nanos;
  private final Map<Kind, Entry> entries = new LinkedHashMap<>();

  /// Until when the refusals of an address are paid for, at the rate that it has.
  private final Map<String, Long> paidUntil = new HashMap<>();

  private long allPaidUntil;

  Denials(LongSupplier nanos) {
    this.nanos = nanos;
    this.allPaidUntil = nanos.getAsLong();
  }

  /// Takes a refusal.
  ///
  /// @param what was tried, as in `Kind`
  synchronized Outcome take(TenantId tenant, String actor, String what, AccessDenied denial) {
    long now = nanos.getAsLong();
    String address = told(denial.remoteAddress());
    long own = later(paidUntil.getOrDefault(address, now), now);
    long all = later(allPaidUntil, now);
    long wait =
        Math.max(
            own - now - (ADDRESS_BURST - 1) * each(ADDRESS_PER_SECOND),
            all - now - (BURST - 1) * each(PER_SECOND));
    if (wait > 0) {
      countFlood(address, now);
      return new Outcome.TooOften(Duration.ofNanos(wait));
    }
    paidUntil.put(address, own + each(ADDRESS_PER_SECOND));
    allPaidUntil = all + each(PER_SECOND);
    Due one = kept(new Due(new Kind(tenant, actor, what, denial.reason(), address), denial));
    Entry entry = entries.computeIfAbsent(one.kind(), _ -> new Entry(one.denial()));
    entry.pending++;
    if (!entry.isOver(now)) {
      return new Outcome.Counted();
    }
    entry.written = true;
    return new Outcome.Write(entry.due(one.kind(), now));
  }

  /// What it is counted as: itself, or, beyond the kinds that are told apart, the one that stands
  /// for all others refused for the same reason.
  private Due kept(Due due) {
    if (entries.containsKey(due.kind()) || entries.size() < MOST_KINDS) {
      return due;
    }
    String reason = due.kind().reason();
    return new Due(
        new Kind(TenantId.DEFAULT, AuditTrail.ANONYMOUS, "", reason, OTHER_ADDRESSES),
        new AccessDenied("", "", reason, OTHER_ADDRESSES, due.denial().count()));
  }

  private void countFlood(String from, long now) {
    String address = paidUntil.containsKey(from) ? from : OTHER_ADDRESSES;
    Kind kind = new Kind(TenantId.DEFAULT, AuditTrail.ANONYMOUS, "", TOO_OFTEN, address);
    Due flood = kept(new Due(kind, new AccessDenied("", "", TOO_OFTEN, address)));
    Entry entry = entries.get(flood.kind());
    if (entry == null) {
      entry = new Entry(flood.denial());
      entry.written = true;
      entry.since = now;
      entries.put(flood.kind(), entry);
    }
    entry.pending++;
  }

  /// The log did not take it: the next of its kind is written at once.
  ///
  /// @param unanswered how many of those that it counts were not refused after all
  synchronized void failed(Due due, int unanswered) {
    Due one = kept(due);
    Entry entry = entries.computeIfAbsent(one.kind(), _ -> new Entry(one.denial()));
    entry.written = false;
    entry.pending += one.denial().count() - unanswered;
    if (entry.pending == 0) {
      entries.remove(one.kind());
    }
  }

  /// What was counted and is to be written now; forgets who is quiet again.
  synchronized List<Due> due() {
    long now = nanos.getAsLong();
    paidUntil.values().removeIf(until -> until - now <= 0);
    return take(now, false);
  }

  /// What was counted, whenever.
  synchronized List<Due> rest() {
    return take(nanos.getAsLong(), true);
  }

  private List<Due> take(long now, boolean all) {
    List<Due> due = new ArrayList<>(entries.size());
    for (Iterator<Map.Entry<Kind, Entry>> each = entries.entrySet().iterator(); each.hasNext(); ) {
      var next = each.next();
      Entry entry = next.getValue();
      if (entry.pending > 0 && (all || entry.isOver(now))) {
        due.add(entry.due(next.getKey(), now));
      } else if (entry.pending == 0 && entry.isOver(now)) {
        each.remove();
      }
    }
    return due;
  }

  private String told(String address) {
    return paidUntil.containsKey(address) || paidUntil.size() < MOST_ADDRESSES
        ? address
        : OTHER_ADDRESSES;
  }

  private static long each(int perSecond) {
    return Duration.ofSeconds(1).toNanos() / perSecond;
  }

  /// Times of a clock that may pass over.
  private static long later(long one, long other) {
    return one - other > 0 ? one : other;
  }
}
