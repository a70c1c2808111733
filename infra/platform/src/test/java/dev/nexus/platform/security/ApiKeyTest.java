package dev.nexus.platform.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class ApiKeyTest {
  private final SecureRandom random = new SecureRandom();

  @Test
  void shouldHaveAPublicIdASecretAndAChecksum() {
    // When
    var key = ApiKey.generate(random);

    // Then
    assertThat(key.reveal()).matches("nxs_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}");
    assertThat(key.reveal()).startsWith("nxs_live_" + key.keyId() + "_");
    assertThat(ApiKey.parse(key.reveal())).isPresent();
  }

  @Test
  void shouldRefuseAKeyWithOneCharacterChanged() {
    // Given
    String text = ApiKey.generate(random).reveal();

    for (int i = 0; i < text.length(); i++) {
      // When
      char other = text.charAt(i) == 'x' ? 'y' : 'x';
      var changed = ApiKey.parse(text.substring(0, i) + other + text.substring(i + 1));

      // Then
      assertThat(changed).describedAs("changed at %d", i).isEmpty();
    }
  }

  @Test
  void shouldRefuseTextOfAnotherShape() {
    for (String text : new String[] {"", "nxs_live_", "ghp_abc", "nxs_live_" + "0".repeat(58)}) {
      assertThat(ApiKey.parse(text)).describedAs(text).isEmpty();
    }
  }

  @Test
  void shouldKnowTheChecksumOfAFixedKey() {
    // CRC-32 of the text before it, 0x9b2b6fc6-like numbers in six digits of base 62.
    String unchecked = "nxs_live_00000000_" + "0".repeat(43);
    var crc = new java.util.zip.CRC32();
    crc.update(unchecked.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    String checksum = Base62.write(java.math.BigInteger.valueOf(crc.getValue()), 6);

    assertThat(ApiKey.parse(unchecked + checksum)).isPresent();
  }

  @Test
  void shouldMatchItsOwnHashOnly() {
    // Given
    var one = ApiKey.generate(random);
    var other = ApiKey.generate(random);

    // Then
    assertThat(one.hash()).matches("sha256\\$[0-9a-f]{64}").doesNotContain(one.reveal());
    assertThat(one.matches(one.hash())).isTrue();
    assertThat(one.matches(other.hash())).isFalse();
    assertThat(one.matches("argon2id$whatever")).isFalse();
  }

  @Test
  void shouldNotShowItsSecretAsText() {
    var key = ApiKey.generate(random);

    assertThat(key.toString()).isEqualTo("nxs_live_" + key.keyId() + "_***");
  }

  @Test
  void shouldWriteNumbersInFixedWidth() {
    assertThat(Base62.write(java.math.BigInteger.ZERO, 3)).isEqualTo("000");
    assertThat(Base62.write(java.math.BigInteger.valueOf(61), 2)).isEqualTo("0z");
    assertThat(Base62.write(java.math.BigInteger.valueOf(62), 2)).isEqualTo("10");
    assertThat(
            Base62.write(java.math.BigInteger.TWO.pow(256).subtract(java.math.BigInteger.ONE), 43))
        .hasSize(43);
  }
}
