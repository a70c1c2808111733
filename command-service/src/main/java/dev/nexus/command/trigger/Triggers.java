package dev.nexus.command.trigger;

import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which triggers are for an outside event, by the current versions of applications. What a
/// trigger's condition says comes later.
final class Triggers {
  private Triggers() {}

  /// A trigger, in the version that has it.
  record Match(Version version, TriggerDefinition trigger, ComponentDefinition component) {
    String appId() {
      return version.application().appId();
    }

    String digest() {
      return version.digest();
    }

    /// The component as people name it.
    String target() {
      return appId() + "/" + component.componentId();
    }

    /// The trigger as people name it.
    String name() {
      return appId() + "/" + trigger.triggerId();
    }
  }

  /// Triggers for an event that came by an integration of `owner`.
  static List<Match> of(List<Version> current, Outside event, String owner) {
    return matching(
        current,
        (trigger, appId) ->
            TriggerDefinition.fits(trigger.eventType(), event.type())
                && trigger.selectsSource(event.source(), appId.equals(owner))
                && selectsSubject(trigger, event.subject()));
  }

  static boolean selectsSubject(TriggerDefinition trigger, String subject) {
    return trigger.subject().isEmpty() || TriggerDefinition.fits(trigger.subject(), subject);
  }

  /// Every trigger there is.
  static List<Match> all(List<Version> current) {
    return matching(current, (_, _) -> true);
  }

  /// Components that an event of this source, and of this type unless that is "", may have started,
  /// each once. Nobody knows any more what the event said, so subject and condition are no matter.
  static List<Match> startable(List<Version> current, String source, String type, String owner) {
    Map<String, Match> once = new LinkedHashMap<>();
    matching(
            current,
            (trigger, appId) ->
                (type.isEmpty() || TriggerDefinition.fits(trigger.eventType(), type))
                    && trigger.selectsSource(source, appId.equals(owner)))
        .forEach(match -> once.putIfAbsent(match.target(), match));
    return List.copyOf(once.values());
  }

  private interface Wanted {
    boolean accepts(TriggerDefinition trigger, String appId);
  }

  private static List<Match> matching(List<Version> current, Wanted wanted) {
    List<Match> matches = new ArrayList<>();
    for (Version version : current) {
      var application = version.application();
      for (TriggerDefinition trigger : application.triggers()) {
        if (wanted.accepts(trigger, application.appId())) {
          application
              .component(trigger.component())
              .ifPresent(component -> matches.add(new Match(version, trigger, component)));
        }
      }
    }
    return matches;
  }
}
