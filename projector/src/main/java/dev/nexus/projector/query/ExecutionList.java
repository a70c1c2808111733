package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.projector.execution.ExecutionNames;
import dev.nexus.projector.execution.ExecutionStatus;
import dev.nexus.projector.execution.ExecutionView;
import dev.nexus.projector.metric.ComponentNames;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Slot;
import dev.nexus.topic.Topic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Executions in lists, newest first. Every partition has its own list; they are merged here.
public final class ExecutionList {
  private static final int PAGE = 100;

  /// A question that finds little among much ends here and goes on with the cursor.
  private static final int LOOKED_AT = 5_000;

  private final ProjectionReads reads;

  public ExecutionList(ProjectionReads reads) {
    this.reads = reads;
  }

  /// What is asked for; "" means any.
  record Filter(String app, String component, String status) {
    /// The lists that together hold everything asked for.
    List<Key> indexes(TenantId tenant, Set<String> components) {
      if (!component.isEmpty()) {
        return List.of(ExecutionNames.ofComponent(tenant, app, component));
      }
      if (!app.isEmpty()) {
        return components.stream()
            .map(name -> name.split("/", 2))
            .filter(parts -> parts[0].equals(app))
            .map(parts -> ExecutionNames.ofComponent(tenant, app, parts[1]))
            .toList();
      }
      return List.of(
          status.isEmpty() || status.equals(ExecutionStatus.SUCCEEDED.name())
              ? ExecutionNames.all(tenant)
              : ExecutionNames.ofStatus(tenant, ExecutionStatus.valueOf(status)));
    }

    boolean accepts(ExecutionView view) {
      return view.exists() && (status.isEmpty() || status.equals(view.status().name()));
    }
  }

  /// Where a page ended: everything after it in the order of the list.
  record Cursor(long acceptedAt, String executionId) {
    static final Cursor START = new Cursor(Long.MAX_VALUE, "");

    static Cursor parse(String text) {
      int at = text.indexOf('.');
      try {
        if (at > 0) {
          return new Cursor(Long.parseLong(text.substring(0, at)), text.substring(at + 1));
        }
      } catch (NumberFormatException e) {
        throw Problems.invalid("cursor", "the cursor of an answer", text);
      }
      throw Problems.invalid("cursor", "the cursor of an answer", text);
    }

    boolean isBefore(Entry entry) {
      return entry.acceptedAt() < acceptedAt
          || (entry.acceptedAt() == acceptedAt && entry.executionId().compareTo(executionId) < 0);
    }

    @Override
    public String toString() {
      return acceptedAt + "." + executionId;
    }
  }

  private record Entry(Slot slot, long acceptedAt, String executionId) {
    static final Comparator<Entry> NEWEST_FIRST =
        Comparator.comparingLong(Entry::acceptedAt).thenComparing(Entry::executionId).reversed();
  }

  ObjectNode list(TenantId tenant, Filter filter, Cursor after, int limit) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    var executions = answer.putArray("executions");
    List<Key> indexes =
        filter.indexes(tenant, reads.members(Topic.EXECUTIONS, ComponentNames.known(tenant)));
    List<Source> sources =
        reads.slots(Topic.EXECUTIONS).stream()
            .flatMap(slot -> indexes.stream().map(index -> new Source(slot, index, after)))
            .toList();
    Cursor last = after;
    int lookedAt = 0;
    while (executions.size() < limit && lookedAt < LOOKED_AT) {
      List<Entry> entries = take(sources, Math.min(PAGE, Math.max(limit, 20)));
      Map<Entry, ExecutionView> views = views(tenant, entries);
      for (Entry entry : entries) {
        if (executions.size() < limit) {
          last = new Cursor(entry.acceptedAt(), entry.executionId());
          Optional.ofNullable(views.get(entry))
              .filter(filter::accepts)
              .ifPresent(v -> executions.add(ExecutionQueries.summary(entry.executionId(), v)));
        }
      }
      lookedAt += entries.size();
      if (entries.isEmpty()) {
        return answer;
      }
    }
    answer.put("cursor", last.toString());
    return answer;
  }

  private static List<Entry> take(List<Source> sources, int count) {
    List<Entry> taken = new ArrayList<>(count);
    while (taken.size() < count) {
      Optional<Source> newest =
          sources.stream()
              .filter(source -> source.peek().isPresent())
              .min(Comparator.comparing(s -> s.peek().orElseThrow(), Entry.NEWEST_FIRST));
      if (newest.isEmpty()) {
        return taken;
      }
      taken.add(newest.get().next());
    }
    return taken;
  }

  private Map<Entry, ExecutionView> views(TenantId tenant, List<Entry> entries) {
    Map<Slot, List<Entry>> bySlot = new LinkedHashMap<>();
    entries.forEach(e -> bySlot.computeIfAbsent(e.slot(), s -> new ArrayList<>()).add(e));
    Map<Slot, List<Key>> keys = new LinkedHashMap<>();
    bySlot.forEach(
        (slot, own) ->
            keys.put(
                slot,
                own.stream().map(e -> ExecutionNames.summary(tenant, e.executionId())).toList()));
    Map<Entry, ExecutionView> views = new HashMap<>();
    reads
        .views(keys)
        .forEach(
            (slot, found) -> {
              List<Entry> own = bySlot.getOrDefault(slot, List.of());
              for (int i = 0; i < own.size(); i++) {
                views.put(own.get(i), new ExecutionView(found.get(i)));
              }
            });
    return views;
  }

  /// The list of one partition, read page by page.
  private final class Source {
    private final Slot slot;
    private final Key index;
    private final Cursor after;
    private final Deque<Entry> ahead = new ArrayDeque<>();
    private long read;
    private boolean ended;

    Source(Slot slot, Key index, Cursor after) {
      this.slot = slot;
      this.index = index;
      this.after = after;
    }

    Optional<Entry> peek() {
      while (ahead.isEmpty() && !ended) {
        var page = reads.downwards(slot, index, (double) after.acceptedAt(), read, PAGE);
        read += page.size();
        ended = page.size() < PAGE;
        page.stream()
            .map(
                one -> new Entry(slot, (long) one.getScore(), ProjectionReads.text(one.getValue())))
            .filter(after::isBefore)
            .forEach(ahead::add);
      }
      return Optional.ofNullable(ahead.peek());
    }

    Entry next() {
      return ahead.remove();
    }
  }
}
