package dev.nexus.platform.grant;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// Grants as lines for a shell, each a call of Kafka's own `kafka-acls.sh`: few, as one call takes
/// everything of a kind on which the same is allowed.
public final class AclLines {
  /// Holds how the one connects who grants.
  public static final String CONNECTION = "admin.properties";

  private final String servers;

  /// @param servers brokers, as `bootstrap.servers` has them
  public AclLines(String servers) {
    this.servers = servers;
  }

  /// What goes into one call.
  private record Kind(ResourceType type, PatternType pattern, Set<AclOperation> operations) {}

  /// @param principal who is allowed it: `User:nexus-projector`
  public List<String> of(String principal, Collection<Grant> grants) {
    Map<ResourcePattern, EnumSet<AclOperation>> allowed = new LinkedHashMap<>();
    for (Grant grant : grants) {
      allowed
          .computeIfAbsent(grant.on(), on -> EnumSet.noneOf(AclOperation.class))
          .add(grant.operation());
    }
    Map<Kind, List<String>> calls = new LinkedHashMap<>();
    allowed.forEach(
        (on, operations) ->
            calls
                .computeIfAbsent(
                    new Kind(on.resourceType(), on.patternType(), operations),
                    kind -> new ArrayList<>())
                .add(on.name()));
    return calls.entrySet().stream()
        .map(call -> line(principal, call.getKey(), call.getValue()))
        .toList();
  }

  private String line(String principal, Kind kind, List<String> names) {
    String operations =
        kind.operations().stream()
            .map(operation -> " --operation " + Grant.inWords(operation))
            .collect(Collectors.joining());
    String prefixed =
        kind.pattern() == PatternType.PREFIXED ? " --resource-pattern-type prefixed" : "";
    return "kafka-acls.sh --bootstrap-server "
        + servers
        + " --command-config "
        + CONNECTION
        + " --add --allow-principal "
        + quoted(principal)
        + operations
        + prefixed
        + resources(kind.type(), names);
  }

  private static String resources(ResourceType type, List<String> names) {
    String option =
        switch (type) {
          case TOPIC -> " --topic ";
          case GROUP -> " --group ";
          case TRANSACTIONAL_ID -> " --transactional-id ";
          case CLUSTER -> " --cluster";
          case ANY, UNKNOWN, DELEGATION_TOKEN, USER ->
              throw new IllegalArgumentException("nobody is granted anything on " + type);
        };
    return type == ResourceType.CLUSTER
        ? option
        : names.stream().map(name -> option + name).collect(Collectors.joining());
  }

  private static String quoted(String word) {
    return word.matches("[\\w.:@%/=,+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
