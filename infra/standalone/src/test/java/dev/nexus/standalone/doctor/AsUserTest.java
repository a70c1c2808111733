package dev.nexus.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AsUserTest {
  private static AsUser of(String login, Optional<KafkaUser> asked) {
    return AsUser.of(
        Settings.of(Map.of("NEXUS_KAFKA_SASL_JAAS_CONFIG", "x.LoginModule required " + login)),
        asked);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "username=\"nexus-projector\" password=\"p\"; | User:nexus-projector | PROJECTOR",
        "password=p username=shop-operator; | User:shop-operator | OPERATOR",
        "password=\"p\" username=\"al\\\"ice\"; | User:al\"ice | OPERATOR",
        "serviceName=kafka; | User:NAME | OPERATOR"
      })
  void shouldTellByTheNameWhoseWorkItIs(String login, String principal, KafkaUser user) {
    assertThat(of(login, Optional.empty())).isEqualTo(new AsUser(principal, user));
  }

  @Test
  void shouldBelieveWhoeverSaysWhoseWorkItIs() {
    assertThat(of("username=\"alice\";", Optional.of(KafkaUser.MCP_GATEWAY)))
        .isEqualTo(new AsUser("User:alice", KafkaUser.MCP_GATEWAY));
  }
}
