package dev.nexus.command.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.Position;
import dev.nexus.topic.Topic;
import org.junit.jupiter.api.Test;

class ReachTest {
  private static Position at(Topic topic, long offset) {
    return new Position(topic.topicName(), 0, offset);
  }

  /// One whose facts name a request before what the topic has.
  private static Reach recovered() {
    Reach reach = new Reach();
    reach.decidedFrom(at(Topic.REQUESTS, 3));
    assertThat(reach.bound(Topic.REQUESTS, 0, 10)).isEqualTo(4);
    assertThat(reach.bound(Topic.OUTCOMES, 0, 70)).isZero();
    return reach;
  }

  @Test
  void shouldTellWhatAnotherMayHaveReadFromWhatIsNew() {
    Reach reach = recovered();
    assertThat(reach.backlog(at(Topic.REQUESTS, 9))).isTrue();
    assertThat(reach.backlog(at(Topic.REQUESTS, 10))).isFalse();

    reach.read(Topic.REQUESTS, 10);
    assertThat(reach.backlog(at(Topic.REQUESTS, 10))).isFalse();
  }

  @Test
  void shouldSayWhichRequestComesAfterAllThatAnybodyMayHaveRead() {
    // While it reads what was there
    Reach reach = recovered();
    assertThat(reach.nextRequest(Position.NONE)).isEqualTo(10);
    assertThat(reach.nextRequest(at(Topic.REQUESTS, 4))).isEqualTo(10);
    assertThat(reach.nextRequest(at(Topic.OUTCOMES, 50))).isEqualTo(10);

    // And behind that
    reach.read(Topic.REQUESTS, 11);
    assertThat(reach.nextRequest(Position.NONE)).isEqualTo(12);
    assertThat(reach.nextRequest(at(Topic.OUTCOMES, 71))).isEqualTo(12);
    assertThat(reach.nextRequest(at(Topic.REQUESTS, 12))).isEqualTo(13);
  }
}
