package dev.nexus.mcp.application;

import dev.nexus.mcp.protocol.Toolbox;
import dev.nexus.mcp.protocol.Toolboxes;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Resource;
import java.util.List;
import java.util.stream.IntStream;

/// Opens the toolbox of a caller: what its key may run, in the versions that are current now.
public final class ApplicationToolboxes implements Toolboxes {
  private static final String ROAD = "mcp";
  private static final String ALL =
      "Each tool is a component of an application of this Nexus, named <application>.<component>."
          + " Every call is recorded as an execution; its id comes back in _meta.";

  private final CallableComponents components;
  private final ToolRuns runs;
  private final StateTools state;
  private final ToolNames names = new ToolNames();

  public ApplicationToolboxes(CallableComponents components, ToolRuns runs, StateTools state) {
    this.components = components;
    this.runs = runs;
    this.state = state;
  }

  @Override
  public Toolbox all(HttpCaller caller, String traceparent) {
    Principal principal = caller.principal();
    return new ApplicationToolbox(
        ALL,
        names.among(components.visible(principal)),
        components,
        runs,
        Origin.of(principal, ROAD, traceparent),
        name -> requireSomeReading(caller, name));
  }

  @Override
  public Toolbox of(HttpCaller caller, String traceparent, String appId) {
    Principal principal = caller.principal();
    Version version = components.application(principal, caller.remoteAddress(), appId);
    Origin origin = Origin.of(principal, ROAD, traceparent);
    Toolbox tools =
        new ApplicationToolbox(
            "Tools of "
                + version.application().displayName()
                + ", version "
                + version.digest()
                + ".",
            names.within(version),
            components,
            runs,
            origin,
            name -> {});
    return new ApplicationServer(tools, state, origin, appId);
  }

  /// A name that, however read, belongs to applications the caller may not use ends in an audited
  /// 403, whether they exist or not.
  private static void requireSomeReading(HttpCaller caller, String name) {
    List<String> applications =
        IntStream.range(1, name.length())
            .filter(at -> name.charAt(at) == '.')
            .mapToObj(at -> name.substring(0, at))
            .toList();
    if (!applications.isEmpty()
        && applications.stream().noneMatch(id -> caller.may(Action.INVOKE, Resource.app(id)))) {
      caller.require(Action.INVOKE, Resource.app(applications.getFirst()));
    }
  }
}
