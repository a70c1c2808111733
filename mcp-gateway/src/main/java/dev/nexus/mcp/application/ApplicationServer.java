package dev.nexus.mcp.application;

import dev.nexus.mcp.protocol.Tool;
import dev.nexus.mcp.protocol.ToolCall;
import dev.nexus.mcp.protocol.ToolResult;
import dev.nexus.mcp.protocol.Toolbox;
import dev.nexus.mcp.protocol.UnknownToolException;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.http.NearestNames;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// All tools of one application: its components, and those of its values.
record ApplicationServer(Toolbox components, StateTools state, Origin origin, String appId)
    implements Toolbox {

  @Override
  public String instructions() {
    return components.instructions();
  }

  @Override
  public List<Tool> tools() {
    return Stream.concat(
            components.tools().stream().filter(tool -> !isOfState(tool.name())),
            state.listed().stream())
        .sorted(Comparator.comparing(Tool::name))
        .toList();
  }

  @Override
  public ToolResult call(ToolCall call) {
    if (!isOfState(call.name())) {
      return components.call(call);
    }
    return state.call(call, origin, appId).orElseThrow(() -> unknown(call.name()));
  }

  private static boolean isOfState(String name) {
    return name.startsWith(StateTools.PREFIX);
  }

  private UnknownToolException unknown(String name) {
    List<String> names = state.listed().stream().map(Tool::name).toList();
    return new UnknownToolException(
        "Unknown tool: " + name + NearestNames.advice(NearestNames.of(name, names)));
  }
}
