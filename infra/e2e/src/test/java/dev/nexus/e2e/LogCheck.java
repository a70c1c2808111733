package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.standalone.run.Platform;
import dev.nexus.testkit.FactCheck;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/// What must be so after every fault: what `FactCheck` says of the facts, `OracleCheck` of
/// evidence, decisions and routes, and `LetterCheck` of what was put aside; each truth that was
/// told is noted; and the projections are the fold of the log.
final class LogCheck implements AutoCloseable {
  private static final Duration FOLDED_WITHIN = Duration.ofMinutes(2);

  /// So many truths do not all come before their execution. Of a few that may be so: a write to
  /// `nexus.events` that failed is repeated, behind the truths about what it was to write.
  private static final int ENOUGH_TRUTHS = 5;

  private final Function<Duration, Verification> verification;
  private final FactCheck facts;
  private final OracleCheck oracle;
  private final LetterCheck letters;
  private final Set<String> corrected = new HashSet<>();

  /// Those of them that were looked at.
  private final Set<String> looked = new HashSet<>();

  LogCheck(Platform platform) {
    this(new Installation.Together(platform));
  }

  LogCheck(Installation installation) {
    this.verification = installation::verify;
    KafkaClients clients = new KafkaClients(installation.settings());
    this.facts = new FactCheck(clients);
    this.oracle = new OracleCheck(clients);
    this.letters = new LetterCheck(clients);
  }

  FactCheck facts() {
    return facts;
  }

  OracleCheck oracle() {
    return oracle;
  }

  LetterCheck letters() {
    return letters;
  }

  /// Executions that were told truths, by events.
  LogCheck corrected(Collection<String> executions) {
    corrected.addAll(executions);
    return this;
  }

  /// Waits until everything on the log has ended, and looks at all of it.
  void assertNothingLostOrTwice(Collection<String> accepted) {
    assertNothingLostOrTwice(accepted, () -> {});
  }

  /// The same; waits until `also` holds too, which looks at the facts.
  void assertNothingLostOrTwice(Collection<String> accepted, Runnable also) {
    facts.awaitEnds(
        accepted,
        () -> {
          assertTruthsAreNoted();
          also.run();
        });
    facts.assertNothingTwiceAndNoneMissing();
    letters.assertNoneUnprovoked(corrected, facts::requestOf);
    assertSomeTruthsAreFacts();
    oracle.assertNothingTwiceAndDecisionsFollow();
    Verification found = verification.apply(FOLDED_WITHIN);
    assertThat(found.differences()).isEmpty();
    assertThat(found.notCompared()).isEmpty();
  }

  /// What came too early can be had again by its letter, and nothing else may be missing.
  private void assertTruthsAreNoted() {
    Set<String> missing = new HashSet<>(corrected);
    missing.removeAll(facts.corrected());
    missing.removeAll(letters.early());
    assertThat(missing).as("told the right answer, which is not noted").isEmpty();
  }

  /// What came too early is the exception: of truths that were told since they were looked at last,
  /// some are facts. A few are looked at together with those that are told next.
  private void assertSomeTruthsAreFacts() {
    Set<String> told = new HashSet<>(corrected);
    told.removeAll(looked);
    if (told.size() >= ENOUGH_TRUTHS) {
      looked.addAll(told);
      assertThat(facts.corrected()).as("noted truths").containsAnyElementsOf(told);
    }
  }

  @Override
  public void close() {
    letters.close();
    facts.close();
  }
}
