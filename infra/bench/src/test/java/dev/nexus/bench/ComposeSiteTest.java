package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What somebody is told who has no images yet.
class ComposeSiteTest {
  @Test
  void shouldSayHowToGetImagesThatAreMissing() {
    assertThat(ComposeSite.missing(List.of("nexus/cli:0.1.0-snapshot", "redis:8-bookworm")))
        .startsWith("images are missing: nexus/cli:0.1.0-snapshot, redis:8-bookworm.")
        .contains("./nexus images", "docker pull", "infra/images/offline/offline.sh");
  }
}
