package dev.nexus.platform.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.topic.Topic;
import dev.nexus.wire.SchemaCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenSchemasTest {
  private static final int NEWEST = newest(Topic.EXECUTIONS);

  @TempDir Path directory;

  private static int newest(Topic topic) {
    return SchemaCatalog.released().newest(topic).orElseThrow().version();
  }

  private Settings settings() {
    return Settings.of(Map.of("NEXUS_DATA_DIR", directory.toString()));
  }

  private Path notes() {
    return directory.resolve("written-schemas");
  }

  private List<String> noted() throws IOException {
    try (Stream<Path> files = Files.list(notes())) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private void writtenByANewerVersion(String note) throws IOException {
    Files.createDirectories(notes());
    Files.createFile(notes().resolve(note));
  }

  @Test
  void shouldGoOnWithWhatThisVersionHasWritten() throws IOException {
    // Given
    WrittenSchemas.require(settings(), KafkaUser.PLATFORM);
    WrittenSchemas.note(settings(), KafkaUser.PLATFORM);
    List<String> first = noted();

    // When
    WrittenSchemas.require(settings(), KafkaUser.PLATFORM);
    WrittenSchemas.note(settings(), KafkaUser.PLATFORM);

    // Then
    assertThat(noted()).isEqualTo(first).contains("ExecutionEvent.v" + NEWEST);
  }

  @Test
  void shouldLookWhereAllProcessesDo() throws IOException {
    // Given
    Path shared = directory.resolve("shared");
    var settings =
        Settings.of(
            Map.of(
                "NEXUS_DATA_DIR", directory.resolve("own").toString(),
                "NEXUS_SHARED_DIR", shared.toString()));

    // When
    WrittenSchemas.note(settings, KafkaUser.SANDBOX_EXECUTOR);

    // Then it notes what it writes, and no more
    Path notes = shared.resolve("written-schemas");
    assertThat(notes.resolve("OutcomeEvent.v" + newest(Topic.OUTCOMES))).exists();
    assertThat(notes.resolve("ExecutionEvent.v" + NEWEST)).doesNotExist();
    assertThat(directory.resolve("own")).doesNotExist();
  }

  @Test
  void shouldRefuseWhatANewerVersionHasWritten() throws IOException {
    // Given
    writtenByANewerVersion("ExecutionEvent.v" + (NEWEST + 1));

    // Then whoever reads it says what was found and what to do, and changes nothing
    for (var user : List.of(KafkaUser.PLATFORM, KafkaUser.PROJECTOR, KafkaUser.COMMAND_SERVICE)) {
      assertThatThrownBy(() -> WrittenSchemas.require(settings(), user))
          .isInstanceOf(CannotGoOnException.class)
          .hasMessage(
              "a newer version of Nexus has written to nexus.executions: ExecutionEvent v%d, of"
                  + " which this version reads up to v%d: start the newer version again, or delete"
                  + " %s where the log it wrote is gone, too",
              NEWEST + 1, NEWEST, notes());
    }
    assertThat(noted()).containsExactly("ExecutionEvent.v" + (NEWEST + 1));
  }

  @Test
  void shouldStartWhatReadsNothingOfIt() throws IOException {
    // Given
    writtenByANewerVersion("ExecutionEvent.v" + (NEWEST + 1));
    writtenByANewerVersion("WhatNobodyKnowsEvent.v1");
    writtenByANewerVersion("ExecutionEvent.v2.old");

    // Then an upgrade that is half done can go on
    assertThatCode(() -> WrittenSchemas.require(settings(), KafkaUser.SANDBOX_EXECUTOR))
        .doesNotThrowAnyException();
  }
}
