package dev.nexus.executor.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.sandbox.SandboxEvent.EndReason;
import dev.nexus.executor.container.PoolPlanner.Action;
import dev.nexus.executor.container.PoolPlanner.Action.Begin;
import dev.nexus.executor.container.PoolPlanner.Action.End;
import dev.nexus.executor.container.PoolView.Member;
import dev.nexus.executor.container.PoolView.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoolPlannerTest {
  private static final Duration OLD = PoolPlanner.IDLE_KEPT.plusSeconds(1);
  private static final Duration LATE = PoolPlanner.PATIENCE;
  private static final Duration YOUNG = Duration.ofMillis(1);

  private static Member idle(String name, Duration since) {
    return new Member(name, State.IDLE, 1, since);
  }

  private static Member busy(String name) {
    return new Member(name, State.BUSY, 1, Duration.ZERO);
  }

  private static Member starting(String name) {
    return new Member(name, State.STARTING, 0, Duration.ZERO);
  }

  private static List<Action> plan(
      int least, int most, int waiting, Duration oldest, Member... members) {
    return PoolPlanner.plan(
        new PoolView(least, most, 16, List.of(members), waiting, oldest, false));
  }

  @Test
  void shouldDoNothingForAPoolThatNobodyWants() {
    assertThat(plan(0, 4, 0, Duration.ZERO)).isEmpty();
  }

  @Test
  void shouldKeepTheLeast() {
    assertThat(plan(2, 4, 0, Duration.ZERO)).containsExactly(new Begin(), new Begin());
    assertThat(plan(2, 4, 0, Duration.ZERO, starting("a"), idle("b", OLD))).isEmpty();
  }

  @Test
  void shouldBeginAtOnceForTheFirstCallOfAnEmptyPool() {
    assertThat(plan(0, 4, 1, Duration.ZERO)).containsExactly(new Begin());
  }

  @Test
  void shouldLetACallWaitAMomentForABusyInstance() {
    assertThat(plan(0, 4, 1, YOUNG, busy("a"))).isEmpty();
    assertThat(plan(0, 4, 1, LATE, busy("a"))).containsExactly(new Begin());
  }

  @Test
  void shouldNotBeginTwiceForOneCall() {
    assertThat(plan(0, 4, 1, LATE, busy("a"), starting("b"))).isEmpty();
    assertThat(plan(0, 4, 2, LATE, busy("a"), starting("b"))).containsExactly(new Begin());
  }

  @Test
  void shouldNeverHaveMoreThanTheMostOrThanThereIsRoomFor() {
    assertThat(plan(0, 2, 9, LATE, busy("a"), busy("b"))).isEmpty();
    assertThat(PoolPlanner.plan(new PoolView(0, 8, 1, List.of(busy("a")), 5, LATE, false)))
        .containsExactly(new Begin());
  }

  @Test
  void shouldEndWhatIsIdleForLongAboveTheLeast() {
    assertThat(plan(1, 4, 0, Duration.ZERO, idle("a", OLD), idle("b", OLD.plusSeconds(1))))
        .containsExactly(new End("b", EndReason.IDLE));
  }

  @Test
  void shouldReplaceAnInstanceAfterItsShareOfCalls() {
    var worn = new Member("a", State.IDLE, PoolPlanner.CALLS_KEPT, YOUNG);
    assertThat(plan(1, 4, 0, Duration.ZERO, worn))
        .containsExactly(new End("a", EndReason.RECYCLED), new Begin());
  }

  @Test
  void shouldKeepNothingOfAPoolThatIsNotCurrent() {
    assertThat(
            PoolPlanner.plan(
                new PoolView(
                    0, 4, 16, List.of(idle("a", YOUNG), busy("b")), 0, Duration.ZERO, true)))
        .containsExactly(new End("a", EndReason.DRAINED));
    assertThat(PoolPlanner.plan(new PoolView(0, 4, 16, List.of(), 1, YOUNG, true)))
        .containsExactly(new Begin());
  }

  @Test
  void shouldConvergeFromWhateverThereIs() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      int most = 1 + random.nextInt(6);
      int least = random.nextInt(most + 1);
      List<Member> members = new ArrayList<>();
      for (int n = random.nextInt(10); n > 0; n--) {
        members.add(
            new Member(
                "m" + n,
                State.values()[random.nextInt(3)],
                random.nextInt(2) * PoolPlanner.CALLS_KEPT,
                random.nextBoolean() ? OLD : YOUNG));
      }
      // When it is planned, carried out, and every start and call ends, again and again
      for (int round = 0; round < 4; round++) {
        List<Action> actions =
            PoolPlanner.plan(
                new PoolView(least, most, 16, members, 0, Duration.ZERO, random.nextInt(9) == 0));
        int before = members.size();
        List<Member> after = new ArrayList<>();
        for (Member member : members) {
          boolean ends =
              actions.stream()
                  .anyMatch(a -> a instanceof End(var id, _) && id.equals(member.instance()));
          assertThat(ends && member.state() != State.IDLE).as("seed %d: ends work", seed).isFalse();
          if (!ends) {
            after.add(new Member(member.instance(), State.IDLE, 0, OLD));
          }
        }
        long begun = actions.stream().filter(Begin.class::isInstance).count();
        assertThat(after.size() + begun)
            .as("seed %d", seed)
            .isLessThanOrEqualTo(Math.max(most, before));
        for (long n = 0; n < begun; n++) {
          after.add(idle("n" + round + "-" + n, YOUNG));
        }
        members = after;
      }
      List<Member> settled = members;
      var last = new PoolView(least, most, 16, settled, 0, Duration.ZERO, false);
      int size =
          settled.size()
              + PoolPlanner.plan(last).stream().mapToInt(a -> a instanceof Begin ? 1 : -1).sum();
      assertThat(size).as("seed %d", seed).isBetween(least, most);
    }
  }
}
