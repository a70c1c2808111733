package dev.nexus.readers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.execution.ExecutionEvent;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// DuckDB reads the files that `nexus events export` writes.
class DuckDbIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {
    JsonNode json() {
      return CanonicalJson.read(out);
    }
  }

  @BeforeAll
  static void call() throws Exception {
    Traffic.of(platform);
  }

  private Outcome export(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> words = new ArrayList<>(List.of("events", "export"));
    words.addAll(List.of(arguments));
    words.addAll(List.of("--data", platform.platform().dataDirectory().toString()));
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out), new PrintWriter(err), Map.of()),
            words.toArray(String[]::new));
    return new Outcome(code, out.toString(), err.toString());
  }

  private List<String> duck(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet found = duck.createStatement().executeQuery(sql)) {
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(found.getObject(i)));
        }
        rows.add(String.join(" ", row));
      }
    }
    return rows;
  }

  private String inDirectory(String sql) {
    return sql.replaceAll("'(\\w+\\.\\w+)'", "'" + directory + "/$1'");
  }

  @Test
  void shouldWriteParquetThatHasEveryCommittedRecord() throws Exception {
    // Given
    Path file = directory.resolve("executions.parquet");
    var log = Traffic.records(new KafkaClients(platform.platform().settings()), Topic.EXECUTIONS);
    // When
    Outcome exported = export("executions", "-o", file.toString(), "--json");
    // Then
    assertThat(exported.code()).as(exported.err()).isZero();
    long rows = exported.json().path("rows").asLong();
    assertThat(rows).isGreaterThanOrEqualTo(log.size());
    assertThat(exported.json().path("bytes").asLong()).isEqualTo(Files.size(file));
    assertThat(
            duck("SELECT count(*), count(DISTINCT (logPartition, logOffset)) FROM '" + file + "'"))
        .containsExactly(rows + " " + rows);
    String first =
        duck("SELECT occurredAt FROM '" + file + "' ORDER BY logPartition, logOffset LIMIT 1")
            .getFirst();
    var codec = EventCodec.of(Topic.EXECUTIONS, ExecutionEvent.class);
    assertThat(OffsetDateTime.parse(first).toInstant())
        .isEqualTo(codec.decode(log.getFirst().value()).envelope().occurredAt());
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void shouldAnswerAsThePageSays() throws Exception {
    // When
    assertThat(export("metrics", "-o", directory.resolve("metrics.parquet").toString()).code())
        .isZero();
    Outcome lines =
        export(
            "executions",
            "--format",
            "jsonl",
            "-o",
            directory.resolve("executions.jsonl").toString());
    // Then
    assertThat(lines.out()).contains("executions.jsonl: ", " rows, ");
    assertThat(duck(inDirectory(Examples.named("duckdb").getFirst())))
        .anyMatch(row -> row.startsWith("greet CODE " + Traffic.CALLS + " "));
    assertThat(duck(inDirectory(Examples.named("duckdb json").getFirst())))
        .contains("ExecutionAccepted " + Traffic.CALLS, "ExecutionSucceeded " + Traffic.CALLS);
  }

  @Test
  void shouldKeepToTheTimesAskedFor() {
    // When
    Outcome future = export("executions", "--from", "2999-01-01", "--json", "-o", at("a.parquet"));
    Outcome past =
        export("executions", "--to", "2020-01-01T00:00:00Z", "--json", "-o", at("b.parquet"));
    Outcome day =
        export(
            "executions", "--from", "24h", "--to", "2999-01-01", "--json", "-o", at("c.parquet"));
    // Then
    assertThat(future.json().path("rows").asLong()).isZero();
    assertThat(past.json().path("rows").asLong()).isZero();
    assertThat(day.json().path("rows").asLong()).isGreaterThanOrEqualTo(Traffic.CALLS);
  }

  @Test
  void shouldSayWhatIsWrong() throws Exception {
    Files.writeString(directory.resolve("there.parquet"), "mine");
    for (var wrong :
        Map.of(
                List.of("executoins"),
                "did you mean nexus.executions?",
                List.of("ingress"),
                "'events' has those that were let in",
                List.of("executions", "--format", "csv"),
                "--format: parquet or jsonl expected, found 'csv'",
                List.of("executions", "--from", "yesterday"),
                "--from: expected a date as 2026-11-01",
                List.of("executions", "--from", "1h", "--to", "2h"),
                "--from must be before --to",
                List.of("executions", "-o", at("there.parquet")),
                "--force replaces it",
                List.of("executions", "-o", at("none/x.parquet")),
                "there is no directory")
            .entrySet()) {
      // When
      Outcome refused = export(wrong.getKey().toArray(String[]::new));
      // Then
      assertThat(refused.code()).as(wrong.getKey().toString()).isEqualTo(1);
      assertThat(refused.err()).contains(wrong.getValue());
    }
    assertThat(directory.resolve("there.parquet")).hasContent("mine");
  }

  private String at(String name) {
    return directory.resolve(name).toString();
  }
}
