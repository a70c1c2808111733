package dev.nexus.oracle;

import dev.nexus.platform.host.ServiceProcess;

/// The oracle as a process of its own.
public final class OracleApplication {
  private OracleApplication() {}

  public static void main(String[] arguments) {
    ServiceProcess.run("oracle-stream");
  }
}
