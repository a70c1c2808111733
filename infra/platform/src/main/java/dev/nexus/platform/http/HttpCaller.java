package dev.nexus.platform.http;

import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Authorisation;
import dev.nexus.platform.security.Authorisation.Decision;
import dev.nexus.platform.security.Principal;
import dev.nexus.platform.security.Resource;

/// Who made the request, for controllers to ask what they may do: declare it as an argument.
public final class HttpCaller {
  private final Principal principal;
  private final String remoteAddress;
  private final AccessControl access;

  public HttpCaller(Principal principal, String remoteAddress, AccessControl access) {
    this.principal = principal;
    this.remoteAddress = remoteAddress;
    this.access = access;
  }

  public Principal principal() {
    return principal;
  }

  /// Address of the client as the server saw it.
  public String remoteAddress() {
    return remoteAddress;
  }

  /// Ends the call with an audited 403 unless the caller may do this.
  public void require(Action action, Resource resource) {
    access.require(principal, action, resource, remoteAddress);
  }

  /// The same unless it may do one of these; refused it is the first.
  public void requireEither(Action first, Action second, Resource resource) {
    require(may(second, resource) ? second : first, resource);
  }

  /// Whether the caller may do this, for leaving out what it may not see.
  public boolean may(Action action, Resource resource) {
    return Authorisation.decide(principal, action, resource) instanceof Decision.Allowed;
  }
}
