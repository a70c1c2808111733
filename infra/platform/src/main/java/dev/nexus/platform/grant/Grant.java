package dev.nexus.platform.grant;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/// One thing that somebody may do: an operation, on what has this name or on everything whose name
/// begins so.
public record Grant(ResourcePattern on, AclOperation operation) {
  /// Name of the one cluster there is.
  public static final String CLUSTER_NAME = Resource.CLUSTER_NAME;

  static final ResourcePattern CLUSTER =
      new ResourcePattern(ResourceType.CLUSTER, CLUSTER_NAME, PatternType.LITERAL);

  /// As brokers keep it, from wherever the principal connects.
  public AclBinding to(String principal) {
    return new AclBinding(
        on, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW));
  }

  /// Whether it is about what has this name.
  public boolean covers(String name) {
    return on.patternType() == PatternType.PREFIXED
        ? name.startsWith(on.name())
        : name.equals(on.name());
  }

  /// The operation as Kafka's tools write it: `DescribeConfigs`.
  public static String inWords(AclOperation operation) {
    return Arrays.stream(operation.name().split("_", -1))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  /// What it is on, for people: `topic nexus.requests`, `group nexus-lane-*`, `cluster`.
  public static String inWords(ResourcePattern on) {
    if (on.resourceType() == ResourceType.CLUSTER) {
      return "cluster";
    }
    return on.resourceType().name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + " "
        + on.name()
        + (on.patternType() == PatternType.PREFIXED ? "*" : "");
  }

  /// `Read topic nexus.requests`.
  @Override
  public String toString() {
    return inWords(operation) + " " + inWords(on);
  }
}
