package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.call.SchemaChecks;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapabilityReaderTest {
  private final ApplicationLoader loader = new ApplicationLoader(new SchemaChecks(), "gpt-d");

  private LoadResult load(String script, String capabilities) {
    String definition =
        """
        appId: shop
        components:
          - componentId: work
            handlerType: JIT
            taskDetails:
              script: %s
              capabilities: %s
        """
            .formatted(script, capabilities);
    return loader.load(
        ApplicationFiles.of(
            Map.of(
                "app_definition.yaml",
                definition,
                "_jit_code/work.js",
                "function handle(i) { return i }",
                "_jit_code/work.wasm",
                "AGFzbQEAAAA=")));
  }

  private ComponentDefinition component(String capabilities) {
    LoadResult result = load("work.js", capabilities);
    assertThat(result).isInstanceOf(Loaded.class);
    return ((Loaded) result).application().component("work").orElseThrow();
  }

  @Test
  void shouldReadWhatCodeIsGranted() {
    assertThat(component("[tools, clock]").capabilities())
        .containsExactly(Capability.CLOCK, Capability.TOOLS);
    assertThat(component("[]").capabilities()).isEmpty();
  }

  /// A version is named by the digest of its content, and another order is the same.
  @Test
  void shouldWriteThemInOneOrderAndOnce() {
    assertThat(component("[tools, clock, tools]").taskDetails())
        .isEqualTo(component("[clock, tools]").taskDetails());
    assertThat(component("[]").taskDetails()).doesNotContainKey("capabilities");
  }

  /// What its code may ask for makes its answers others.
  @Test
  void shouldMakeAnotherComponentOfIt() {
    assertThat(component("[clock]").identityDigest())
        .isNotEqualTo(component("[]").identityDigest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "work.js | [tool] | 7:22: no such capability: expected one of clock, random, tools, state, found"
            + " tool; did you mean tools?",
        "work.js | tools | 7:21: wrong capabilities: expected a list of clock, random, tools, state, found"
            + " \"tools\"",
        "work.wasm | [clock, tools] | 7:21: a module has no way to call tools: expected capabilities"
            + " clock or random, or a script in javascript or python, found tools",
        "work.wasm | [state] | 7:21: a module has no way to call tools: expected capabilities"
            + " clock or random, or a script in javascript or python, found state",
      })
  void shouldSayWhatIsWrong(String script, String capabilities, String fault) {
    LoadResult result = load(script, capabilities);

    assertThat(result).isInstanceOf(Refused.class);
    assertThat(((Refused) result).faults())
        .extracting(found -> found.sentence().substring("app_definition.yaml:".length()))
        .isEqualTo(List.of(fault));
  }
}
