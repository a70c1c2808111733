package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Scalar;
import dev.nexus.event.definition.Capability;
import dev.nexus.event.definition.ComponentDefinition;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Reads what a component grants its code.
final class CapabilityReader {
  private CapabilityReader() {}

  /// Their names, each once, in the order of the platform: another order is no other version. Empty
  /// where there are none.
  ///
  /// @param isModule whether the code is one, which has no way to call tools
  static Optional<JsonNode> read(FieldReader details, boolean isModule) {
    Optional<Located> field = details.find(ComponentDefinition.CAPABILITIES);
    if (field.isEmpty()) {
      return Optional.empty();
    }
    Set<Capability> granted = granted(details, field.get());
    if (isModule) {
      granted.stream()
          .filter(one -> one == Capability.TOOLS || one == Capability.STATE)
          .forEach(
              one ->
                  details
                      .faults()
                      .add(
                          field.get().mark(),
                          "a module has no way to call tools",
                          "capabilities clock or random, or a script in javascript or python",
                          one.text()));
    }
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    granted.forEach(one -> names.add(one.text()));
    return names.isEmpty() ? Optional.empty() : Optional.of(names);
  }

  private static Set<Capability> granted(FieldReader details, Located field) {
    Set<Capability> granted = EnumSet.noneOf(Capability.class);
    if (!(field instanceof Items(_, var items))) {
      details
          .faults()
          .add(
              field.mark(),
              "wrong " + ComponentDefinition.CAPABILITIES,
              "a list of " + String.join(", ", Capability.names()),
              field.kind());
      return granted;
    }
    for (Located item : items) {
      String name = item instanceof Scalar(_, var value) ? value.asText() : item.kind();
      Capability.named(name)
          .ifPresentOrElse(
              granted::add,
              () ->
                  details
                      .faults()
                      .unknown(item.mark(), "no such capability", name, Capability.names()));
    }
    return granted;
  }
}
