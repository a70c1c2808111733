package dev.nexus.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Golden ids, computed by another program from RFC 9562 §5.5. A log written by any version names
/// its facts and executions like this: a change here would make every repeat look new.
class NameIdsTest {
  private static final TenantId TENANT = new TenantId("default");

  @ParameterizedTest
  @CsvSource({
    "fact|01900000-0000-7000-8000-000000000001|1, ea0b3f0d-c269-5c33-9fba-58f9bcc5ad7e",
    "dead-letter|nexus.requests/0/17|router, 2b373bf8-2991-5194-a4a9-04fac38b8f8f",
    "grün|日本, c9138d4c-9c77-5781-9d94-fc8fbf1e8781",
    "a|bc, 9502c2d6-ceab-56dd-b912-1a06d5be47fe",
    "ab|c, dcc1af8c-19dd-5977-b93e-51f6a7a0a27a"
  })
  void shouldNameTheSameForEver(String parts, UUID golden) {
    assertThat(NameIds.uuid5(parts.split("\\|"))).isEqualTo(golden);
  }

  @Test
  void shouldNameExecutionsByWhatTheirCallersKnow() {
    assertThat(ExecutionId.ofIdempotencyKey(TENANT, "triage", "classify", "order-7"))
        .hasToString("c6c076be-2ce2-5b08-94de-b21e8ac06649");
    assertThat(ExecutionId.ofSource(TENANT, "triage", "classify", "github", "delivery-7"))
        .hasToString("61d293bb-d265-5f6f-aaa1-8e017ccae23b");
  }

  @Test
  void shouldMakeIdsOfVersionFive() {
    UUID id = NameIds.uuid5("any");
    assertThat(id.version()).isEqualTo(5);
    assertThat(id.variant()).isEqualTo(2);
  }

  @Test
  void shouldFingerprintTextAsUtf8() {
    assertThat(NameIds.sha256("grün"))
        .isEqualTo("fe263064ba02eaeac482aaf1309553779bdb78e385cb1374654de293e191d785");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1-1-1-1-1", "", "x", "01900000-0000-7000-8000-0000000000011"})
  void shouldReadOnlyTheCanonicalTextOfAnExecution(String text) {
    assertThatThrownBy(() -> ExecutionId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    assertThat(ExecutionId.parse("01900000-0000-7000-8000-00000000000A"))
        .hasToString("01900000-0000-7000-8000-00000000000a");
  }
}
