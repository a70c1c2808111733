package dev.nexus.command.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {
  @Test
  void shouldSignAsGitHubDocuments() {
    // The example of GitHub's documentation on validating webhook deliveries.
    byte[] body = "Hello, World!".getBytes(StandardCharsets.UTF_8);
    String expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    assertThat(WebhookSignature.sign("It's a Secret to Everybody", body)).isEqualTo(expected);
    assertThat(WebhookSignature.matches("It's a Secret to Everybody", body, expected)).isTrue();
  }

  @Test
  void shouldRefuseAnotherSecretBodyOrForm() {
    byte[] body = "x".getBytes(StandardCharsets.UTF_8);
    String signature = WebhookSignature.sign("a", body);

    assertThat(WebhookSignature.matches("b", body, signature)).isFalse();
    assertThat(WebhookSignature.matches("a", new byte[0], signature)).isFalse();
    assertThat(WebhookSignature.matches("a", body, "")).isFalse();
    assertThat(WebhookSignature.matches("a", body, signature.replace("sha256=", "sha1=")))
        .isFalse();
  }
}
