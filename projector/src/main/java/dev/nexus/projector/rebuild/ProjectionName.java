package dev.nexus.projector.rebuild;

import dev.nexus.projector.store.Fold;
import dev.nexus.topic.Topic;

/// What a person calls a projection: its topic without the common beginning, as in `executions`.
final class ProjectionName {
  private static final String COMMON = "nexus.";

  private ProjectionName() {}

  static String of(Fold<?> fold) {
    return of(fold.topic());
  }

  static String of(Topic topic) {
    return topic.topicName().substring(COMMON.length());
  }
}
