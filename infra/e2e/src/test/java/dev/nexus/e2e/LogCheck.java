package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.standalone.run.Platform;
import dev.nexus.testkit.FactCheck;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Function;

/// What must be so after every fault: what `FactCheck` says of the facts, and `OracleCheck` of
/// evidence, decisions and routes; and the projections are the fold of the log.
final class LogCheck implements AutoCloseable {
  private static final Duration FOLDED_WITHIN = Duration.ofMinutes(2);

  private final Function<Duration, Verification> verification;
  private final FactCheck facts;
  private final OracleCheck oracle;

  LogCheck(Platform platform) {
    this(new Installation.Together(platform));
  }

  LogCheck(Installation installation) {
    this.verification = installation::verify;
    KafkaClients clients = new KafkaClients(installation.settings());
    this.facts = new FactCheck(clients);
    this.oracle = new OracleCheck(clients);
  }

  FactCheck facts() {
    return facts;
  }

  OracleCheck oracle() {
    return oracle;
  }

  /// Waits until everything on the log has ended, and looks at all of it.
  void assertNothingLostOrTwice(Collection<String> accepted) {
    assertNothingLostOrTwice(accepted, () -> {});
  }

  /// The same; waits until `also` holds too, which looks at the facts.
  void assertNothingLostOrTwice(Collection<String> accepted, Runnable also) {
    facts.awaitEnds(accepted, also);
    facts.assertNothingTwiceAndNoneMissing();
    oracle.assertNothingTwiceAndDecisionsFollow();
    Verification found = verification.apply(FOLDED_WITHIN);
    assertThat(found.differences()).isEmpty();
    assertThat(found.notCompared()).isEmpty();
  }

  @Override
  public void close() {
    facts.close();
  }
}
