package dev.nexus.executor.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.container.Engine.Found;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServiceReconciliationTest {
  private static Found found(String container, String executor, String instance) {
    return new Found(
        container,
        Map.of(
            "dev.nexus.executor",
            executor,
            "dev.nexus.instance",
            instance,
            "dev.nexus.service",
            "default/shop/agent"),
        true);
  }

  @Test
  void shouldRemoveWhatDeadExecutorsLeftAndWhatThisOneDoesNotKnow() {
    Found own = found("1", "me", "a");
    Found forgotten = found("2", "me", "b");
    Found ofAnother = found("3", "other", "c");
    Found ofADeadOne = found("4", "dead", "d");
    Found ofAPool = new Found("5", Map.of("dev.nexus.executor", "dead"), true);
    assertThat(
            ServiceReconciliation.orphans(
                List.of(own, forgotten, ofAnother, ofADeadOne, ofAPool),
                List.of("me", "other"),
                "me",
                Set.of("a")))
        .containsExactly(forgotten, ofADeadOne);
  }
}
