package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Setting;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import io.lettuce.core.RedisClient;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `nexus verify` and `nexus rebuild` as a person types them, against a platform that runs.
class ProjectionVerbsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void publish() {
    platform.apply("lab");
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Map<String, String> environment =
        Map.of("NEXUS_URL", platform.url(), "NEXUS_KEY", platform.operatorKey());
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment),
            arguments);
    return new Outcome(code, out.toString().strip(), err.toString().strip());
  }

  /// Adds a field to the version of an application, which no fold would; gives the name in Redis.
  private static String spoil() {
    RedisClient client = RedisClient.create(platform.platform().settings().text(Setting.REDIS_URL));
    try (var connection = client.connect()) {
      String name = connection.sync().keys("default:*:v/lab").getFirst();
      connection.sync().hset(name, "spoilt", "it");
      return name;
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
  }

  @Test
  void shouldShowWhatDiffersAndMendItByARebuild() {
    // Given
    assertThat(run("verify", "definitions").out()).startsWith("equal: ");
    String name = spoil();

    // When
    Outcome different = run("verify", "definitions");
    Outcome rebuilt = run("rebuild", "definitions", "--json");
    Outcome equal = run("verify", "--json");

    // Then
    assertThat(different.code()).isEqualTo(1);
    assertThat(different.out())
        .contains(name + " spoilt", "the log gives nothing", "Redis has     'it'");
    assertThat(rebuilt.code()).as(rebuilt.toString()).isZero();
    JsonNode status = CanonicalJson.read(rebuilt.out());
    assertThat(status.path("state").asText()).isEqualTo("done");
    assertThat(status.path("projections").get(0).path("projection").asText())
        .isEqualTo("definitions");
    assertThat(equal.code()).as(equal.toString()).isZero();
    assertThat(CanonicalJson.read(equal.out()).path("different").asLong()).isZero();
  }

  @Test
  void shouldNotExitAsIfEqualWhenNothingWasCompared() {
    // When
    Outcome nothing = run("verify", "evidence");
    Outcome json = run("verify", "evidence", "--json");

    // Then
    assertThat(nothing.code()).as(nothing.toString()).isEqualTo(3);
    assertThat(nothing.out()).startsWith("nothing compared, as the log holds nothing of it");
    assertThat(json.code()).isEqualTo(3);
    assertThat(CanonicalJson.read(json.out()).path("outcome").asText())
        .isEqualTo("nothing compared");
    assertThat(CanonicalJson.read(json.out()).path("equal").asBoolean()).isFalse();
  }

  @Test
  void shouldSayThatNothingIsThereToStopAndWhichNameWasMeant() {
    // When
    Outcome stopped = run("rebuild", "--stop");
    Outcome unknown = run("verify", "definition");

    // Then
    assertThat(stopped.code()).as(stopped.toString()).isZero();
    assertThat(stopped.out()).startsWith("no rebuild runs");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err())
        .isEqualTo("nexus: no projection 'definition'; did you mean definitions?");
  }
}
