package dev.nexus.projector.promotion;

import dev.nexus.event.Envelope;
import dev.nexus.event.evidence.EvidenceEvent;
import dev.nexus.event.evidence.EvidenceEvent.ComparisonCounted;
import dev.nexus.projector.store.Fact;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Key;
import dev.nexus.projector.store.Mutation;
import dev.nexus.projector.store.Views;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Folds `nexus.evidence`: for every candidate where its verdict stands, what was compared where,
/// and between which offsets the comparisons are.
public final class EvidenceFold implements Fold<EvidenceEvent> {
  /// Records are repeated after a crash of their writer at most, so shortly after each other.
  private static final int REMEMBERED = 10_000;

  private static final EventCodec<EvidenceEvent> CODEC =
      EventCodec.of(Topic.EVIDENCE, EvidenceEvent.class);

  @Override
  public EventCodec<EvidenceEvent> codec() {
    return CODEC;
  }

  @Override
  public int layout() {
    return 2;
  }

  @Override
  public void check(Fact<EvidenceEvent> fact) {
    switch (fact.event().body()) {
      case ComparisonCounted counted -> {
        Verdicts.requireKey(fact, counted.subject());
        Verdicts.require(counted.verdict());
      }
    }
  }

  @Override
  public List<Key> reads(Fact<EvidenceEvent> fact) {
    return List.of();
  }

  @Override
  public List<Mutation> fold(Fact<EvidenceEvent> fact, Views views) {
    Envelope envelope = fact.event().envelope();
    return switch (fact.event().body()) {
      case ComparisonCounted counted -> {
        var tenant = envelope.tenantId();
        String component = counted.subject().component();
        Key hash = PromotionNames.evidence(tenant, envelope.appId(), component);
        String prefix =
            counted.subject().identityDigest() + "/" + counted.candidate().candidateNumber() + "/";
        Map<String, String> fields = new TreeMap<>();
        fields.put(prefix + "candidateHash", counted.candidate().candidateHash());
        fields.put(prefix + "until", Long.toString(fact.offset() + 1));
        Verdicts.put(fields, prefix, counted.verdict());
        yield List.of(
            new Mutation.PutFields(hash, fields),
            new Mutation.PutOnce(hash, prefix + "from", text(fact.offset())),
            new Mutation.IncrementOnce(
                hash,
                prefix + "counted." + counted.phase() + "." + counted.result(),
                1,
                PromotionNames.evidenceSeen(tenant, envelope.appId(), component),
                envelope.eventId().toString(),
                fact.offset(),
                REMEMBERED));
      }
    };
  }

  private static ByteBuffer text(long number) {
    return ByteBuffer.wrap(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }
}
