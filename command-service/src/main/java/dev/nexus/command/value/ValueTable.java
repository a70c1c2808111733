package dev.nexus.command.value;

import dev.nexus.command.value.ValueDecider.Occasion;
import dev.nexus.command.value.ValueState.Absent;
import dev.nexus.command.value.ValueState.Present;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.Json;
import dev.nexus.event.value.ValueEvent;
import dev.nexus.event.value.ValueEvent.RequestsDecided;
import dev.nexus.event.value.ValueEvent.ValueDeleted;
import dev.nexus.event.value.ValueEvent.ValueIncremented;
import dev.nexus.event.value.ValueEvent.ValueSet;
import dev.nexus.event.value.ValueLimits;
import dev.nexus.event.value.ValueRefusal;
import dev.nexus.event.value.ValueReplyEvent.ListReplied;
import dev.nexus.event.value.ValueReplyEvent.RefusedReplied;
import dev.nexus.event.value.ValueRequestEvent;
import dev.nexus.event.value.ValueRequestEvent.DeleteRequested;
import dev.nexus.event.value.ValueRequestEvent.GetRequested;
import dev.nexus.event.value.ValueRequestEvent.IncrementRequested;
import dev.nexus.event.value.ValueRequestEvent.ListRequested;
import dev.nexus.event.value.ValueRequestEvent.SetRequested;
import dev.nexus.topic.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All values of a partition: the fold of its facts. Used by one thread.
public final class ValueTable {
  /// Values of one application, by key.
  private static final class OfApplication {
    private final TreeMap<String, Present> values = new TreeMap<>();
    private long bytes;
  }

  private record Due(Instant at, String application, String key) {}

  private final Room.Limits limits;
  private final Map<String, OfApplication> applications = new HashMap<>();
  private final RecentAnswers answers = new RecentAnswers();

  private final TreeSet<Due> due =
      new TreeSet<>(
          Comparator.comparing(Due::at).thenComparing(Due::application).thenComparing(Due::key));

  /// Record keys of values that are gone, of which the log has yet something to remove.
  private final Set<String> gone = new LinkedHashSet<>();

  /// Newest time of a decision; none is made before it, whatever the clocks say.
  private Instant now = Instant.EPOCH;

  /// Place up to which an earlier owner may have decided requests, before it exclusively.
  private long again;

  public ValueTable(Room.Limits limits) {
    this.limits = limits;
  }

  /// Decides on a request; nothing changes before the fact is taken.
  ///
  /// @param place of the request in its partition
  public ValueDecision decide(Event<? extends ValueRequestEvent> request, long place, Instant at) {
    passTo(at);
    Envelope envelope = request.envelope();
    String application = Keys.values(envelope.tenantId(), envelope.appId());
    ValueRequestEvent body = request.body();
    return switch (body) {
      case ListRequested list -> list(application, list);
      case GetRequested(var key, _) -> decide(application, key, request, place);
      case SetRequested(var key, _, _, _, _) -> decide(application, key, request, place);
      case IncrementRequested(var key, _, _, _, _) -> decide(application, key, request, place);
      case DeleteRequested(var key, _, _) -> decide(application, key, request, place);
    };
  }

  private ValueDecision decide(
      String application, String key, Event<? extends ValueRequestEvent> request, long place) {
    OfApplication own = applications.get(application);
    Room room =
        own == null ? new Room(0, 0, limits) : new Room(own.values.size(), own.bytes, limits);
    return ValueDecider.decide(
        request.body(),
        new Occasion(
            state(application, key),
            room,
            answers.of(application, request.envelope().eventId().toString()),
            place,
            now));
  }

  /// When decisions are made now.
  public Instant now() {
    return now;
  }

  /// What there is under a key.
  public ValueState state(String application, String key) {
    OfApplication own = applications.get(application);
    Present present = own == null ? null : own.values.get(key);
    return present == null ? new Absent() : present;
  }

  /// Takes a fact, live and on replay alike.
  public void take(Event<ValueEvent> fact) {
    Envelope envelope = fact.envelope();
    now = later(now, envelope.occurredAt());
    String application = Keys.values(envelope.tenantId(), envelope.appId());
    switch (fact.body()) {
      case ValueSet(var key, _, _, _, _) -> change(application, key, fact.body());
      case ValueIncremented(var key, _, _, _, _, _) -> change(application, key, fact.body());
      case ValueDeleted(var key, _, _) -> change(application, key, fact.body());
      case RequestsDecided _ -> {}
    }
    Recorded.of(fact.body())
        .ifPresent(recorded -> answers.add(application, envelope.causationId(), recorded, now));
  }

  private void change(String application, String key, ValueEvent fact) {
    ValueState before = state(application, key);
    put(application, key, before, ValueFold.apply(before, fact));
  }

  private void put(String application, String key, ValueState before, ValueState after) {
    OfApplication own = applications.computeIfAbsent(application, _ -> new OfApplication());
    own.bytes += after.bytes() - before.bytes();
    if (before instanceof Present present && present.expires()) {
      due.remove(new Due(present.expiresAt(), application, key));
    }
    switch (after) {
      case Present present -> {
        own.values.put(key, present);
        gone.remove(recordKey(application, key));
        if (present.expires()) {
          due.add(new Due(present.expiresAt(), application, key));
        }
      }
      case Absent _ -> {
        own.values.remove(key);
        gone.add(recordKey(application, key));
        if (own.values.isEmpty()) {
          applications.remove(application);
        }
      }
    }
  }

  private static String recordKey(String application, String key) {
    return application + "/" + key;
  }

  /// Takes a record without content: the log says itself that a value is gone.
  public void takeRemoval(String recordKey) {
    int tenant = recordKey.indexOf('/');
    int application = recordKey.indexOf('/', tenant + 1);
    if (application > 0) {
      String key = recordKey.substring(application + 1);
      String owner = recordKey.substring(0, application);
      put(owner, key, state(owner, key), new Absent());
    }
    gone.remove(recordKey);
  }

  /// Requests before this place may have been decided already, and some of them answered without a
  /// fact: refused, or, where the power took the facts, applied. They are decided again, at their
  /// own times, so that they come out alike.
  public void decidesAgainBefore(long place) {
    again = place;
  }

  /// Lets values expire by a clock; it stands still while requests are yet to be decided again.
  ///
  /// @param next place of the next request
  public void letPass(Instant time, long next) {
    if (next >= again) {
      passTo(time);
    }
  }

  private void passTo(Instant time) {
    now = later(now, time);
    while (!due.isEmpty() && !now.isBefore(due.first().at())) {
      Due first = due.first();
      put(first.application(), first.key(), state(first.application(), first.key()), new Absent());
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  /// Some record keys of values that are gone and of which the log still has something.
  public List<String> gone(int most) {
    return gone.stream().limit(most).toList();
  }

  private ValueDecision list(String application, ListRequested request) {
    String instance = request.replyTo().replyInstance();
    var fault =
        Stream.of(
                ValueLimits.faultOfPrefix(request.keyPrefix()),
                ValueLimits.faultOfPrefix(request.afterKey()),
                ValueLimits.faultOfPage(request.pageSize()))
            .flatMap(Optional::stream)
            .findFirst();
    if (fault.isPresent()) {
      return new ValueDecision.Refused(
          new RefusedReplied(instance, ValueRefusal.INVALID.word(), fault.get(), 0, 0));
    }
    List<Present> found = new ArrayList<>();
    OfApplication own = applications.get(application);
    if (own != null) {
      String from =
          request.afterKey().compareTo(request.keyPrefix()) < 0
              ? request.keyPrefix()
              : request.afterKey();
      for (Present present : own.values.tailMap(from, true).values()) {
        if (!present.key().startsWith(request.keyPrefix()) || found.size() > request.pageSize()) {
          break;
        }
        if (!present.key().equals(request.afterKey())) {
          found.add(present);
        }
      }
    }
    boolean more = found.size() > request.pageSize();
    return new ValueDecision.Answered(
        new ListReplied(
            instance, json(found.subList(0, Math.min(found.size(), request.pageSize()))), more));
  }

  /// Keys need no escapes, by what they are made of.
  private static Json json(List<Present> values) {
    StringBuilder text = new StringBuilder("[");
    for (Present value : values) {
      text.append(text.length() > 1 ? "," : "")
          .append("{\"key\":\"")
          .append(value.key())
          .append("\",\"version\":")
          .append(value.version())
          .append(",\"expiresAt\":")
          .append(value.expiresAt().toEpochMilli())
          .append('}');
    }
    return new Json(text.append(']').toString());
  }

  /// Whether the other has the same values, and would answer the same requests as repeated.
  @Override
  public boolean equals(Object other) {
    return other instanceof ValueTable table
        && applications.keySet().equals(table.applications.keySet())
        && applications.keySet().stream()
            .allMatch(a -> values(a).equals(table.values(a)) && bytes(a) == table.bytes(a))
        && due.equals(table.due)
        && answers.equals(table.answers);
  }

  @Override
  public int hashCode() {
    return Objects.hash(applications.keySet(), due.size());
  }

  private Map<String, Present> values(String application) {
    return Objects.requireNonNull(applications.get(application)).values;
  }

  private long bytes(String application) {
    return Objects.requireNonNull(applications.get(application)).bytes;
  }
}
