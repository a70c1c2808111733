package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What somebody is told who has no images yet, and what is left to do for one who ends it early.
class ComposeSiteTest {
  @Test
  void shouldSayHowToGetImagesThatAreMissing() {
    assertThat(ComposeSite.missing(List.of("nexus/cli:0.1.0-snapshot", "redis:8-bookworm")))
        .startsWith("images are missing: nexus/cli:0.1.0-snapshot, redis:8-bookworm.")
        .contains("./nexus images", "docker pull", "infra/images/offline/offline.sh");
  }

  @Test
  void shouldPutNothingThereAfterItWasClosed() throws Exception {
    // Given
    var site = new ComposeSite(Map.of());

    // When
    site.close();

    // Then
    assertThatThrownBy(site::prepare)
        .isInstanceOf(IOException.class)
        .hasMessage("nothing is begun any more");
  }
}
