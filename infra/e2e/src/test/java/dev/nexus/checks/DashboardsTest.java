package dev.nexus.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nexus.platform.measure.Measure;
import dev.nexus.topic.Topic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Dashboards and alerts ask for what there is: a name that nothing measures is a panel that stays
/// empty, and an alert that never comes.
class DashboardsTest {
  private static final String DASHBOARDS = "infra/dashboards/";
  private static final String ALERTS = "infra/alerts/";
  private static final Pattern NAME = Pattern.compile("\\bnexus_[a-z_]+");
  private static final Pattern PART = Pattern.compile("_(bucket|count|sum)$");
  private static final Pattern TOPIC = Pattern.compile("topic=~\"\\.\\*(nexus\\.[a-z.-]+)\"");
  private static final Pattern GROUPED = Pattern.compile("\\bby \\(([a-z, ]+)\\)");

  /// What Prometheus and Micronaut give, beside the labels of our own.
  private static final Set<String> GIVEN = Set.of("le", "instance", "status");

  private static List<TextFile> dashboards() {
    return Repository.files("json").stream()
        .filter(file -> file.path().startsWith(DASHBOARDS))
        .toList();
  }

  private static List<String> expressions() throws IOException {
    List<String> all = new ArrayList<>();
    for (TextFile file : dashboards()) {
      for (JsonNode target : new ObjectMapper().readTree(file.text()).findValues("expr")) {
        all.add(target.asText());
      }
    }
    Repository.files("yaml").stream()
        .filter(file -> file.path().startsWith(ALERTS))
        .flatMap(file -> file.text().lines())
        .filter(line -> line.strip().startsWith("expr:"))
        .forEach(all::add);
    return all;
  }

  private static Set<String> measured() {
    return Arrays.stream(Measure.values())
        .map(Measure::prometheusName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void shouldBeThereForEveryPart() {
    assertThat(dashboards())
        .extracting(TextFile::path)
        .containsExactlyInAnyOrder(
            DASHBOARDS + "overview.json",
            DASHBOARDS + "executions.json",
            DASHBOARDS + "oracle.json",
            DASHBOARDS + "sandboxes.json",
            DASHBOARDS + "log.json");
  }

  @Test
  void shouldShowEveryMeasureAndNothingElse() throws IOException {
    Set<String> asked = new TreeSet<>();
    for (String expression : expressions()) {
      NAME.matcher(expression)
          .results()
          .forEach(found -> asked.add(PART.matcher(found.group()).replaceFirst("")));
    }
    assertThat(asked).isEqualTo(measured());
  }

  @Test
  void shouldGroupByLabelsThatExist() throws IOException {
    Set<String> known = new HashSet<>(GIVEN);
    Arrays.stream(Measure.values()).map(Measure::labels).forEach(known::addAll);
    for (String expression : expressions()) {
      GROUPED
          .matcher(expression)
          .results()
          .forEach(found -> assertThat(known).as(expression).contains(found.group(1).split(", ")));
    }
  }

  @Test
  void shouldNameTopicsThatExist() throws IOException {
    Set<String> topics =
        Arrays.stream(Topic.values()).map(Topic::topicName).collect(Collectors.toSet());
    List<String> named = new ArrayList<>();
    for (String expression : expressions()) {
      TOPIC.matcher(expression).results().forEach(found -> named.add(found.group(1)));
    }
    assertThat(named).hasSizeGreaterThan(4).isSubsetOf(topics);
  }

  @Test
  void shouldHaveAUniqueNameAndATitle() throws IOException {
    Set<String> names = new HashSet<>();
    for (TextFile file : dashboards()) {
      JsonNode board = new ObjectMapper().readTree(file.text());
      assertThat(names.add(board.path("uid").asText())).as(file.path()).isTrue();
      assertThat(board.path("panels"))
          .as(file.path())
          .allMatch(panel -> !panel.path("description").asText().isEmpty());
    }
  }
}
