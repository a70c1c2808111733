package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.DefinitionStore.Change;
import dev.nexus.event.TenantId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionStoreTest {
  private static final TenantId TENANT = TenantId.DEFAULT;
  private static final Change CHANGE = new Change("key:abc", Instant.EPOCH, "Apply orders");

  @TempDir Path directory;

  @Test
  void shouldWriteAVersionThatNothingRefersToUntilItsBranchMoves() {
    // Given
    var store = new DefinitionStore(directory);
    var files = new TreeMap<>(Map.of("state/app_definition.yaml", "appId: orders\n"));

    // When
    String revision = store.write(TENANT, "orders", files, Optional.empty(), CHANGE);

    // Then
    assertThat(store.branch(TENANT, "orders")).isEmpty();
    assertThat(store.files(TENANT, "orders", revision)).isEqualTo(files);
    assertThat(store.move(TENANT, "orders", revision)).isTrue();
    assertThat(store.branch(TENANT, "orders")).contains(revision);
  }

  @Test
  void shouldWriteTheSameFilesOnce() {
    // Given
    var store = new DefinitionStore(directory);
    var files = new TreeMap<>(Map.of("a.yaml", "1", "dir/b.yaml", "2"));
    String first = store.write(TENANT, "orders", files, Optional.empty(), CHANGE);

    // When
    String second = store.write(TENANT, "orders", files, Optional.of(first), CHANGE);
    files.put("a.yaml", "3");
    String third = store.write(TENANT, "orders", files, Optional.of(first), CHANGE);

    // Then
    assertThat(second).isEqualTo(first);
    assertThat(third).isNotEqualTo(first);
    assertThat(store.files(TENANT, "orders", third)).containsEntry("a.yaml", "3");
  }

  @Test
  void shouldNotMoveToARevisionItDoesNotHave() {
    var store = new DefinitionStore(directory);

    assertThat(store.move(TENANT, "orders", "0".repeat(39) + "1")).isFalse();
    assertThat(store.branch(TENANT, "orders")).isEmpty();
  }
}
