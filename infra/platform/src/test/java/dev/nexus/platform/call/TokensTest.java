package dev.nexus.platform.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;
import dev.nexus.platform.security.SigningKey;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private static final ExecutionId EXECUTION = new ExecutionId(new UUID(1, 2));

  @TempDir Path data;

  @Test
  void shouldReadWhatItSigned() {
    // Given
    var tokens = new Tokens(SigningKey.in(data), () -> "log-1");
    var execution = new Visible.ExecutionAt(TenantId.DEFAULT, EXECUTION, 8);
    var version = new Visible.VersionOf(TenantId.DEFAULT, "nexus.oracle", "abc");

    // Then
    assertThat(tokens.verify(tokens.sign(execution), TenantId.DEFAULT)).contains(execution);
    assertThat(tokens.verify(tokens.sign(version), TenantId.DEFAULT)).contains(version);
  }

  @Test
  void shouldRefuseATokenOfAnotherLogKeyOrTenant() {
    // Given
    var visible = new Visible.ExecutionAt(TenantId.DEFAULT, EXECUTION, 8);
    var tokens = new Tokens(SigningKey.in(data), () -> "log-1");
    String token = tokens.sign(visible);

    // Then
    assertThat(new Tokens(SigningKey.in(data), () -> "log-2").verify(token, TenantId.DEFAULT))
        .isEmpty();
    assertThat(
            new Tokens(new SigningKey(new byte[32]), () -> "log-1").verify(token, TenantId.DEFAULT))
        .isEmpty();
    assertThat(tokens.verify(token, new TenantId("other"))).isEmpty();
  }

  @Test
  void shouldRefuseTextThatIsNoToken() {
    var tokens = new Tokens(SigningKey.in(data), () -> "log-1");

    for (String text : new String[] {"", ".", "a.b", "not base64!.x", "YQ.YQ"}) {
      assertThat(tokens.verify(text, TenantId.DEFAULT)).describedAs(text).isEmpty();
    }
  }
}
