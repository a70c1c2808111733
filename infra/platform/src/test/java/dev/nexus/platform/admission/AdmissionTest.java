package dev.nexus.platform.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.TenantId;
import dev.nexus.platform.admission.BacklogView.Behind;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final String ACTOR = "key:abc";

  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);
  private Optional<String> diskShortage = Optional.empty();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final BacklogView backlog = new BacklogView(100, now::get);

  @Test
  void shouldLetABurstPassAndThenARequestATime() {
    // Given
    Admission admission = admission(10, 3);

    // Then
    for (int i = 0; i < 3; i++) {
      admission.count(TenantId.DEFAULT, ACTOR, 1);
    }
    assertThat(refusal(admission, 1).retryAfter()).isEqualTo(Duration.ofMillis(100));
    assertThatCode(() -> admission.count(TenantId.DEFAULT, "key:other", 1))
        .doesNotThrowAnyException();
    pass(Duration.ofMillis(100));
    admission.count(TenantId.DEFAULT, ACTOR, 1);
    assertThat(refusal(admission, 1).kind()).isEqualTo("rate-limited");
  }

  @Test
  void shouldRefuseEverythingNewWhileADiskIsFull() {
    // Given
    Admission admission = admission(0, 1);
    admission.refuseFull();

    // When
    diskShortage = Optional.of("/data has 3 MiB free");

    // Then
    Problem refused = admission.behind().orElseThrow();
    assertThat(refused.kind()).isEqualTo("disk-full");
    assertThat(refused.status().getCode()).isEqualTo(507);
    assertThat(refused.detail()).contains("/data has 3 MiB free");
    assertThatThrownBy(admission::refuseFull).isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> admission.admit(TenantId.DEFAULT, ACTOR))
        .isInstanceOf(ProblemException.class);

    // When
    diskShortage = Optional.empty();

    // Then
    assertThatCode(() -> admission.admit(TenantId.DEFAULT, ACTOR)).doesNotThrowAnyException();
  }

  @Test
  void shouldLetALargeBatchPassAndHaveItPaidOff() {
    // Given
    Admission admission = admission(10, 10);

    // When
    admission.count(TenantId.DEFAULT, ACTOR, 30);

    // Then
    assertThat(refusal(admission, 1).retryAfter()).isEqualTo(Duration.ofMillis(2_100));
    pass(Duration.ofMillis(2_100));
    admission.count(TenantId.DEFAULT, ACTOR, 1);
  }

  @Test
  void shouldSlowAStreamToTheRateOfItsKey() {
    // Given
    Admission admission = admission(10, 1);

    // When
    Duration first = admission.pace(TenantId.DEFAULT, ACTOR);
    Duration second = admission.pace(TenantId.DEFAULT, ACTOR);
    Duration third = admission.pace(TenantId.DEFAULT, ACTOR);

    // Then
    assertThat(first).isZero();
    assertThat(second).isEqualTo(Duration.ofMillis(100));
    assertThat(third).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void shouldCountNothingWithoutALimit() {
    // Given
    Admission admission = admission(0, 0);

    // Then
    for (int i = 0; i < 10_000; i++) {
      admission.count(TenantId.DEFAULT, ACTOR, 100);
    }
    assertThat(admission.pace(TenantId.DEFAULT, ACTOR)).isZero();
  }

  @Test
  void shouldRefuseNewWorkForThePartThatIsFurthestBehind() {
    // Given
    Admission admission = admission(0, 0);
    backlog.take("router/1", new Behind("router", 101));
    backlog.take("lane-model/-1", new Behind("lane-model", 5_000));
    backlog.take("router/2", new Behind("router", 100));

    // Then
    assertThat(admission.behind())
        .hasValueSatisfying(
            problem -> assertThat(problem.detail()).contains("lane-model is 5000 records behind"));
    backlog.take("lane-model/-1", new Behind("lane-model", 50));
    assertThat(admission.behind())
        .hasValueSatisfying(problem -> assertThat(problem.detail()).contains("router is 101"));
    backlog.take("router/1", new Behind("router", 0));
    assertThat(admission.behind()).isEmpty();
  }

  @Test
  void shouldForgetAReportThatIsNotRepeated() {
    // Given
    Admission admission = admission(0, 0);
    backlog.take("router/1", new Behind("router", 101));

    // When
    pass(BacklogView.STALE_AFTER);

    // Then
    assertThat(admission.behind()).isPresent();
    pass(Duration.ofMillis(1));
    assertThat(admission.behind()).isEmpty();
  }

  @Test
  void shouldWaitForTheReportsOfPartsThatAreWellBehind() {
    // Given
    Admission admission = admission(0, 0);
    backlog.take("router/-1", new Behind("router", 51));
    backlog.take("lane-model/-1", new Behind("lane-model", 80));
    backlog.take("lane-tool/-1", new Behind("lane-tool", 50));

    // When
    long before = admission.reports();

    // Then: the one that is half behind need not report again
    assertThat(admission.behind()).isEmpty();
    assertThat(admission.heardSince(before)).isFalse();
    backlog.take("router/-1", new Behind("router", 60));
    assertThat(admission.heardSince(before)).isFalse();
    backlog.take("lane-model/-1", new Behind("lane-model", 20));
    assertThat(admission.heardSince(before)).isTrue();
  }

  @Test
  void shouldNotWaitForAPartThatIsGone() {
    // Given
    Admission admission = admission(0, 0);
    backlog.take("router/-1", new Behind("router", 51));
    long before = admission.reports();

    // When
    pass(BacklogView.STALE_AFTER);

    // Then
    assertThat(admission.heardSince(before)).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(admission.heardSince(before)).isTrue();
  }

  @Test
  void shouldRefuseARequestThatBeginsWorkForEitherReason() {
    // Given
    Admission admission = admission(10, 10);
    backlog.take("router/1", new Behind("router", 101));

    // Then
    assertThatThrownBy(() -> admission.admit(TenantId.DEFAULT, ACTOR))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().kind()).isEqualTo("backlog"));

    // When nothing waits any more, and its key has no request left
    backlog.take("router/1", new Behind("router", 0));
    admission.count(TenantId.DEFAULT, ACTOR, 10);

    // Then
    assertThatThrownBy(() -> admission.admit(TenantId.DEFAULT, ACTOR))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().kind()).isEqualTo("rate-limited"));
  }

  private Admission admission(int perSecond, int burst) {
    return new Admission(
        new RequestRates(perSecond, burst, meter()), backlog, () -> diskShortage, meters);
  }

  private TimeMeter meter() {
    return new TimeMeter() {
      @Override
      public long currentTimeNanos() {
        return now.get();
      }

      @Override
      public boolean isWallClockBased() {
        return false;
      }
    };
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private static Problem refusal(Admission admission, int requests) {
    try {
      admission.count(TenantId.DEFAULT, ACTOR, requests);
    } catch (ProblemException e) {
      return e.problem();
    }
    throw new AssertionError("a refusal expected");
  }
}
