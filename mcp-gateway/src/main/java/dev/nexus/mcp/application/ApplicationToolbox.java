package dev.nexus.mcp.application;

import dev.nexus.mcp.protocol.Tool;
import dev.nexus.mcp.protocol.ToolCall;
import dev.nexus.mcp.protocol.ToolResult;
import dev.nexus.mcp.protocol.Toolbox;
import dev.nexus.mcp.protocol.UnknownToolException;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.CallableComponents.Target;
import dev.nexus.platform.call.Origin;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.NearestNames;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The components a caller may run, as tools.
final class ApplicationToolbox implements Toolbox {
  private final String instructions;
  private final Map<String, ComponentTool> tools;
  private final CallableComponents components;
  private final ToolRuns runs;
  private final Origin origin;
  private final Consumer<String> unknownName;

  /// `unknownName` is told of names that no tool has, and may end the call.
  ApplicationToolbox(
      String instructions,
      Map<String, ComponentTool> tools,
      CallableComponents components,
      ToolRuns runs,
      Origin origin,
      Consumer<String> unknownName) {
    this.instructions = instructions;
    this.tools = tools;
    this.components = components;
    this.runs = runs;
    this.origin = origin;
    this.unknownName = unknownName;
  }

  @Override
  public String instructions() {
    return instructions;
  }

  @Override
  public List<Tool> tools() {
    return tools.values().stream().map(ComponentTool::listed).toList();
  }

  @Override
  public ToolResult call(ToolCall call) {
    ComponentTool tool = tools.get(call.name());
    if (tool == null) {
      unknownName.accept(call.name());
      throw new UnknownToolException(unknown(call.name()));
    }
    Call asked;
    try {
      asked =
          components.call(
              new Target(tool.version(), tool.component()),
              CallMeta.traced(origin, call.meta()),
              tool.unwrapped(call.arguments()),
              Duration.ZERO,
              CallMeta.idempotencyKey(call.meta()));
    } catch (ProblemException e) {
      return refused(tool, e.problem());
    }
    return runs.run(tool, asked);
  }

  private String unknown(String name) {
    List<String> nearest = NearestNames.of(name, tools.keySet());
    return "Unknown tool: "
        + name
        + (nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?");
  }

  /// An input that does not fit, or a call that is not taken now: the model that called is told.
  private static ToolResult refused(ComponentTool tool, Problem problem) {
    String text = problem.errors().isEmpty() ? problem.detail() : misfit(tool, problem.errors());
    return ToolResult.error(text, Map.of(CallMeta.OURS + "problem", problem.kind()));
  }

  private static String misfit(ComponentTool tool, List<Fault> faults) {
    return faults.stream()
        .map(
            fault ->
                Fault.at(
                        tool.input().pointer(fault.pointer()),
                        fault.detail(),
                        fault.expected(),
                        fault.found())
                    .sentence())
        .collect(Collectors.joining("\n", "the arguments do not fit the input schema\n", ""));
  }
}
