package dev.nexus.executor.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.FailureClass;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateRendererTest {
  private static final String INPUT =
      "{\"name\":\"Ann\",\"n\":3,\"price\":1.5,\"ok\":true,\"none\":null,\"tags\":[\"a\",\"b\"],"
          + "\"repo\":{\"owner\":{\"login\":\"x\"},\"id\":7},\"evil\":\"{{ n }}\"}";
  private final TemplateRenderer renderer = new TemplateRenderer();

  private String render(String template) throws TemplateException {
    return renderer.render(template, CanonicalJson.read(INPUT));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "->",
      value = {
        "Hi {{ name }} -> Hi Ann",
        "{{ input.name }} {{ input.n }} {{ price }} {{ ok }} -> Ann 3 1.5 true",
        "{{ repo.owner.login }} {{ input.repo.id }} -> x 7",
        "{{ repo }} -> {\"id\":7,\"owner\":{\"login\":\"x\"}}",
        "{{ tags }} {{ tags[1] }} -> [\"a\",\"b\"] b",
        "{{ repo|tojson }} -> {\"owner\":{\"login\":\"x\"},\"id\":7}",
        "{{ name|upper }} {{ none|default('-', true) }} -> ANN -",
        "{% if n > 2 %}big{% elif n > 1 %}mid{% else %}small{% endif %} -> big",
        "{% for t in tags %}{{ loop.index }}{{ t }}{% if not loop.last %},{% endif %}{% endfor %} -> 1a,2b",
        "{% for k, v in repo.items() %}{{ k }};{% endfor %} -> owner;id;",
        "{% set x = n + 1 %}{{ x }} -> 4",
        "{% if missing is defined %}yes{% else %}no{% endif %} -> no",
      })
  void shouldRender(String template, String expected) throws TemplateException {
    assertThat(render(template)).isEqualTo(expected);
  }

  @Test
  void shouldNotCountTheTimeInWhichTheProcessStoodStill() throws TemplateException {
    // Given: between two steps the machine does something else for ten seconds
    AtomicLong now = new AtomicLong();
    AtomicInteger steps = new AtomicInteger();
    var paused =
        new TemplateRenderer(
            () -> now.addAndGet(steps.incrementAndGet() == 3 ? 10_000_000_000L : 1_000));
    // When
    String rendered = paused.render("{{ name }} {{ n }} {{ ok }}", CanonicalJson.read(INPUT));
    // Then
    assertThat(rendered).isEqualTo("Ann 3 true");
    assertThat(steps).hasValueGreaterThan(3);
  }

  @Test
  void shouldCallATemplateThatTakesTooLongLateAndNotWrong() {
    AtomicLong now = new AtomicLong();
    var slow = new TemplateRenderer(() -> now.addAndGet(100_000_000));
    String template = "{% for i in range(30) %}{{ i }}{% endfor %}";
    // When
    assertThatThrownBy(() -> slow.render(template, CanonicalJson.read(INPUT)))
        // Then
        .isInstanceOfSatisfying(
            TemplateException.class, e -> assertThat(e.failure()).isEqualTo(FailureClass.TIMEOUT))
        .hasMessageContaining("more than 2 s of work");
    assertThatThrownBy(() -> render("{{ nam }}"))
        .isInstanceOfSatisfying(
            TemplateException.class,
            e -> assertThat(e.failure()).isEqualTo(FailureClass.INVALID_DEFINITION));
  }

  @Test
  void shouldNotRenderWhatTheInputSays() throws TemplateException {
    assertThat(render("{{ evil }}")).isEqualTo("{{ n }}");
  }

  @Test
  void shouldRenderInputThatIsNoObject() throws TemplateException {
    assertThat(renderer.render("{{ input }}", CanonicalJson.read("[1,\"x\"]")))
        .isEqualTo("[1,\"x\"]");
    assertThat(renderer.render("{{ input }}", CanonicalJson.read("\"x\""))).isEqualTo("x");
  }

  @Test
  void shouldNameTheUnknownVariable() {
    assertThatThrownBy(() -> render("line one\n{{ nam }}"))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("template line 2: unknown variable 'nam' (did you mean 'name'?)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ missing }}",
        "{{ input.missing }}",
        "{{ repo.owner.missing }}",
        "{% for x in missing %}{% endfor %}{{ missing }}",
        "{{ name|nosuchfilter }}",
        "{% nosuchtag %}",
        "{{ name.getClass() }}",
        "{{ name.class }}",
        "{{ name.class.forName('java.lang.Runtime') }}",
        "{{ ''.class }}",
        "{{ name.toString() }}",
        "{{ repo.getClass() }}",
        "{{ tags.append('x') }}",
        "{{ repo.update({'a': 1}) }}",
        "{{ ____int3rpr3t3r____.config }}",
        "{{ ____int3rpr3t3r____.getContext() }}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% for i in range(900) %}{% for j in range(900) %}x{% endfor %}{% endfor %}",
        "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        "{% if %}",
        "{{ name",
      })
  void shouldRefuse(String template) {
    assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
  }

  @Test
  void shouldBoundOutput() {
    assertThatThrownBy(
            () ->
                render(
                    "{% set s = 'xxxxxxxxxx' %}{% for i in range(900) %}"
                        + "{{ s * 100 }}{{ s|replace('x', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                        + "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy') }}"
                        + "{% endfor %}"))
        .isInstanceOf(TemplateException.class);
  }
}
