package dev.nexus.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberNameTest {
  @Test
  void shouldKeepTheNameOfADirectory(@TempDir Path data) {
    String name = MemberName.of(data.resolve("router"), "router");

    assertThat(name).startsWith("router-");
    assertThat(MemberName.of(data.resolve("router"), "router")).isEqualTo(name);
    assertThat(MemberName.of(data.resolve("other"), "router")).isNotEqualTo(name);
  }
}
