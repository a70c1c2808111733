package dev.nexus.readers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/// Flink SQL in this JVM, with the tables of `docs/analytics.md`.
final class FlinkTables {
  private static final String CONNECTOR = "'connector' = 'kafka',\n";

  /// A line for Flink's SQL client, which alone takes it as SQL.
  private static final Pattern SETTING = Pattern.compile("SET '([^']+)' = '([^']+)'");

  private final TableEnvironment flink =
      TableEnvironment.create(
          EnvironmentSettings.newInstance().withConfiguration(settings()).build());

  /// @param kafka where the brokers are, in place of the page's address
  /// @param http where the platform is, in place of the page's address
  /// @param more options of every table, as the page writes them; may be empty
  FlinkTables(String kafka, String http, String more) {
    for (String table : Examples.named("flink")) {
      assertThat(table).contains("127.0.0.1:9092", "http://127.0.0.1:8080", CONNECTOR);
      flink.executeSql(
          table
              .replace("127.0.0.1:9092", kafka)
              .replace("http://127.0.0.1:8080", http)
              .replace(CONNECTOR, CONNECTOR + more + "\n"));
    }
  }

  private static Configuration settings() {
    Map<String, String> settings = new HashMap<>(Map.of("parallelism.default", "1"));
    for (String line : Examples.named("flink settings")) {
      Matcher setting = SETTING.matcher(line);
      assertThat(setting.matches()).as(line).isTrue();
      settings.put(setting.group(1), setting.group(2));
    }
    return Configuration.fromMap(settings);
  }

  /// What an example of the page says of the component `greet`.
  List<Row> ofGreet(String example) throws Exception {
    return selected(Examples.named(example).getFirst());
  }

  /// What another last query, in place of that which begins so, says of it.
  List<Row> ofGreet(String example, String lastQuery, String instead) throws Exception {
    String page = Examples.named(example).getFirst();
    return selected(page.substring(0, page.lastIndexOf(lastQuery)) + instead);
  }

  private List<Row> selected(String sql) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> found = flink.executeSql(sql).collect()) {
      found.forEachRemaining(rows::add);
    }
    return rows.stream().filter(row -> "greet".equals(row.getField("component"))).toList();
  }

  static long sum(List<Row> rows, String column) {
    return rows.stream().mapToLong(row -> (Long) row.getField(column)).sum();
  }
}
