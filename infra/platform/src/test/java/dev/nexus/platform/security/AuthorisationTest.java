package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.TenantId;
import dev.nexus.platform.security.Authorisation.Decision;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AuthorisationTest {
  @Test
  void shouldAllowAnOperatorEverything() {
    for (Action action : Action.values()) {
      for (Resource resource : resources()) {
        assertThat(decide("operator", action, resource)).isInstanceOf(Decision.Allowed.class);
      }
    }
  }

  @Test
  void shouldAllowAnApplicationKeyItsOwnApplicationAndActionOnly() {
    assertThat(allowed("app:orders:invoke", Action.INVOKE, Resource.app("orders"))).isTrue();

    assertThat(allowed("app:orders:invoke", Action.READ, Resource.app("orders"))).isFalse();
    assertThat(allowed("app:orders:invoke", Action.INVOKE, Resource.app("bills"))).isFalse();
    assertThat(allowed("app:orders:invoke", Action.INVOKE, new Resource.AllApplications()))
        .isFalse();
  }

  @Test
  void shouldLetAStarStandForEveryApplicationButNotForTheInstallation() {
    assertThat(allowed("app:*:read", Action.READ, Resource.app("orders"))).isTrue();
    assertThat(allowed("app:*:read", Action.READ, new Resource.AllApplications())).isTrue();
    assertThat(allowed("app:*:apply", Action.APPLY, new Resource.Installation())).isFalse();
    assertThat(allowed("app:*:apply", Action.OPERATE, new Resource.Installation())).isFalse();
  }

  @Test
  void shouldLeaveTenantsToOperatorsOfTheFirstOne() {
    var resource = new Resource.Tenants();
    var stranger =
        Principal.ofKey(new TenantId("acme"), "k", java.util.List.of(Scope.parse("operator")));

    assertThat(decide("operator", Action.OPERATE, resource)).isInstanceOf(Decision.Allowed.class);
    assertThat(allowed("app:*:read", Action.READ, resource)).isFalse();
    assertThat(Authorisation.decide(stranger, Action.OPERATE, resource))
        .isInstanceOfSatisfying(
            Decision.Denied.class, denied -> assertThat(denied.reason()).contains("tenant acme"));
  }

  @Test
  void shouldSayWhichScopeIsMissing() {
    assertThat(decide("app:orders:read", Action.APPLY, Resource.app("orders")))
        .isEqualTo(new Decision.Denied("key k lacks the scope app:orders:apply"));
    assertThat(decide("app:orders:read", Action.OPERATE, new Resource.Installation()))
        .isEqualTo(new Decision.Denied("key k lacks the scope operator"));
  }

  @Test
  void shouldRefuseScopesItCannotRead() {
    for (String text :
        new String[] {"", "admin", "app:orders", "app:orders:operate", "app:Or ders:read", "*"}) {
      assertThatThrownBy(() -> Scope.parse(text))
          .describedAs(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected operator or app:")
          .hasMessageContaining("'" + text + "'");
    }
  }

  @Test
  void shouldWriteScopesAsTheyAreRead() {
    for (String text : new String[] {"operator", "app:*:read", "app:nexus.oracle:invoke"}) {
      assertThat(Scope.parse(text)).hasToString(text);
    }
  }

  private static Resource[] resources() {
    return new Resource[] {
      Resource.app("orders"), new Resource.AllApplications(), new Resource.Installation()
    };
  }

  private static boolean allowed(String scope, Action action, Resource resource) {
    return decide(scope, action, resource) instanceof Decision.Allowed;
  }

  private static Decision decide(String scopes, Action action, Resource resource) {
    var parsed = Arrays.stream(scopes.split(" ")).map(Scope::parse).toList();
    return Authorisation.decide(Principal.ofKey(TenantId.DEFAULT, "k", parsed), action, resource);
  }
}
