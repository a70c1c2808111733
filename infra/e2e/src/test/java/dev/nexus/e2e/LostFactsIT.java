package dev.nexus.e2e;

import static dev.nexus.e2e.Commands.HELLO;
import static dev.nexus.e2e.Commands.findings;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.e2e.Commands.Outcome;
import dev.nexus.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a person is told, and does, whose facts are gone with what followed from them.
class LostFactsIT {
  @RegisterExtension final OwnPlatform platform = new OwnPlatform();

  private final Path directory = platform.directory();
  private final Commands commands = platform.commands();

  @Test
  void shouldSayWhyTheRouterRefusesToGoOnAndWhatToDo() throws Exception {
    // Given facts that were deleted, and nothing that has what followed from them
    Outcome first = commands.up("--json");
    assertThat(commands.run("apply", HELLO).code()).isZero();
    commands.invoke("30s", "before-it-was-lost");
    deleteFacts(first.json().path("kafka").asText());
    assertThat(findings(commands.run("doctor", "--json")).get("snapshots").path("detail").asText())
        .contains("were deleted, and no snapshot of the router has what followed");
    assertThat(commands.run("down").code()).isZero();
    Files.move(directory.resolve("router"), directory.resolve("lost-router"));
    if (Files.exists(directory.resolve("snapshots"))) {
      Files.move(directory.resolve("snapshots"), directory.resolve("lost-snapshots"));
    }
    // When
    Outcome up = commands.run("up", "--detach");
    // Then what to do is in the one line it prints, and doctor knows it later
    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err().lines()).hasSize(1);
    assertThat(up.err())
        .startsWith("nexus: the facts of nexus.executions partition 0 before ")
        .contains("no snapshot has what followed from them: make " + directory)
        .contains("or set NEXUS_WITHOUT_SNAPSHOT=true");
    Outcome doctor = commands.run("doctor", "--json");
    assertThat(doctor.code()).isEqualTo(1);
    JsonNode last = findings(doctor).get("last start");
    assertThat(last.path("verdict").asText()).isEqualTo("broken");
    assertThat(last.path("detail").asText()).contains("were deleted, and no snapshot");
    assertThat(last.path("mend").asText()).contains("NEXUS_WITHOUT_SNAPSHOT=true");
    // When that is done
    commands.up(Map.of("NEXUS_WITHOUT_SNAPSHOT", "true"));
    // Then
    assertThat(findings(commands.run("doctor", "--json"))).doesNotContainKey("last start");
    assertThat(commands.run("down").code()).isZero();
    assertThat(findings(commands.run("doctor", "--json"))).doesNotContainKey("last start");
  }

  private static void deleteFacts(String brokers) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      var facts = new TopicPartition(Topic.EXECUTIONS.topicName(), 0);
      admin.deleteRecords(Map.of(facts, RecordsToDelete.beforeOffset(-1))).all().get();
    }
  }
}
