package dev.nexus.command.intake;

import dev.nexus.command.access.Integration;
import dev.nexus.command.access.Integrations;
import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.AccessRefusedException;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Authorisation;
import dev.nexus.platform.security.Authorisation.Decision;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether a sender may send events of a source. One is made for a request or a stream and used by
/// one thread at a time: each application is asked about, and its refusal audited, once.
public sealed interface SourceCheck {

  /// Why an event of this source is not taken; empty when it is. Throws a `ProblemException` with
  /// 503 when nobody can tell now. May block for some seconds.
  ///
  /// @param pointer where the event stands
  Optional<Refusal> refusal(String pointer, String source);

  /// A holder of a key sends for the sources of its tenant, when it may invoke the application that
  /// registered them. Sources of other tenants do not exist for it.
  static SourceCheck ofKey(
      Integrations integrations,
      Registered.Look registered,
      AccessControl access,
      Principal principal,
      String remote) {
    return new OfKey(integrations, registered, access, principal, remote, new HashMap<>());
  }

  /// An integration that proved who it is sends for its own source.
  static SourceCheck ofIntegration(Integration integration) {
    return new OfIntegration(integration);
  }

  /// @param answers what was decided about each application: "" it may, else why not
  record OfKey(
      Integrations integrations,
      Registered.Look registered,
      AccessControl access,
      Principal principal,
      String remote,
      Map<String, String> answers)
      implements SourceCheck {

    @Override
    public Optional<Refusal> refusal(String pointer, String source) {
      Optional<Integration> integration =
          registered.find(
              () ->
                  integrations.bySource(source).filter(i -> i.tenant().equals(principal.tenant())));
      if (integration.isEmpty()) {
        return Optional.of(Refusal.unregistered(pointer, source, sources()));
      }
      String denial = answers.computeIfAbsent(integration.get().appId(), this::ask);
      return denial.isEmpty()
          ? Optional.empty()
          : Optional.of(Refusal.forbidden(pointer, source, denial));
    }

    private String ask(String appId) {
      try {
        access.require(principal, Action.INVOKE, Resource.app(appId), remote);
        return "";
      } catch (AccessRefusedException e) {
        return String.valueOf(e.getMessage());
      }
    }

    private List<String> sources() {
      return integrations.of(principal.tenant()).stream()
          .filter(
              i ->
                  Authorisation.decide(principal, Action.INVOKE, Resource.app(i.appId()))
                      instanceof Decision.Allowed)
          .map(Integration::source)
          .toList();
    }
  }

  record OfIntegration(Integration integration) implements SourceCheck {

    @Override
    public Optional<Refusal> refusal(String pointer, String source) {
      return source.equals(integration.source())
          ? Optional.empty()
          : Optional.of(Refusal.notOfHook(pointer, source, integration.source()));
    }
  }
}
