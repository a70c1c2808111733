package dev.nexus.oracle.topology;

import dev.nexus.event.Json;
import dev.nexus.event.evidence.EvidenceEvent.Result;
import dev.nexus.oracle.evidence.Agreement;
import dev.nexus.oracle.topology.Call.CodeAnswer;
import java.util.Optional;

/// What an answer of code showed.
final class Comparison {
  private Comparison() {}

  /// Empty while the right answer is awaited; a declined input and an error need none.
  static Optional<Result> of(CodeAnswer code, Optional<Json> right, String comparator) {
    return switch (code) {
      case CodeAnswer.Declined _ -> Optional.of(Result.DEOPTED);
      case CodeAnswer.Failed _ -> Optional.of(Result.ERROR);
      case CodeAnswer.Answered(var output) ->
          right.map(expected -> Agreement.of(comparator, expected, output));
    };
  }
}
