package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Envelope;
import dev.nexus.event.Event;
import dev.nexus.event.ExecutionId;
import dev.nexus.event.Json;
import dev.nexus.event.TenantId;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.task.OutcomeEvent;
import dev.nexus.event.task.OutcomeEvent.WorkSucceeded;
import dev.nexus.event.task.Role;
import dev.nexus.event.task.TaskKey;
import dev.nexus.event.task.Usage;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.rig.PlatformExtension;
import dev.nexus.standalone.verb.Terminal;
import dev.nexus.standalone.verb.Verbs;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Keys;
import dev.nexus.topic.Topic;
import dev.nexus.wire.EventCodec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `nexus executions` as a person types it, against a platform that runs.
class ExecutionVerbsIT {
  @RegisterExtension static final PlatformExtension platform = PlatformExtension.shared();

  private static final TaskKey SERVE = new TaskKey(1, Role.SERVE, 1);

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void publish() {
    platform.apply("patient");
  }

  @Test
  void shouldCancelWhatRuns() {
    // Given
    String id = waiting();

    // When
    Outcome cancelled = run("executions", "cancel", id, "--reason", "no longer wanted");

    // Then
    assertThat(cancelled).isEqualTo(new Outcome(0, id + ": cancelled", ""));
    Eventually.holds(
        () ->
            assertThat(run("executions", "get", id).out())
                .contains("status: CANCELLED", "no longer wanted"));
    Eventually.holds(
        () ->
            assertThat(run("executions", "list", "--app", "patient", "--status", "cancelled").out())
                .contains(id));
  }

  @Test
  void shouldReleaseWhatIsQuarantinedAndDecideOnWhatCameMeanwhile() {
    // Given
    String id = quarantined();
    report(id, SERVE);
    Eventually.holds(() -> assertThat(run("executions", "get", id).out()).contains("RecordParked"));

    // When
    Outcome released = run("executions", "release", id);

    // Then
    assertThat(released.code()).as(released.toString()).isZero();
    assertThat(released.out()).as("done, or soon").matches(id + ": releas(ed|ing)");
    Eventually.holds(
        () ->
            assertThat(run("executions", "get", id).out())
                .contains("status: SUCCEEDED", "ExecutionReleased"));
  }

  @Test
  void shouldDiscardWhatIsQuarantined() {
    // Given
    String id = quarantined();

    // When
    Outcome discarded = run("executions", "discard", id, "--json");

    // Then
    assertThat(discarded.code()).as(discarded.toString()).isZero();
    JsonNode answer = CanonicalJson.read(discarded.out());
    assertThat(answer.path("status").asText()).isEqualTo("discarded");
    assertThat(answer.path("executionId").asText()).isEqualTo(id);
    Eventually.holds(
        () -> assertThat(run("executions", "get", id).out()).contains("status: DISCARDED"));
  }

  @Test
  void shouldHaveDoctorNameWhatIsQuarantinedUntilItIsNoMore() {
    // Given
    String id = quarantined();

    // Then
    Eventually.holds(
        () ->
            assertThat(quarantinedByDoctor())
                .startsWith("warn  quarantined: ")
                .contains(id + " (patient/number)", "./nexus executions release ", platform.url()));

    // When
    assertThat(run("executions", "discard", id).code()).isZero();

    // Then
    Eventually.holds(() -> assertThat(quarantinedByDoctor()).doesNotContain(id));
  }

  private static String quarantinedByDoctor() {
    return run("doctor")
        .out()
        .lines()
        .filter(line -> line.contains("  quarantined: "))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cancel", "release", "discard"})
  void shouldSayInOneLineThatThereIsNoSuchExecution(String verb) {
    // When
    Outcome unknown = run("executions", verb, UUID.randomUUID().toString());
    Outcome nonsense = run("executions", verb, "seven");
    Outcome asJson = run("executions", verb, "seven", "--json");

    // Then
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.out()).isEmpty();
    assertThat(unknown.err()).startsWith("nexus: there is no such execution to ").hasLineCount(1);
    assertThat(nonsense.err())
        .isEqualTo("nexus: no execution 'seven': its id is a UUID, as the invocation answered");
    assertThat(asJson.code()).isEqualTo(1);
    JsonNode problem = CanonicalJson.read(asJson.out());
    assertThat(problem.path("error").asText()).startsWith("no execution 'seven'");
    assertThat(problem.path("problem").path("status").asInt()).isEqualTo(404);
  }

  @Test
  void shouldSayWhyAnExecutionCannotBeCancelledOrReleased() {
    // Given
    String id = waiting();
    String held = quarantined();

    // Then
    assertThat(run("executions", "release", id).err())
        .isEqualTo("nexus: the execution is not quarantined");
    assertThat(run("executions", "cancel", held).err())
        .startsWith("nexus: the execution is quarantined: WorkSucceeded for ");
    assertThat(run("executions", "discard", held).code()).isZero();
    assertThat(run("executions", "cancel", held).err())
        .isEqualTo("nexus: the execution has ended already");
  }

  @Test
  void shouldListPageByPageWhatOneComponentRan() {
    // Given
    String one = waiting();
    String other = waiting();

    // Then
    String[] list = {"executions", "list", "--app", "patient", "--component", "number"};
    Eventually.holds(
        () -> assertThat(pageByPage(list)).contains(one, other).doesNotHaveDuplicates());
    Outcome unknown = run("executions", "list", "--app", "patient", "--component", "numbr");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("did you mean number?");
  }

  /// What a list has, a page of one after the other, each gone on from as the one before it says.
  private static List<String> pageByPage(String... list) {
    List<String> listed = new ArrayList<>();
    List<String> arguments = new ArrayList<>(List.of(list));
    arguments.addAll(List.of("--limit", "1"));
    Outcome page = run(arguments.toArray(String[]::new));
    while (page.err().contains("--cursor ")) {
      page.out().lines().skip(1).map(line -> line.split(" ")[0]).forEach(listed::add);
      String cursor = page.err().replaceAll("(?s).*--cursor ", "");
      List<String> next = new ArrayList<>(arguments);
      next.addAll(List.of("--cursor", cursor));
      page = run(next.toArray(String[]::new));
    }
    return listed;
  }

  @Test
  void shouldNameTheNearestStatus() {
    // When
    Outcome execution = run("executions", "list", "--status", "suceeded");
    Outcome event = run("ingress", "list", "--status", "unmached");

    // Then
    assertThat(execution.code()).isEqualTo(1);
    assertThat(execution.err())
        .startsWith("nexus: status: expected one of WAITING, RUNNING, ")
        .endsWith("found 'suceeded'; did you mean SUCCEEDED?");
    assertThat(event.code()).isEqualTo(1);
    assertThat(event.err()).endsWith("found 'unmached'; did you mean unmatched?");
  }

  @Test
  void shouldNameTheNearestVerb() {
    // When
    Outcome outcome = run("executions", "cancle", UUID.randomUUID().toString());

    // Then
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("did you mean", "cancel").hasLineCount(1);
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    var environment = Map.of("NEXUS_URL", platform.url(), "NEXUS_KEY", platform.operatorKey());
    int code =
        Verbs.run(
            new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), environment),
            arguments);
    return new Outcome(code, out.toString().strip(), err.toString().strip());
  }

  /// An execution whose first attempt has failed and whose next one comes in an hour.
  private static String waiting() {
    String id =
        PlatformExtension.json(
                platform.post("/v1/apps/patient/components/number/invoke?wait=0s", "{}"), 202)
            .path("executionId")
            .asText();
    awaitFact(id, "TaskFailed");
    return id;
  }

  private static String quarantined() {
    String id = waiting();
    report(id, new TaskKey(7, Role.SERVE, 1));
    awaitFact(id, "ExecutionQuarantined");
    return id;
  }

  private static void awaitFact(String id, String type) {
    Eventually.holds(() -> assertThat(platform.get("/v1/executions/" + id).body()).contains(type));
  }

  /// Reports the success of a task as its executor would.
  private static void report(String id, TaskKey task) {
    ExecutionId execution = ExecutionId.parse(id);
    var envelope =
        Envelope.of(UUID.randomUUID(), Instant.now(), TenantId.DEFAULT, "patient", "service:test")
            .withExecution(execution);
    OutcomeEvent success = new WorkSucceeded(task, "test", new Json("\"seven\""), Usage.NONE);
    platform
        .platform()
        .context()
        .getBean(EventProducer.class)
        .send(
            EventCodec.of(Topic.OUTCOMES, OutcomeEvent.class),
            Keys.execution(TenantId.DEFAULT, execution),
            new Event<>(envelope, success))
        .join();
  }
}
