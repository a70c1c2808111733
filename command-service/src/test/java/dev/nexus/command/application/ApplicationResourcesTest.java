package dev.nexus.command.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ApplicationResourcesTest {
  @Test
  void shouldReadAllFilesOfAnApplicationByTheirPathsInIt() {
    assertThat(ApplicationResources.files("/system/nexus.oracle"))
        .containsKey("app_definition.yaml")
        .allSatisfy((path, _) -> assertThat(path).doesNotStartWith("/"));
  }

  @Test
  void shouldNameADefinitionThatIsMissing() {
    assertThatThrownBy(() -> ApplicationResources.files("/system/nobody"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/system/nobody/app_definition.yaml");
  }
}
