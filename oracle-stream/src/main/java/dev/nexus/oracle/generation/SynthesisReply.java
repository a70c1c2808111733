package dev.nexus.oracle.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import java.util.ArrayList;
import java.util.List;

/// What the generator answered: `{"source": "…", "reads": ["repository.owner.type"]}`; `reads` is
/// optional.
public sealed interface SynthesisReply {

  record Code(String source, List<String> reads) implements SynthesisReply {
    public Code {
      reads = List.copyOf(reads);
    }
  }

  /// Nothing that could be tried, and why.
  record Useless(String reason) implements SynthesisReply {}

  static SynthesisReply parse(Json reply) {
    JsonNode body;
    try {
      body = CanonicalJson.read(reply);
    } catch (IllegalArgumentException e) {
      return new Useless("the generator answered no JSON");
    }
    JsonNode source = body.path("source");
    if (!source.isTextual() || source.asText().isBlank()) {
      return new Useless("the generator's answer has no text 'source'");
    }
    List<String> reads = new ArrayList<>();
    for (JsonNode path : body.path("reads")) {
      if (path.isTextual()) {
        reads.add(path.asText());
      }
    }
    return new Code(source.asText(), reads);
  }
}
