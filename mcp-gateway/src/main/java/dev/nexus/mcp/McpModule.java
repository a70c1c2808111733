package dev.nexus.mcp;

import dev.nexus.mcp.application.ApplicationToolboxes;
import dev.nexus.mcp.application.StateTools;
import dev.nexus.mcp.application.ToolRuns;
import dev.nexus.mcp.protocol.McpServer;
import dev.nexus.mcp.protocol.Toolboxes;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.RuntimeValues;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.service.TakesCalls;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/// The beans of the gateway. It has no threads of its own: replies come by the `ExecutionCaller`
/// that every edge of the process shares.
@Factory
@Requires(beans = KafkaClients.class)
public final class McpModule {
  /// Clients give up after 60 s unless told otherwise.
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  @Singleton
  TakesCalls takesCalls() {
    return new TakesCalls(TakesCalls.MCP);
  }

  @Singleton
  McpServer mcpServer(MeterRegistry meters) {
    String version = McpModule.class.getPackage().getImplementationVersion();
    return new McpServer(Optional.ofNullable(version).orElse("development"), meters);
  }

  @Singleton
  ToolRuns toolRuns(ExecutionCaller executions, Tokens tokens) {
    return new ToolRuns(executions, tokens, PATIENCE);
  }

  @Singleton
  StateTools stateTools(RuntimeValues values, Admission admission) {
    return new StateTools(values, admission);
  }

  @Singleton
  Toolboxes toolboxes(CallableComponents components, ToolRuns runs, StateTools state) {
    return new ApplicationToolboxes(components, runs, state);
  }
}
