package dev.nexus.event;

import java.util.UUID;

/// Id of one execution of a component.
public record ExecutionId(UUID value) {

  /// Parses the canonical text; throws `IllegalArgumentException` when it is no UUID.
  public static ExecutionId parse(String text) {
    UUID id = UUID.fromString(text);
    // The library also takes shortened forms, such as 1-1-1-1-1.
    if (!id.toString().equalsIgnoreCase(text)) {
      throw new IllegalArgumentException("the id of an execution expected, found '" + text + "'");
    }
    return new ExecutionId(id);
  }

  /// The id a caller's idempotency key names: repeated calls meet the same execution.
  public static ExecutionId ofIdempotencyKey(
      TenantId tenant, String appId, String component, String key) {
    return new ExecutionId(NameIds.uuid5("idempotency", tenant.value(), appId, component, key));
  }

  /// The id an outside event names, so that a duplicate delivery meets the same execution.
  public static ExecutionId ofSource(
      TenantId tenant, String appId, String component, String source, String id) {
    return new ExecutionId(NameIds.uuid5("source", tenant.value(), appId, component, source, id));
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
