package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Event;
import dev.nexus.event.PayloadReference;
import dev.nexus.projector.store.KeptFact;
import dev.nexus.projector.store.Slot;
import dev.nexus.wire.EventCodec;
import java.util.List;
import java.util.Optional;

/// Turns facts as Redis keeps them into JSON, with their place in the log.
final class KeptFacts {
  private final LogLookup log;

  KeptFacts(LogLookup log) {
    this.log = log;
  }

  /// Facts that stand one after the other.
  List<ObjectNode> json(Slot slot, EventCodec<?> codec, byte[] kept) {
    return KeptFact.parseAll(kept).stream().map(fact -> json(slot, codec, fact)).toList();
  }

  /// Whether one of these facts has this content by reference. What a caller wrote into a content
  /// of his own is no reference, whatever it reads like.
  boolean name(Slot slot, EventCodec<?> codec, byte[] kept, String sha256) {
    return KeptFact.parseAll(kept).stream()
        .flatMap(fact -> event(slot, codec, fact).stream())
        .flatMap(EventJson::contents)
        .flatMap(json -> PayloadReference.in(json).stream())
        .anyMatch(reference -> reference.sha256().equals(sha256));
  }

  private ObjectNode json(Slot slot, EventCodec<?> codec, KeptFact fact) {
    ObjectNode json = event(slot, codec, fact).map(EventJson::of).orElseGet(KeptFacts::deleted);
    ObjectNode place = json.putObject("position");
    place.put("topic", slot.topic());
    place.put("partition", slot.partition());
    place.put("offset", fact.offset());
    return json;
  }

  private Optional<Event<?>> event(Slot slot, EventCodec<?> codec, KeptFact fact) {
    return fact.wire().or(() -> log.record(slot, fact.offset())).map(codec::decode);
  }

  private static ObjectNode deleted() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", "Unavailable");
    json.put("reason", "too large to be kept, and the log no longer has it");
    return json;
  }
}
