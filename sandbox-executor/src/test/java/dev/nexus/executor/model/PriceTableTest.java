package dev.nexus.executor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.config.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceTableTest {
  private final PriceTable table =
      new PriceTable(Map.of("m", new PriceTable.Price(1_000_000, 3_000_000)));

  @Test
  void shouldCountMicrosRoundedUp() {
    assertThat(table.costMicros("m", 10, 5)).isEqualTo(25);
    assertThat(new PriceTable(Map.of("m", new PriceTable.Price(1, 0))).costMicros("m", 1, 0))
        .isEqualTo(1);
    assertThat(table.costMicros("m", 0, 0)).isZero();
  }

  @Test
  void shouldPriceDatedNamesAsTheirModel() {
    assertThat(table.costMicros("m-2026-01-02", 1, 0)).isEqualTo(1);
    assertThat(table.costMicros("m-mini", 1, 0)).isZero();
  }

  @Test
  void shouldCountUnknownModelsAsFree() {
    assertThat(table.costMicros("unknown", 1000, 1000)).isZero();
  }

  @Test
  void shouldTakePricesFromAFile(@TempDir Path dir) throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("p.json"), "{\"models\":{\"own\":{\"prompt\":7000000,\"completion\":0}}}");

    PriceTable own = PriceTable.load(file.toString());

    assertThat(own.costMicros("own", 2, 2)).isEqualTo(14);
    assertThat(own.costMicros("gpt-4o-mini", 1_000_000, 0)).isEqualTo(150_000);
  }

  @Test
  void shouldSayWhatIsWrongWithAPrice(@TempDir Path dir) throws IOException {
    Path file =
        Files.writeString(dir.resolve("p.json"), "{\"models\":{\"own\":{\"prompt\":\"7\"}}}");

    assertThatThrownBy(() -> PriceTable.load(file.toString()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("NEXUS_LLM_PRICES: expected a file with {\"models\": {NAME:")
        .hasMessageEndingWith("p.json': the price of 'own' is {\"prompt\":\"7\"}");
  }

  @Test
  void shouldNameTheSettingWhoseFileIsNone(@TempDir Path dir) throws IOException {
    Path missing = dir.resolve("nope.json");
    Path broken = Files.writeString(dir.resolve("broken.json"), "{\"models\": }");
    Path other = Files.writeString(dir.resolve("other.json"), "{\"prices\": {}}");

    assertThatThrownBy(() -> PriceTable.load(missing.toString()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "NEXUS_LLM_PRICES: expected a file with prices of models, found '"
                + missing
                + "', which does not exist");
    assertThatThrownBy(() -> PriceTable.load(broken.toString()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("found in '" + broken + "': JSON expected, found '}' at line 1");
    assertThatThrownBy(() -> PriceTable.load(other.toString()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageEndingWith("found in '" + other + "': no field models with an object");
  }
}
