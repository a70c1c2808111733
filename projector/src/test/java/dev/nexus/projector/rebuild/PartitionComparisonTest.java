package dev.nexus.projector.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When two views are the same: their fields may stand in any order, and all else is compared.
class PartitionComparisonTest {
  private static final String VIEW = "\napp orders\nstatus FAILED\nreason no\\nroom";

  @ParameterizedTest
  @ValueSource(strings = {VIEW, "\nreason no\\nroom\nstatus FAILED\napp orders"})
  void shouldTakeTheFieldsOfAViewInAnyOrder(String found) {
    assertThat(same(found)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        VIEW + "\nstatus FAILED", // twice
        "\nstatus RUNNING" + VIEW, // twice, and whoever reads it takes the right one
        "\napp orders\nstatus FAILED\nstatus DENIED", // twice, and one is missing
        "\napp orders\nstatus FAILED",
        "\napp orders\nstatus DENIED\nreason no\\nroom",
        "\napp \\orders\nstatus FAILED\nreason no\\nroom", // the same values, not as we write them
        "xapp orders\nstatus FAILED\nreason no\\nroom", // no view, as long as one
        ""
      })
  void shouldTakeNothingElseForTheSameView(String found) {
    assertThat(same(found)).isFalse();
  }

  private static boolean same(String found) {
    return PartitionComparison.sameView(MemoryStore.bytes(VIEW), MemoryStore.bytes(found));
  }
}
