package dev.nexus.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

/// How often a site is closed.
class UntilTheEndTest {
  @Test
  void shouldCloseASiteUntilItIsClosed() throws Exception {
    // Given
    var site = new FakeSite(URI.create("http://127.0.0.1"), 1);
    var untilTheEnd = new UntilTheEnd(site, _ -> {});

    // When
    assertThatThrownBy(untilTheEnd::close).hasMessage("not yet");
    untilTheEnd.close();
    untilTheEnd.close();

    // Then
    assertThat(site.closings()).isEqualTo(2);
  }
}
