package dev.nexus.executor.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.executor.Samples;
import dev.nexus.executor.inbox.RunningTasks.End;
import dev.nexus.executor.work.AssignedTask;
import org.junit.jupiter.api.Test;

class RunningTasksTest {
  private final RunningTasks tasks = new RunningTasks();
  private final AssignedTask task = Samples.task("echo", "1");

  private void cancel(AssignedTask which) {
    tasks.cancel(which.envelope().executionId(), which.body().task(), "not wanted");
  }

  @Test
  void shouldInterruptWorkThatIsCancelled() {
    var running = tasks.begin(task);

    cancel(task);

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThat(tasks.end(running)).isEqualTo(End.CANCELLED);
    assertThat(Thread.interrupted()).as("the next task starts clean").isFalse();
  }

  @Test
  void shouldInterruptAllWorkOnATaskThatCameTwice() {
    var first = tasks.begin(task);
    var second = tasks.begin(task);

    cancel(task);

    assertThat(tasks.end(first)).isEqualTo(End.CANCELLED);
    assertThat(tasks.end(second)).isEqualTo(End.CANCELLED);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void shouldInterruptWhatGoesOnWhenOtherWorkOnTheSameTaskIsOver() {
    var first = tasks.begin(task);
    var second = tasks.begin(task);
    assertThat(tasks.end(second)).isEqualTo(End.NONE);

    cancel(task);

    assertThat(tasks.end(first)).isEqualTo(End.CANCELLED);
  }

  @Test
  void shouldLeaveOtherWorkAlone() {
    var running = tasks.begin(task);

    cancel(Samples.task("echo", "1"));

    assertThat(tasks.end(running)).isEqualTo(End.NONE);
  }

  @Test
  void shouldNotInterruptAThreadWhoseWorkIsOver() {
    var running = tasks.begin(task);
    tasks.end(running);

    cancel(task);
    running.interrupt(End.TIMED_OUT);

    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void shouldRememberACancellationThatComesFirst() {
    cancel(task);

    assertThat(tasks.isCancelled(task)).isTrue();
    var running = tasks.begin(task);
    assertThat(tasks.end(running)).isEqualTo(End.CANCELLED);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void shouldNotBeginWorkOfALaneThatHasEnded() {
    var before = tasks.begin(task);
    tasks.abandonAll();
    assertThat(tasks.end(before)).isEqualTo(End.ABANDONED);

    var after = tasks.begin(task);

    assertThat(after.unwanted()).isTrue();
    assertThat(tasks.end(after)).isEqualTo(End.ABANDONED);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void shouldKeepTheFirstReason() {
    var running = tasks.begin(task);

    running.interrupt(End.TIMED_OUT);
    cancel(task);

    assertThat(tasks.end(running)).isEqualTo(End.TIMED_OUT);
  }
}
