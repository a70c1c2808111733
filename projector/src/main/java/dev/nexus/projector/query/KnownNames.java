package dev.nexus.projector.query;

import dev.nexus.event.TenantId;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Whether what a filter names is there: an empty answer would not tell a misspelt name from an
/// application where nothing happened.
public final class KnownNames {
  private final ApplicationQueries applications;
  private final ComponentQueries components;

  public KnownNames(ApplicationQueries applications, ComponentQueries components) {
    this.applications = applications;
    this.components = components;
  }

  /// Throws a 404 with the nearest names where nothing of such a name was ever published or called.
  /// What is published needs no look at executions, which may just be folded again.
  void require(HttpCaller caller, Optional<String> app, Optional<String> component) {
    app.ifPresent(id -> requireApplication(caller, id));
    component.ifPresent(name -> requireComponent(caller.principal().tenant(), app, name));
  }

  private void requireApplication(HttpCaller caller, String app) {
    TenantId tenant = caller.principal().tenant();
    Set<String> names = new TreeSet<>(applications.names(tenant));
    if (names.contains(app)) {
      return;
    }
    components.known(tenant).forEach(called -> names.add(called.split("/", 2)[0]));
    if (!names.contains(app)) {
      names.removeIf(name -> !caller.may(Action.READ, Resource.app(name)));
      throw Problems.unknown("application", app, names);
    }
  }

  private void requireComponent(TenantId tenant, Optional<String> app, String component) {
    Set<String> names = new TreeSet<>();
    for (String id : app.map(Set::of).orElseGet(() -> applications.names(tenant))) {
      names.addAll(applications.components(tenant, id));
    }
    if (names.contains(component)) {
      return;
    }
    for (String called : components.known(tenant)) {
      String[] parts = called.split("/", 2);
      if (app.isEmpty() || app.get().equals(parts[0])) {
        names.add(parts[1]);
      }
    }
    if (!names.contains(component)) {
      throw Problems.unknown("component", component, names);
    }
  }
}
