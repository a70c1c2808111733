package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.container.Engine.Found;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrphansTest {
  private static Found container(String id, String executor, String instance) {
    return new Found(
        id,
        Map.of(Engine.LABEL_EXECUTOR, executor, Engine.LABEL_INSTANCE, instance),
        !id.startsWith("dead"));
  }

  @Test
  void shouldFindWhatNobodyHas() {
    var mine = container("c1", "me", "known");
    var forgotten = container("c2", "me", "unknown");
    var others = container("c3", "other", "theirs");
    var orphan = container("c4", "gone", "lost");
    var stopped = container("dead5", "gone", "lost too");
    assertThat(
            Orphans.of(
                List.of(mine, forgotten, others, orphan, stopped),
                List.of("me", "other"),
                "me",
                List.of("known", "starting")))
        .containsExactly(forgotten, orphan, stopped);
  }
}
