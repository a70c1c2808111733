package dev.nexus.mcp.application;

import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The names under which components are offered: `<app>.<component>` among all applications, the
/// component's own in the server of one. A version never changes, so its tools are made once.
final class ToolNames {
  /// Applications of the platform itself are no tools.
  private static final String OWN = "nexus.";

  private static final int KEPT = 2_000;

  private final Map<String, SortedMap<String, ComponentTool>> made = new ConcurrentHashMap<>();

  /// Tools of several applications, by name. Ids may hold dots, so two components may claim one
  /// name; it is then given to neither, lest a new application take over calls meant for an old
  /// one.
  SortedMap<String, ComponentTool> among(List<Version> versions) {
    SortedMap<String, ComponentTool> tools = new TreeMap<>();
    Set<String> disputed = new HashSet<>();
    for (Version version : versions) {
      if (!version.application().appId().startsWith(OWN)) {
        of(version, version.application().appId() + ".")
            .forEach(
                (name, tool) -> {
                  if (tools.putIfAbsent(name, tool) != null) {
                    disputed.add(name);
                  }
                });
      }
    }
    disputed.forEach(tools::remove);
    return tools;
  }

  /// Tools of one application, by name.
  SortedMap<String, ComponentTool> within(Version version) {
    return of(version, "");
  }

  private SortedMap<String, ComponentTool> of(Version version, String prefix) {
    if (made.size() > KEPT) {
      made.clear();
    }
    String key =
        String.join(
            "/", version.tenant().value(), version.application().appId(), version.digest(), prefix);
    return made.computeIfAbsent(key, _ -> make(version, prefix));
  }

  private static SortedMap<String, ComponentTool> make(Version version, String prefix) {
    SortedMap<String, ComponentTool> tools = new TreeMap<>();
    for (ComponentDefinition component : version.application().components()) {
      String name = prefix + component.componentId();
      tools.put(name, ComponentTool.of(version, component, name));
    }
    return tools;
  }
}
