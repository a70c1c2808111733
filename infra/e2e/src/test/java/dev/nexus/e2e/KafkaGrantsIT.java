package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.e2e.ServicesApart.Service;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.grant.GrantTable;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.rig.ApiClients;
import dev.nexus.rig.RefusalLog;
import dev.nexus.rig.SecuredBroker;
import dev.nexus.standalone.doctor.Finding;
import dev.nexus.standalone.doctor.Finding.Verdict;
import dev.nexus.standalone.doctor.Findings;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import dev.nexus.topic.Topic;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.AclCommand;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// On a cluster where nobody may do what is not granted the table of grants is enough for every
/// service, and no more than a stranger should have; `doctor` names what lacks.
class KafkaGrantsIT {
  private static final String APPLICATION =
      """
      appId: kill
      displayName: Asked by every road
      version: 1.0.0
      components:
        - componentId: echo
          handlerType: BUILTIN
          taskDetails:
            function: echo
        - componentId: ask
          handlerType: LLM
          outputSchema: {type: object, required: [n]}
          taskDetails:
            template: 'Give back {{ input | tojson }}'
      integrations:
        - integrationId: shop
          source: urn:shop
      triggers:
        - triggerId: orders
          eventType: com.example.order.*
          source: urn:shop
          component: echo
      """;

  private static SecuredSite site;
  private static DocumentedClient http;

  @BeforeAll
  static void begin() throws Exception {
    site = new SecuredSite();
    http = ApiClients.client();
  }

  @AfterAll
  static void end() throws Exception {
    http.close();
    site.close();
  }

  @Test
  void shouldLetEveryServiceDoItsWorkAsAUserOfItsOwn() throws Exception {
    // Given
    var files = JsonNodeFactory.instance.objectNode();
    files.putObject("files").put("app_definition.yaml", APPLICATION);
    assertThat(post("/v1/apps/kill/apply", files.toString()).statusCode()).isEqualTo(200);

    // When a call, a prompt, a tool and an outside event are asked for
    String called = invoke("echo");
    String prompted = invoke("ask");
    String tool = callTool();
    writeEvent();

    // Then all of them are answered, and shown
    for (String execution : List.of(called, prompted, tool, startedByEvent())) {
      Eventually.holds(
          () ->
              assertThat(get("/v1/executions/" + execution).body()).contains("ExecutionSucceeded"));
    }
    // And nobody was refused anything
    assertThat(RefusalLog.of(SecuredBroker.NAMED))
        .filteredOn(line -> !line.startsWith(SecuredBroker.NAMED + "integration"))
        .isEmpty();
    for (Service service : Service.values()) {
      for (var log : List.of(site.services().log(service), site.services().errors(service))) {
        assertThat(Files.readString(log))
            .as(log.toString())
            .doesNotContain("AuthorizationException")
            .doesNotContain("Not authorized");
      }
    }
  }

  private static String invoke(String component) {
    HttpResponse<String> answer =
        Eventually.value(
            () -> post("/v1/apps/kill/components/" + component + "/invoke?wait=30s", "{\"n\":1}"),
            response -> response.statusCode() == 200,
            component + " answers");
    return CanonicalJson.read(answer.body()).path("executionId").asText();
  }

  private static String callTool() throws InterruptedException {
    try (var tools = new ToolCalls(url(), site.services().key())) {
      Eventually.value(tools::executions, answered -> !answered.isEmpty(), "a tool answers");
      return tools.finish().iterator().next();
    }
  }

  /// As a producer does that knows nothing of Nexus.
  private static void writeEvent() throws Exception {
    KafkaClients stranger = site.broker().clients(SecuredBroker.NAMED, KafkaUser.INTEGRATION);
    var event =
        new ProducerRecord<>(stranger.name(Topic.INGRESS), "urn:shop/o-1", bytes("{\"n\":3}"));
    Map.of(
            "ce_specversion", "1.0",
            "ce_id", "o-1",
            "ce_source", "urn:shop",
            "ce_type", "com.example.order.placed",
            "content-type", "application/json")
        .forEach((name, value) -> event.headers().add(name, bytes(value)));
    try (var producer = stranger.producer("shop")) {
      producer.send(event).get();
    }
  }

  private static String startedByEvent() {
    return Eventually.value(
        () ->
            CanonicalJson.read(get("/v1/events?id=o-1&status=matched").body())
                .at("/events/0/executions/0")
                .asText(),
        execution -> !execution.isEmpty(),
        "an event that started something");
  }

  @Test
  void shouldKeepAStrangerFromEverythingElse() {
    StrangerCheck.assertMayNeitherReadFactsNorAskForWork(
        site.broker().clients(SecuredBroker.NAMED, KafkaUser.INTEGRATION));
  }

  @Test
  void shouldLetAnOperatorKeepAPlaceInAGroupOfItsOwnAndInNoOther() throws Exception {
    // Given
    site.broker().grant("reads-", KafkaUser.OPERATOR);
    KafkaClients operator = site.broker().clients("reads-", KafkaUser.OPERATOR);

    // When
    try (var own = operator.groupConsumer(GrantTable.READERS + "sink", "sink")) {
      own.subscribe(List.of(operator.name(Topic.EXECUTIONS)));
      Eventually.holds(
          () -> {
            assertThatCode(() -> own.poll(Duration.ofMillis(100))).doesNotThrowAnyException();
            assertThat(own.assignment()).isNotEmpty();
          });
      var place = Map.of(own.assignment().iterator().next(), new OffsetAndMetadata(0));
      own.commitSync(place);

      // Then
      assertThat(own.committed(place.keySet())).isEqualTo(place);
    }
    try (var others = operator.groupConsumer(ConsumerGroup.ROUTER.groupName(), "curious")) {
      others.subscribe(List.of(operator.name(Topic.REQUESTS)));
      assertThatThrownBy(() -> others.poll(Duration.ofMinutes(1)))
          .isInstanceOf(GroupAuthorizationException.class);
    }
  }

  @Test
  void shouldNameWhatAServiceMayNotDoWithTheLineThatGrantsIt() throws Exception {
    // Given a user that has everything, and then has not
    site.broker().grant("spare-", KafkaUser.PROJECTOR);
    Eventually.holds(() -> assertThat(grantsOfSpare().verdict()).isEqualTo(Verdict.GOOD));
    try (Admin admin = site.broker().admin()) {
      admin
          .deleteAcls(
              List.of(
                  new AclBindingFilter(
                      new ResourcePatternFilter(
                          ResourceType.TOPIC, "nexus.routes", PatternType.LITERAL),
                      new AccessControlEntryFilter(
                          "User:spare-projector",
                          null,
                          AclOperation.READ,
                          AclPermissionType.ALLOW))))
          .all()
          .get();
    }

    // Then, when the broker has heard of it
    String mend =
        "kafka-acls.sh --bootstrap-server "
            + site.broker().bootstrapServers()
            + " --command-config admin.properties --add --allow-principal User:spare-projector"
            + " --operation Read --topic nexus.routes";
    Eventually.holds(
        () ->
            assertThat(grantsOfSpare())
                .isEqualTo(
                    Finding.broken(
                        "grants",
                        "User:spare-projector may not do what projector needs: Read topic"
                            + " nexus.routes",
                        mend)));
    // And the line is the mend
    paste(mend);
    Eventually.holds(() -> assertThat(grantsOfSpare().verdict()).isEqualTo(Verdict.GOOD));
  }

  private static Finding grantsOfSpare() throws InterruptedException {
    return grants(Findings.of(site.settings("spare-", KafkaUser.PROJECTOR), Optional.empty(), ""));
  }

  private static Finding grants(List<Finding> all) {
    return all.stream().filter(f -> f.check().equals("grants")).findFirst().orElseThrow();
  }

  @Test
  void shouldFindThatNobodyLacksWhatWasGranted() throws Exception {
    // Given users whom nobody works as, since doctor asks for more than a service may know
    site.broker().grant("asked-", KafkaUser.values());
    for (KafkaUser user : KafkaUser.values()) {
      var settings = site.settings("asked-", user);
      Eventually.holds(
          () ->
              assertThat(grants(Findings.of(settings, Optional.empty(), "")))
                  .as(user.userName())
                  .returns(Verdict.GOOD, Finding::verdict)
                  .returns("", Finding::mend));
    }
    // And an operator sees everything that there is to see
    var operator = site.settings("asked-", KafkaUser.OPERATOR);
    assertThat(Findings.of(operator, Optional.empty(), ""))
        .noneMatch(f -> f.detail().contains("the brokers do not tell it"));
  }

  @Test
  void shouldPrintLinesThatGrantTheSame() throws Exception {
    // When
    site.broker()
        .grants("platform", "--principals", "pasted-", "--as", "kafka-acls")
        .lines()
        .forEach(KafkaGrantsIT::paste);

    // Then, when the broker has heard of it
    String principal = "User:pasted-platform";
    var filter =
        new AclBindingFilter(
            ResourcePatternFilter.ANY,
            new AccessControlEntryFilter(principal, null, AclOperation.ANY, AclPermissionType.ANY));
    var table = new GrantTable(site.broker().clients(SecuredBroker.NAMED, KafkaUser.OPERATOR));
    try (Admin admin = site.broker().admin()) {
      Eventually.holds(
          () ->
              assertThat(admin.describeAcls(filter).values().get())
                  .containsExactlyInAnyOrderElementsOf(
                      table.of(KafkaUser.PLATFORM).stream()
                          .map(grant -> grant.to(principal))
                          .toList()));
    }
  }

  /// Runs a line as a shell with Kafka's own tools does.
  private static void paste(String line) {
    Exit.setExitProcedure(
        (code, message) -> {
          throw new IllegalStateException("kafka-acls.sh ends with " + code + ": " + message);
        });
    try {
      List<String> words = List.of(line.split(" ", -1));
      assertThat(words.getFirst()).isEqualTo("kafka-acls.sh");
      String connection = site.broker().connection().toString();
      AclCommand.main(
          words.stream()
              .skip(1)
              .map(word -> word.equals("admin.properties") ? connection : word)
              .toArray(String[]::new));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } finally {
      Exit.resetExitProcedure();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String url() {
    return site.services().url(Service.COMMAND_SERVICE);
  }

  private static HttpResponse<String> post(String path, String json) throws Exception {
    return send(request(path).POST(BodyPublishers.ofString(json)));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(request(path).GET());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url() + path))
        .timeout(Duration.ofMinutes(1))
        .header("Authorization", "Bearer " + site.services().key())
        .header("Content-Type", "application/json");
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }
}
