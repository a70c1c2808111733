package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.access.Integration;
import dev.nexus.command.trigger.EventDecider.Decided;
import dev.nexus.event.Envelope;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.ingress.IngressEvent.EventAccepted;
import dev.nexus.event.ingress.IngressEvent.EventMatched;
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

/// A version that no service has published may have a trigger that cannot be used.
class FailingTriggerTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir static Path directory;

  private record InForce(Version version) implements EventDecider.Views {
    @Override
    public void await(Duration patience) {}

    @Override
    public List<Version> current(TenantId tenant) {
      return List.of(version);
    }

    @Override
    public Optional<Integration> bySource(String source) {
      return Optional.of(Definitions.SHOP);
    }
  }

  @Test
  void shouldStartWhatTheTriggersBesideItAreFor() {
    // Given
    var broken = Definitions.when(Definitions.trigger("a", "*", "keep"), "event.((");
    var whole = Definitions.trigger("b", "*", "more");
    var views = new InForce(Definitions.version("orders", "digest", broken, whole));
    var decider = new EventDecider(views, new SchemaChecks(), Definitions.payloads(directory));
    var outside = new Outside("shop", "urn:shop", "o-1", "com.example.ordered", "", NOON);
    var envelope =
        Envelope.of(UUID.randomUUID(), NOON, Definitions.TENANT, "orders", "integration:shop");

    // When
    Decided decided = decider.decide(envelope, new EventAccepted(outside, new Json("{}")));

    // Then
    assertThat(decided.verdict())
        .isInstanceOfSatisfying(
            EventMatched.class,
            matched -> assertThat(matched.triggers()).containsExactly("orders/b"));
    assertThat(decided.refusals())
        .singleElement()
        .asString()
        .startsWith("orders/a failed: ")
        .contains("faulty expression");
  }
}
