package dev.nexus.command.trigger;

import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Which components outside events start, by the current versions of applications. A component is
/// started once an event, however many of its triggers match.
final class Triggers {
  private Triggers() {}

  /// A component to start, in the version that says so.
  record Match(String appId, String digest, ComponentDefinition component) {}

  /// Components that an event of this type and source starts.
  static List<Match> of(List<Version> current, String type, String source) {
    return matching(current, t -> matchesType(t, type) && matchesSource(t, source));
  }

  /// Components that some event of this source starts, whatever its type.
  static List<Match> ofSource(List<Version> current, String source) {
    return matching(current, t -> matchesSource(t, source));
  }

  private static List<Match> matching(List<Version> current, Predicate<TriggerDefinition> wanted) {
    Map<String, Match> matches = new LinkedHashMap<>();
    for (Version version : current) {
      var application = version.application();
      for (TriggerDefinition trigger : application.triggers()) {
        if (wanted.test(trigger)) {
          application
              .component(trigger.component())
              .ifPresent(
                  component ->
                      matches.putIfAbsent(
                          application.appId() + "/" + component.componentId(),
                          new Match(application.appId(), version.digest(), component)));
        }
      }
    }
    return List.copyOf(matches.values());
  }

  /// An event type may end in `*`.
  private static boolean matchesType(TriggerDefinition trigger, String type) {
    String wanted = trigger.eventType();
    return wanted.endsWith("*")
        ? type.startsWith(wanted.substring(0, wanted.length() - 1))
        : wanted.equals(type);
  }

  private static boolean matchesSource(TriggerDefinition trigger, String source) {
    return trigger.source().isEmpty() || trigger.source().equals(source);
  }
}
