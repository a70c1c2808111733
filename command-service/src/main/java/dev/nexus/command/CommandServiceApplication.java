package dev.nexus.command;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.host.ServiceHost;
import dev.nexus.platform.host.ServiceProcess;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.KeyRing;

/// The write side and the front door as a process of its own: HTTP and gRPC, router, intake and
/// dispatcher. It sees to it that
/// the installation has a first key, in the data directory.
public final class CommandServiceApplication {
  private CommandServiceApplication() {}

  public static void main(String[] arguments) {
    ServiceProcess.run("command-service", CommandServiceApplication::ensureKey);
  }

  private static void ensureKey(ServiceHost host) {
    OperatorKey.ensure(
        host.context().getBean(Settings.class).path(Setting.DATA_DIR),
        host.context().getBean(ApiKeys.class),
        host.context().getBean(KeyRing.class));
  }
}
