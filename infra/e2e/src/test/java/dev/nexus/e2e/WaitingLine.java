package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.testkit.Eventually;
import java.util.HashSet;
import java.util.Set;

/// Executions of a line (`orderBy`) of which the first has its turn and cannot end, as the model
/// says nothing until this is closed: the others wait behind it through whatever happens meanwhile.
/// That they run in turn afterwards is looked at after every fault.
final class WaitingLine implements AutoCloseable {
  private final FaultRig rig;
  private final NewFacts facts;
  private Set<String> members = Set.of();

  WaitingLine(FaultRig rig) {
    this.rig = rig;
    this.facts = new NewFacts(rig.clients());
  }

  /// Returns when one has begun and the others wait.
  void begin() throws InterruptedException {
    rig.modelRoad().silence();
    members = rig.deliveries().orderPrompts();
    assertThat(members).hasSize(Deliveries.ORDERED_AT_ONCE);
    rig.alsoAccepted(members);
    Eventually.holds(FaultRig.RECOVERED_WITHIN, this::assertWaits);
  }

  /// One has begun, and all have their places.
  void assertWaits() {
    assertThat(facts.inLines()).as("executions in lines").containsAll(members);
    Set<String> begun = new HashSet<>(facts.begun());
    begun.retainAll(members);
    assertThat(begun).as("begun, of the line %s", members).hasSize(1);
  }

  @Override
  public void close() {
    rig.modelRoad().pass();
    facts.close();
  }
}
