package dev.nexus.oracle.promotion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.event.promotion.RouteEvent.RouteSet;
import dev.nexus.event.promotion.Stage;
import org.junit.jupiter.api.Test;

class RoutePlanTest {

  @Test
  void shouldLeaveTheModelAloneUntilTheCandidateIsVerified() {
    RouteSet route = route(true, false, DeciderSpec.verifying());

    assertThat(route.stage()).isEqualTo(Stage.T0_PROMPT);
    assertThat(shares(route)).isEqualTo("0/0/0");
    assertThat(route.source()).isEmpty();
  }

  @Test
  void shouldShadowEveryCall() {
    RouteSet route = route(true, false, DeciderSpec.shadowing());

    assertThat(shares(route)).isEqualTo("0/1000/0");
    assertThat(route.source()).isEqualTo("source 1");
    assertThat(route.candidate()).isEqualTo(DeciderSpec.FIRST);
  }

  @Test
  void shouldAuditTheWholeCanaryUnlessTheTruthIsReported() {
    assertThat(shares(route(true, false, DeciderSpec.canarying()))).isEqualTo("200/1000/0");
    assertThat(shares(route(false, false, DeciderSpec.canarying()))).isEqualTo("200/1000/1000");
  }

  @Test
  void shouldAuditAllFirstCallsAfterAPromotionAndThenTheShareOfThePolicy() {
    assertThat(shares(route(true, false, DeciderSpec.promoted()))).isEqualTo("1000/0/1000");
    assertThat(shares(route(true, true, DeciderSpec.promoted()))).isEqualTo("1000/0/20");
  }

  private static RouteSet route(boolean truthReported, boolean settled, PromotionEvent... story) {
    return RoutePlan.of(
        DeciderSpec.SUBJECT,
        DeciderSpec.given(story).state(),
        DeciderSpec.POLICY,
        truthReported,
        settled);
  }

  private static String shares(RouteSet route) {
    return route.codePermille() + "/" + route.shadowPermille() + "/" + route.auditPermille();
  }
}
