package dev.nexus.mcp;

import dev.nexus.platform.host.ServiceProcess;

/// The gateway as a process of its own.
public final class McpApplication {
  private McpApplication() {}

  public static void main(String[] arguments) {
    ServiceProcess.run("mcp-gateway");
  }
}
