package dev.nexus.command.trigger;

import static dev.nexus.command.trigger.Definitions.from;
import static dev.nexus.command.trigger.Definitions.trigger;
import static dev.nexus.command.trigger.Definitions.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.command.trigger.EventDecider.Decided;
import dev.nexus.event.Envelope;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventUnmatched;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NearMissTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final TriggerDefinition ORDERED = trigger("t", "com.example.ordered", "keep");

  @TempDir static Path directory;

  @Test
  void shouldNameTheTypeThatWasMeant() {
    // Given
    var returned = trigger("a", "com.example.returned", "keep");

    // Then
    assertThat(why(event("com.example.order"), returned, ORDERED))
        .isEqualTo(
            "no trigger selects it: type 'com.example.order' (did you mean"
                + " 'com.example.ordered'?) keeps it from the nearest, orders/t");
    assertThat(why(event("com.exmaple.paid"), trigger("all", "com.example.*", "keep")))
        .contains("type 'com.exmaple.paid' (did you mean 'com.example.*'?)");
  }

  @Test
  void shouldNotTakeAnotherTypeOfTheSameOwnerForASlip() {
    assertThat(why(event("com.example.shipped"), ORDERED))
        .isEqualTo(
            "no trigger selects it: type 'com.example.shipped' (expected"
                + " 'com.example.ordered') keeps it from the nearest, orders/t");
  }

  @Test
  void shouldSayThatTheSourceIsAnother() {
    // Given
    Outside bank = outside("urn:bank", "com.example.ordered", "");

    // Then
    assertThat(why(bank, from(ORDERED, "urn:shop", "")))
        .isEqualTo(
            "no trigger selects it: source 'urn:bank' (expected 'urn:shop') keeps it from the"
                + " nearest, orders/t");
    assertThat(NearMiss.of(List.of(version("orders", "digest", ORDERED)), bank, "billing"))
        .isEqualTo(
            "no trigger selects it: source 'urn:bank' (expected one that orders registered) keeps"
                + " it from the nearest, orders/t");
  }

  @Test
  void shouldSayThatTheSubjectIsAnotherOrNone() {
    assertThat(why(event("com.example.ordered"), from(ORDERED, "", "chairs/*")))
        .isEqualTo(
            "no trigger selects it: subject 'lamps/1' (expected 'chairs/*') keeps it from the"
                + " nearest, orders/t");
    assertThat(why(outside("urn:shop", "com.example.ordered", ""), from(ORDERED, "", "chairs/*")))
        .contains("having no subject (expected 'chairs/*')");
  }

  @Test
  void shouldSayAllThatKeepsItFromTheNearest() {
    assertThat(
            why(
                event("com.example.order"),
                trigger("a", "org.other", "keep"),
                from(ORDERED, "", "chairs/*")))
        .isEqualTo(
            "no trigger selects it: type 'com.example.order' (did you mean"
                + " 'com.example.ordered'?) and subject 'lamps/1' (expected 'chairs/*') keep it"
                + " from the nearest, orders/t");
  }

  @Test
  void shouldSayThatThereIsNoTrigger() {
    assertThat(why(event("com.example.ordered")))
        .isEqualTo("no trigger selects it: no application has one");
  }

  @Test
  void shouldSayInShortWhatASenderMadeLong() {
    // Given
    String huge = "x".repeat(50_000);

    // Then
    assertThat(why(outside(huge, huge, huge), from(ORDERED, "urn:shop", "chairs/*")))
        .endsWith("keep it from the nearest, orders/t")
        .hasSizeLessThan(1_000);
  }

  /// Whatever type a stranger tries, they are not told what their neighbours wait for.
  @Test
  void shouldNameNoTriggerOfAnotherTenant() {
    // Given
    var decider =
        new EventDecider(new OfOneTenant(), new SchemaChecks(), Definitions.payloads(directory));
    var stranger =
        Envelope.of(
            UUID.randomUUID(), NOON, new TenantId("stranger"), "orders", "integration:shop");

    // When
    Decided decided =
        decider.decide(stranger, new EventAccepted(event("com.example.order"), new Json("{}")));

    // Then
    assertThat(decided.verdict())
        .isInstanceOfSatisfying(
            EventUnmatched.class,
            verdict ->
                assertThat(verdict.unmet())
                    .containsExactly("no trigger selects it: no application has one"));
  }

  private record OfOneTenant() implements EventDecider.Views {
    @Override
    public void await(Duration patience) {}

    @Override
    public List<Version> current(TenantId tenant) {
      return tenant.equals(Definitions.TENANT)
          ? List.of(version("orders", "digest", ORDERED))
          : List.of();
    }

    @Override
    public Optional<Integration> bySource(String source) {
      return Optional.of(Definitions.SHOP);
    }
  }

  private static String why(Outside event, TriggerDefinition... triggers) {
    return NearMiss.of(List.of(version("orders", "digest", triggers)), event, "orders");
  }

  private static Outside event(String type) {
    return outside("urn:shop", type, "lamps/1");
  }

  private static Outside outside(String source, String type, String subject) {
    return new Outside("shop", source, "o-1", type, subject, NOON);
  }
}
