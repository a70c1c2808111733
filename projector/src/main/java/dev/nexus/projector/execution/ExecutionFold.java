package dev.nexus.projector.execution;

import dev.nexus.event.Envelope;
import dev.nexus.event.TenantId;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.event.execution.ExecutionEvent.ExecutionAccepted;
import dev.nexus.event.snapshot.Owner;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import dev.nexus.wire.RecordKey;
import dev.nexus.wire.RecordTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Folds `nexus.executions`: summaries, facts and lists of executions, and what is counted beside
/// them, all from one reading. A fact counts once, by its sequence.
public final class ExecutionFold implements Fold<ExecutionEvent> {
  private static final EventCodec<ExecutionEvent> CODEC =
      EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
  private static final String FINISHED = "finished";

  /// What else a fact that counts changes, given the summary before it.
  public interface Counting {
    List<Mutation> changes(ExecutionView before, Envelope envelope, ExecutionEvent fact);
  }

  private final int finishedKept;
  private final Counting counting;

  /// `finishedKept` newest finished executions of each partition are kept.
  public ExecutionFold(int finishedKept, Counting counting) {
    this.finishedKept = finishedKept;
    this.counting = counting;
  }

  @Override
  public EventCodec<ExecutionEvent> codec() {
    return CODEC;
  }

  @Override
  public int layout() {
    return Owner.PROJECTOR.layout();
  }

  /// The router folds a fact under the key of its record: it must be of no other execution here.
  @Override
  public void check(Fact<ExecutionEvent> fact) {
    Envelope envelope = fact.event().envelope();
    RecordKey.require(envelope.tenantId() + "/" + envelope.executionId(), fact.recordKey());
    RecordTime.require(envelope.occurredAt());
  }

  @Override
  public List<Key> reads(Fact<ExecutionEvent> fact) {
    Envelope envelope = fact.event().envelope();
    return List.of(
        ExecutionNames.PARTITION,
        ExecutionNames.summary(envelope.tenantId(), envelope.executionId()));
  }

  @Override
  public List<Mutation> fold(Fact<ExecutionEvent> fact, Views views) {
    Envelope envelope = fact.event().envelope();
    if (envelope.executionId().isEmpty() || envelope.sequence() == 0) {
      throw new IllegalArgumentException("a fact needs an execution and a sequence");
    }
    TenantId tenant = envelope.tenantId();
    ExecutionEvent event = fact.event().body();
    if (event.ofLine()) {
      return List.of();
    }
    Key summary = ExecutionNames.summary(tenant, envelope.executionId());
    var known = new ExecutionView(views.fields(summary));
    long finished = new ExecutionView(views.fields(ExecutionNames.PARTITION)).number(FINISHED);
    boolean evicted = isEvicted(known, finished);
    var view = evicted ? new ExecutionView(Map.of()) : known;
    if (envelope.sequence() <= view.sequence()) {
      return List.of(count(views, "repeated"));
    }
    if (!view.exists() && !(event instanceof ExecutionAccepted)) {
      return List.of(count(views, "late"));
    }
    List<Mutation> mutations = new ArrayList<>();
    if (evicted) {
      mutations.add(new Mutation.Forget(summary));
    }
    fold(fact, view, finished, mutations);
    mutations.addAll(counting.changes(view, envelope, event));
    return mutations;
  }

  private static Mutation count(Views views, String what) {
    long before = new ExecutionView(views.fields(ExecutionNames.PARTITION)).number(what);
    return new Mutation.PutView(ExecutionNames.PARTITION, Map.of(what, Long.toString(before + 1)));
  }

  /// Whether newer ones have finished in its place. Said by number, so that it does not depend on
  /// when exactly the store deletes it, or on who remembers it still.
  private boolean isEvicted(ExecutionView view, long finished) {
    return view.ordinal() > 0 && view.ordinal() + finishedKept <= finished;
  }

  private void fold(
      Fact<ExecutionEvent> fact, ExecutionView view, long finished, List<Mutation> mutations) {
    Envelope envelope = fact.event().envelope();
    TenantId tenant = envelope.tenantId();
    String id = envelope.executionId();
    Map<String, String> changed =
        ExecutionSummary.changes(view, envelope, fact.event().body(), finished + 1);
    mutations.add(new Mutation.PutView(ExecutionNames.summary(tenant, id), changed));
    Key facts = ExecutionNames.facts(tenant, id);
    mutations.add(
        view.exists()
            ? new Mutation.Append(facts, fact.kept())
            : new Mutation.PutBytes(facts, fact.kept()));
    if (fact.event().body() instanceof ExecutionAccepted accepted) {
      long at = envelope.occurredAt().toEpochMilli();
      Key component = ExecutionNames.ofComponent(tenant, envelope.appId(), accepted.component());
      mutations.add(new Mutation.Index(ExecutionNames.all(tenant), id, at));
      mutations.add(new Mutation.Index(component, id, at));
      mutations.add(new Mutation.Index(ExecutionNames.ofStatus(tenant, first(accepted)), id, at));
    } else if (changed.containsKey(ExecutionView.STATUS)) {
      move(view, ExecutionStatus.valueOf(changed.get(ExecutionView.STATUS)), tenant, id, mutations);
    }
    if (changed.containsKey(ExecutionView.ORDINAL)) {
      mutations.add(
          new Mutation.PutView(
              ExecutionNames.PARTITION, Map.of(FINISHED, Long.toString(finished + 1))));
      mutations.add(new Mutation.Finish(ExecutionNames.FINISHED, tenant + "/" + id, finishedKept));
    }
  }

  /// Where an execution stands at first.
  static ExecutionStatus first(ExecutionAccepted accepted) {
    return accepted.line().exists() ? ExecutionStatus.WAITING : ExecutionStatus.RUNNING;
  }

  /// Success is no list of its own: it is what nearly all come to.
  private static void move(
      ExecutionView view,
      ExecutionStatus status,
      TenantId tenant,
      String id,
      List<Mutation> mutations) {
    mutations.add(new Mutation.Unindex(ExecutionNames.ofStatus(tenant, view.status()), id));
    if (status != ExecutionStatus.SUCCEEDED) {
      mutations.add(
          new Mutation.Index(ExecutionNames.ofStatus(tenant, status), id, view.acceptedAt()));
    }
  }
}
