package dev.nexus.platform.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.platform.security.Authorisation.Decision;
import dev.nexus.platform.security.KeyRing.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ExecutionPassesTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final SigningKey KEY = new SigningKey(new byte[] {1, 2, 3});
  private static final ExecutionId EXECUTION = new ExecutionId(new UUID(1, 2));

  private final ExecutionPasses passes = at(NOW);

  private static ExecutionPasses at(Instant now) {
    return new ExecutionPasses(KEY, Clock.fixed(now, ZoneOffset.UTC));
  }

  private String pass() {
    return passes.issue(new TenantId("acme"), "shop", EXECUTION, 1, NOW.plusSeconds(2));
  }

  @Test
  void shouldSayWhoseItIs() {
    // When
    Verdict verdict = passes.verify(pass());

    // Then
    assertThat(verdict)
        .isEqualTo(
            new Verdict.Valid(
                Principal.ofExecution(
                    new TenantId("acme"), "shop", EXECUTION, 1, NOW.plusSeconds(2))));
    assertThat(((Verdict.Valid) verdict).principal().actor())
        .isEqualTo("execution:" + EXECUTION + "/1");
  }

  @Test
  void shouldSayHowDeepItIs() {
    assertThat(Principal.depth("key:a/1")).isZero();
    assertThat(Principal.depth("service:executor")).isZero();
    assertThat(
            Principal.depth(
                Principal.ofExecution(TenantId.DEFAULT, "shop", EXECUTION, 7, NOW).actor()))
        .isEqualTo(7);
  }

  @Test
  void shouldAllowItsOwnApplicationAndNothingElse() {
    // Given
    Principal principal = ((Verdict.Valid) passes.verify(pass())).principal();

    // Then
    assertThat(Authorisation.decide(principal, Action.INVOKE, Resource.app("shop")))
        .isInstanceOf(Decision.Allowed.class);
    assertThat(Authorisation.decide(principal, Action.INVOKE, Resource.app("bank")))
        .isEqualTo(
            new Decision.Denied("execution " + EXECUTION + " lacks the scope app:bank:invoke"));
    for (Action other : new Action[] {Action.READ, Action.APPLY, Action.OPERATE}) {
      assertThat(Authorisation.decide(principal, other, Resource.app("shop")))
          .isInstanceOf(Decision.Denied.class);
    }
  }

  @Test
  void shouldSayWhichServiceItIsAndAllowItItsOwnApplication() {
    // Given
    TenantId acme = new TenantId("acme");
    String pass = passes.issue(acme, "shop", "agent", NOW.plusSeconds(2));

    // When
    Verdict verdict = passes.verify(pass);

    // Then
    assertThat(verdict)
        .isEqualTo(
            new Verdict.Valid(Principal.ofService(acme, "shop", "agent", NOW.plusSeconds(2))));
    Principal principal = ((Verdict.Valid) verdict).principal();
    assertThat(principal.actor()).isEqualTo("service:shop/agent");
    assertThat(Principal.depth(principal.actor())).isZero();
    assertThat(Authorisation.decide(principal, Action.INVOKE, Resource.app("shop")))
        .isInstanceOf(Decision.Allowed.class);
    assertThat(Authorisation.decide(principal, Action.INVOKE, Resource.app("bank")))
        .isEqualTo(new Decision.Denied("service shop/agent lacks the scope app:bank:invoke"));
    assertThat(at(NOW.plusSeconds(12)).verify(pass))
        .isEqualTo(new Verdict.Invalid("pass-ended", ""));
    // One is not the other, though both are signed.
    assertThat(passes.verify("nxe_" + pass.substring(4))).isInstanceOf(Verdict.Invalid.class);
    assertThat(passes.verify("nxp_" + pass().substring(4))).isInstanceOf(Verdict.Invalid.class);
  }

  @Test
  void shouldEndWithItsCall() {
    // Given clocks that differ by as much as they may
    assertThat(at(NOW.plusMillis(11_999)).verify(pass())).isInstanceOf(Verdict.Valid.class);
    assertThat(at(NOW.plusSeconds(12)).verify(pass()))
        .isEqualTo(new Verdict.Invalid("pass-ended", ""));
  }

  @Test
  void shouldRefuseWhatWasNotSignedAsOne() {
    // Given what was made by somebody else, changed, or signed for another purpose
    String other =
        new ExecutionPasses(new SigningKey(new byte[32]), Clock.systemUTC())
            .issue(TenantId.DEFAULT, "shop", EXECUTION, 1, NOW.plusSeconds(2));
    String[] halves = pass().substring(4).split("\\.");
    String text = new String(Base64.getUrlDecoder().decode(halves[0]), UTF_8);
    String changed =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(text.replace("shop", "bank").getBytes(UTF_8));
    String token = KEY.sign(text);

    // Then
    for (String presented :
        new String[] {
          other, "nxe_" + changed + "." + halves[1], "nxe_" + token, "nxe_", "nxe_.", "nxe_a.b"
        }) {
      assertThat(passes.verify(presented))
          .as(presented)
          .isEqualTo(new Verdict.Invalid("unknown-key", ""));
    }
  }
}
