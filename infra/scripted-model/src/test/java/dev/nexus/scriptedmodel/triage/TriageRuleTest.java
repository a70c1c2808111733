package dev.nexus.scriptedmodel.triage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.scriptedmodel.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TriageRuleTest {
  private static final TriageCorpus CORPUS = TriageCorpus.load();

  @Test
  void shouldHoldTheWebhooksAsTheyWereVendored() throws Exception {
    String sums = new String(data("SHA256SUMS"), StandardCharsets.UTF_8);

    assertThat(sums.lines()).hasSize(2);
    for (String line : sums.lines().toList()) {
      String[] parts = line.split(" +", 2);
      byte[] found = MessageDigest.getInstance("SHA-256").digest(data(parts[1]));
      assertThat(HexFormat.of().formatHex(found)).as(parts[1]).isEqualTo(parts[0]);
    }
  }

  private static byte[] data(String name) throws IOException {
    try (var file = TriageRuleTest.class.getResourceAsStream("/webhook-triage/data/" + name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    }
  }

  @Test
  void shouldHold324DistinctWebhooks() {
    assertThat(CORPUS.webhooks()).hasSize(324);
    assertThat(CORPUS.webhooks().stream().map(Webhook::event).distinct()).hasSize(58);
  }

  @Test
  void shouldTellUsersFromOrganisations() {
    assertThat(CORPUS.webhooks().stream().filter(Webhook::fromUsersRepository)).hasSize(229);
    assertThat(CORPUS.webhooks().stream().filter(Webhook::fromOrganisationsRepository)).hasSize(51);
    assertThat(CORPUS.webhooks().stream().filter(w -> !w.hasRepository())).hasSize(44);
    assertThat(
            CORPUS.webhooks().stream()
                .filter(w -> !w.hasRepository() && w.hook() == Hook.ORGANISATION))
        .hasSize(22);
    assertThat(CORPUS.webhooks().stream().filter(w -> scope(w).equals("organization"))).hasSize(73);
  }

  @Test
  void shouldTellWebhooksApartByPayload() {
    var payloads = new HashSet<String>();
    CORPUS.webhooks().forEach(w -> payloads.add(JsonText.fingerprint(w.payload())));
    assertThat(payloads).as("payloads that name one webhook each").hasSize(324);
  }

  @Test
  void shouldAnswerByThePayloadAloneOrInAWholeInput() {
    var script = new TriageScript(CORPUS);
    for (Webhook webhook : CORPUS.webhooks()) {
      var whole = JsonNodeFactory.instance.objectNode().put("event", "any");
      whole.set("payload", webhook.payload());

      assertThat(script.answer(List.of(webhook.payload())).orElseThrow().right())
          .isEqualTo(webhook.truth());
      assertThat(script.answer(List.of(whole)).orElseThrow().mistakes())
          .isNotEmpty()
          .doesNotContain(webhook.truth());
    }
    assertThat(script.answer(List.of(JsonText.read("{\"zen\": \"new\"}")))).isEmpty();
  }

  @Test
  void shouldAnswerNullWhereThereIsNothing() {
    assertThat(JsonText.write(TriageRule.answer("ping", JsonText.read("{}"))))
        .isEqualTo(
            "{\"event\":\"ping\",\"action\":null,\"repository\":null,\"actor\":null,"
                + "\"scope\":\"user\"}");
  }

  @Test
  void shouldGoByTheRepositorysOwnerBeforeTheOrganisation() {
    var payload =
        JsonText.read(
            """
            {"action": "opened", "organization": {"login": "acme"}, "sender": {"login": "mona"},
             "repository": {"full_name": "mona/tea", "owner": {"type": "User"}}}
            """);
    assertThat(JsonText.write(TriageRule.answer("issues", payload)))
        .isEqualTo(
            "{\"event\":\"issues\",\"action\":\"opened\",\"repository\":\"mona/tea\","
                + "\"actor\":\"mona\",\"scope\":\"user\"}");
  }

  private static String scope(Webhook webhook) {
    return webhook.truth().path("scope").asText();
  }
}
