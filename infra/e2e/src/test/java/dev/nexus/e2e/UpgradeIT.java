package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.e2e.ServicesApart.Service;
import dev.nexus.platform.config.Settings;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.FaultReport;
import dev.nexus.testkit.TopicCursor;
import dev.nexus.topic.Topic;
import dev.nexus.wire.SchemaCatalog;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An installation of an earlier version becomes one of this version, a service after the other,
/// while it is called by every road: what was accepted by either ends once, and this version goes
/// on with the log, the shelf and the projections of that one.
@EnabledIfSystemProperty(named = "nexus.soak", matches = "true")
class UpgradeIT {
  /// Asked for before anything is started.
  @Order(1)
  @RegisterExtension
  static final BeforeAllCallback history = _ -> requireHistory();

  @Order(2)
  @RegisterExtension
  static final FaultRig rig = FaultRig.apart((settings, data, _) -> startEarlier(settings, data));

  /// Who reads facts comes before who writes them: earlier ones cannot read those of later ones.
  private static final List<Service> ORDER =
      List.of(
          Service.PROJECTOR,
          Service.ORACLE,
          Service.EXECUTOR,
          Service.GATEWAY,
          Service.COMMAND_SERVICE);

  private static void requireHistory() throws Exception {
    if (!EarlierVersion.isKnown()) {
      new FaultReport("UpgradeIT")
          .leaveOut("the history of this repository has no commit " + EarlierVersion.COMMIT);
    }
  }

  private static Installation startEarlier(Settings settings, Path data) throws Exception {
    return ServicesApart.startEarlier(EarlierVersion.build(), settings, data);
  }

  @Test
  void shouldLoseNothingWhileEachServiceIsUpgraded() throws Exception {
    // Given what the earlier version has written alone
    rig.callUntilAnswered("echo");
    assertThat(schemasOfFacts()).containsExactly(Topic.EXECUTIONS.schemaId(EarlierVersion.FACTS));

    // When
    rig.throughOnce("every service upgraded", UpgradeIT::upgrade);

    // Then both versions have written what was looked at
    assertThat(schemasOfFacts())
        .containsExactlyInAnyOrder(
            Topic.EXECUTIONS.schemaId(EarlierVersion.FACTS),
            SchemaCatalog.released().newest(Topic.EXECUTIONS).orElseThrow().id());
    // And the shelf and the projections are those of before
    assertThat(rig.services().log(Service.COMMAND_SERVICE)).content().doesNotContain("made anew");
    assertThat(rig.services().log(Service.PROJECTOR)).content().doesNotContain("older layout");
  }

  private static void upgrade() throws Exception {
    rig.publish();
    try (var tools = new ToolCalls(rig.services().url(Service.COMMAND_SERVICE), rig.key())) {
      for (Service service : ORDER) {
        rig.services().upgrade(service);
        rig.awaitMoreAnswers();
        int before = tools.executions().size();
        Eventually.value(
            FaultRig.RECOVERED_WITHIN, tools::executions, e -> e.size() > before, "a tool call");
      }
      rig.alsoAccepted(tools.finish());
    }
  }

  private static Set<Integer> schemasOfFacts() {
    Set<Integer> found = new HashSet<>();
    try (TopicCursor facts = new TopicCursor(rig.clients(), Topic.EXECUTIONS)) {
      facts.next().forEach(fact -> found.add(ByteBuffer.wrap(fact.value()).getInt(1)));
    }
    return found;
  }
}
