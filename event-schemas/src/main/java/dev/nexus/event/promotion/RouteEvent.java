package dev.nexus.event.promotion;

import dev.nexus.event.Doc;
import dev.nexus.event.NameIds;
import dev.nexus.event.promotion.PromotionEvent.Candidate;
import dev.nexus.event.promotion.PromotionEvent.Subject;
import java.util.Optional;
import java.util.stream.Stream;

/// Who serves, on `nexus.routes` (compacted by component). A route holds for the identity it names
/// and for no other, so a changed prompt is never served by old code.
public sealed interface RouteEvent {

  record RouteSet(
      Subject subject,
      @Doc("Tier of the component, as in the state machine.") Stage stage,
      Candidate candidate,
      @Doc("Source of the code.") String source,
      @Doc("Share of calls that code serves, in thousandths.") int codePermille,
      @Doc("Share of model-served calls that code shadows, in thousandths.") int shadowPermille,
      @Doc("Share of code-served calls that the model audits, in thousandths.") int auditPermille,
      @Doc("Salt of the choice by execution id.") String salt)
      implements RouteEvent {
    private static final int ALL = 1000;

    /// Why nobody may be served by it; empty where it is a route. What was proven is the code with
    /// this hash, so other code under its name is none.
    public Optional<String> fault() {
      String hash = candidate.candidateHash();
      if (Stream.of(codePermille, shadowPermille, auditPermille).anyMatch(p -> p < 0 || p > ALL)) {
        return Optional.of(
            "shares of 0 to 1000 thousandths expected, found %d, %d and %d"
                .formatted(codePermille, shadowPermille, auditPermille));
      }
      return source.isEmpty() ? withoutCode(hash) : other(hash, NameIds.sha256(source));
    }

    private static Optional<String> withoutCode(String hash) {
      return hash.isEmpty()
          ? Optional.empty()
          : Optional.of("the source of the code " + hash + " expected, found none");
    }

    private static Optional<String> other(String hash, String found) {
      return hash.equals(found)
          ? Optional.empty()
          : Optional.of("source with the hash " + hash + " expected, found " + found);
    }
  }
}
