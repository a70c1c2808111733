package dev.nexus.platform.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.stream.ConsumerGroup;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.ShareGroups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GrantTableTest {
  private static final GrantTable TABLE = table("");

  private static GrantTable table(String prefix) {
    return new GrantTable(new KafkaClients(Map.of("bootstrap.servers", "localhost:1"), prefix));
  }

  /// What else is on a shared cluster belongs to others.
  @ParameterizedTest
  @EnumSource(KafkaUser.class)
  void shouldGrantNothingOutsideOfAnInstallation(KafkaUser user) {
    assertThat(table("shop.").of(user))
        .filteredOn(grant -> grant.on().resourceType() != ResourceType.CLUSTER)
        .isNotEmpty()
        .allSatisfy(grant -> assertThat(grant.on().name()).matches("shop\\.nexus[.-].*"));
  }

  @ParameterizedTest
  @EnumSource(KafkaUser.class)
  void shouldLetNobodyChangeTheCluster(KafkaUser user) {
    assertThat(TABLE.of(user))
        .filteredOn(grant -> grant.on().resourceType() == ResourceType.CLUSTER)
        .extracting(Grant::operation)
        .isSubsetOf(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
    assertThat(TABLE.of(user))
        .extracting(Grant::operation)
        .doesNotContain(AclOperation.ALL, AclOperation.ALTER, AclOperation.CLUSTER_ACTION);
  }

  @Test
  void shouldLetAStrangerWriteOutsideEventsAndNothingElse() {
    assertThat(TABLE.of(KafkaUser.INTEGRATION))
        .extracting(Grant::toString)
        .containsExactly("Write topic nexus.ingress");
  }

  /// A member of a service's group would take records from it.
  @Test
  void shouldLetAnOperatorIntoGroupsOfItsOwnAlone() {
    // When
    List<Grant> joined =
        TABLE.of(KafkaUser.OPERATOR).stream()
            .filter(grant -> grant.on().resourceType() == ResourceType.GROUP)
            .filter(grant -> grant.operation() == AclOperation.READ)
            .toList();

    // Then
    assertThat(joined)
        .singleElement()
        .hasToString("Read group nexus-operator-*")
        .satisfies(grant -> assertThat(grant.covers("nexus-operator-clickhouse")).isTrue());
    Stream<String> ofServices =
        Stream.concat(
            Arrays.stream(ConsumerGroup.values()).map(ConsumerGroup::groupName),
            Arrays.stream(Lane.values()).map(ShareGroups::ofLane));
    assertThat(ofServices.map(name -> "nexus-" + name))
        .noneMatch(name -> joined.getFirst().covers(name));
  }

  @Test
  void shouldLetOnlyTheRouterWriteAndDeleteFacts() {
    for (KafkaUser user : KafkaUser.SERVICES) {
      List<AclOperation> operations =
          TABLE.of(user).stream()
              .filter(grant -> grant.covers("nexus.executions"))
              .map(Grant::operation)
              .toList();
      if (user == KafkaUser.COMMAND_SERVICE) {
        assertThat(operations).contains(AclOperation.WRITE, AclOperation.DELETE);
      } else {
        assertThat(operations).doesNotContain(AclOperation.WRITE, AclOperation.DELETE);
      }
    }
  }

  @Test
  void shouldLetOneProcessDoWhatAllServicesDo() {
    Set<String> all = new TreeSet<>();
    KafkaUser.SERVICES.forEach(
        service -> TABLE.of(service).forEach(grant -> all.add(grant.toString())));
    assertThat(TABLE.of(KafkaUser.PLATFORM))
        .extracting(Grant::toString)
        .containsExactlyInAnyOrderElementsOf(all);
  }

  /// A line takes everything of a kind on which the same is allowed.
  @Test
  void shouldGrantInFewLines() {
    // When
    List<String> lines =
        new AclLines("b:9092").of("User:nexus-oracle", TABLE.of(KafkaUser.ORACLE_STREAM));

    // Then
    String call =
        "kafka-acls.sh --bootstrap-server b:9092 --command-config admin.properties --add"
            + " --allow-principal User:nexus-oracle";
    assertThat(lines)
        .hasSize(8)
        .contains(
            call
                + " --operation Create --operation Describe --operation DescribeConfigs"
                + " --resource-pattern-type prefixed --topic nexus.",
            call
                + " --operation Describe --operation AlterConfigs --resource-pattern-type prefixed"
                + " --group nexus-lane-",
            call + " --operation Read --group nexus-oracle",
            call
                + " --operation Write --resource-pattern-type prefixed --transactional-id"
                + " nexus-oracle-",
            call + " --operation Describe --cluster");
  }

  @Test
  void shouldQuoteNamesThatAShellWouldTakeApart() {
    assertThat(new AclLines("b:1").of("User:CN=it's, O=x", TABLE.of(KafkaUser.INTEGRATION)))
        .singleElement()
        .asString()
        .contains("--allow-principal 'User:CN=it'\\''s, O=x' --operation Write");
  }

  @Test
  void shouldFindEveryUserByItsName() {
    var found = new ArrayList<KafkaUser>();
    for (KafkaUser user : KafkaUser.values()) {
      KafkaUser.named(user.userName()).ifPresent(found::add);
    }
    assertThat(found).containsExactlyElementsOf(EnumSet.allOf(KafkaUser.class));
  }

  @ParameterizedTest
  @CsvSource({
    "nexus-projector, PROJECTOR",
    "projector, PROJECTOR",
    "shop.command-service, COMMAND_SERVICE",
    "nexusprojector,",
    "alice,"
  })
  void shouldTellWhomANameStandsFor(String name, @Nullable KafkaUser expected) {
    assertThat(KafkaUser.ofPrincipal(name).orElse(null)).isEqualTo(expected);
  }
}
