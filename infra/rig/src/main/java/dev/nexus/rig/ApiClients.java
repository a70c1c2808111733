package dev.nexus.rig;

import dev.nexus.command.api.AdministrationApi;
import dev.nexus.command.api.CommandApi;
import dev.nexus.executor.api.ServiceApi;
import dev.nexus.mcp.protocol.McpApi;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.DocsApi;
import dev.nexus.platform.host.HostApi;
import dev.nexus.platform.registry.RegistryApi;
import dev.nexus.projector.query.QueryApi;
import dev.nexus.projector.rebuild.RebuildApi;
import dev.nexus.testkit.DocumentedAnswers;
import dev.nexus.testkit.DocumentedClient;
import java.util.List;

/// Clients that hold every answer to the OpenAPI document of a whole platform.
public final class ApiClients {
  public static final List<ApiPart> PARTS =
      List.of(
          new CommandApi(),
          new AdministrationApi(),
          new QueryApi(),
          new RebuildApi(),
          new ServiceApi(),
          new McpApi(),
          new RegistryApi(),
          new HostApi(),
          new DocsApi());

  private static final DocumentedAnswers DOCUMENT = new DocumentedAnswers(PARTS);

  private ApiClients() {}

  public static DocumentedClient client() {
    return new DocumentedClient(DOCUMENT);
  }
}
