package dev.nexus.command.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.event.Json;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.http.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TriggerReaderTest {
  private static final String DEFINITION =
      """
      appId: orders
      components:
        - componentId: keep
          handlerType: BUILTIN
          taskDetails: {function: echo}
      triggers:
      """;

  @Test
  void shouldReadWhatATriggerSelectsAndGives() {
    // When
    TriggerDefinition trigger =
        trigger(
            """
              - triggerId: large
                eventType: com.example.*
                source: urn:shop*
                subject: lamps/*
                condition: event.data.amount > 100
                input:
                  order: event.id
                  lines: event.data.lines.map(l, l.sku)
                component: keep
            """);

    // Then
    assertThat(trigger.source()).isEqualTo("urn:shop*");
    assertThat(trigger.subject()).isEqualTo("lamps/*");
    assertThat(trigger.condition()).isEqualTo("event.data.amount > 100");
    assertThat(trigger.inputFields())
        .isEqualTo(Map.of("order", "event.id", "lines", "event.data.lines.map(l, l.sku)"));
    assertThat(trigger.inputExpression()).isEmpty();
  }

  @Test
  void shouldReadAnInputThatIsOneExpression() {
    // When
    TriggerDefinition trigger =
        trigger("  - {triggerId: t, eventType: e, input: event.data.order, component: keep}\n");

    // Then
    assertThat(trigger.inputExpression()).isEqualTo("event.data.order");
    assertThat(trigger.inputFields()).isEmpty();
  }

  @Test
  void shouldReadWhatATriggerOrdersBy() {
    assertThat(
            trigger("  - {triggerId: t, eventType: e, orderBy: event.subject, component: keep}\n")
                .orderBy())
        .isEqualTo("event.subject");
  }

  @Test
  void shouldSayWhereAnOrderByIsWrong() {
    assertThat(faults("  - {triggerId: t, eventType: e, orderBy: event.sbject, component: keep}\n"))
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.detail()).contains("wrong orderBy");
              assertThat(fault.line()).isEqualTo(7);
              assertThat(fault.column()).isEqualTo(43);
              assertThat(fault.nearest()).contains("event.subject");
            });
    assertThat(faults("  - {triggerId: t, eventType: e, orderBy: [], component: keep}\n"))
        .singleElement()
        .satisfies(fault -> assertThat(fault.detail()).contains("wrong orderBy"));
  }

  @Test
  void shouldReadATriggerOfAVersionThatKnewLess() {
    // When
    ApplicationDefinition old =
        CanonicalJson.fromJson(
            new Json(
                """
                {"appId": "orders", "components": [], "triggers": [
                  {"triggerId": "t", "eventType": "e", "source": "", "component": "keep"}]}
                """),
            ApplicationDefinition.class);

    // Then
    assertThat(old.triggers())
        .containsExactly(new TriggerDefinition("t", "e", "", "", "", "", Map.of(), "keep"));
  }

  @Test
  void shouldSayWhereAnExpressionIsWrong() {
    // When
    List<Fault> faults =
        faults(
            """
              - triggerId: t
                eventType: e
                condition: event.tpye == 'a'
                input:
                  n: size(event.id) + 'x'
                component: keep
            """);

    // Then
    assertThat(faults).hasSize(2);
    assertThat(faults.get(0).line()).isEqualTo(9);
    assertThat(faults.get(0).column()).isEqualTo(16);
    assertThat(faults.get(0).nearest()).contains("event.type");
    assertThat(faults.get(1).line()).isEqualTo(11);
    assertThat(faults.get(1).detail()).contains("wrong input, at character 16");
  }

  @Test
  void shouldRefuseAConditionThatIsNoQuestion() {
    assertThat(faults("  - {triggerId: t, eventType: e, condition: event.id, component: keep}\n"))
        .singleElement()
        .satisfies(fault -> assertThat(fault.detail()).contains("wrong condition", "wrong result"));
  }

  @Test
  void shouldRefuseAStarThatIsNotAtTheEnd() {
    assertThat(faults("  - {triggerId: t, eventType: com.*.order, component: keep}\n"))
        .singleElement()
        .satisfies(fault -> assertThat(fault.expected()).contains("* at its end only"));
  }

  @Test
  void shouldRefuseAnInputThatIsNoExpression() {
    assertThat(faults("  - {triggerId: t, eventType: e, input: [event.id], component: keep}\n"))
        .singleElement()
        .satisfies(fault -> assertThat(fault.detail()).contains("wrong input"));
  }

  private static TriggerDefinition trigger(String text) {
    assertThat(load(text)).isInstanceOf(Loaded.class);
    return ((Loaded) load(text)).application().triggers().getFirst();
  }

  private static List<Fault> faults(String text) {
    assertThat(load(text)).isInstanceOf(Refused.class);
    return ((Refused) load(text)).faults();
  }

  private static LoadResult load(String triggers) {
    return new ApplicationLoader(new SchemaChecks(), "gpt-x")
        .load(ApplicationFiles.of(Map.of("app_definition.yaml", DEFINITION + triggers)));
  }
}
