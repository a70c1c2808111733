package dev.nexus.mcp.protocol;

import java.util.List;

/// The tools one caller may use.
public interface Toolbox {

  /// For the model that gets the tools: what they are; "" for nothing.
  String instructions();

  /// All of them, by name.
  List<Tool> tools();

  /// Does the work of a tool; throws `UnknownToolException` when there is none of this name.
  ToolResult call(ToolCall call);
}
