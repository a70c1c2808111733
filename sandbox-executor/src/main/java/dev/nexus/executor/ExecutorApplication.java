package dev.nexus.executor;

import dev.nexus.platform.host.ServiceProcess;

/// The executor as a process of its own.
public final class ExecutorApplication {
  private ExecutorApplication() {}

  public static void main(String[] arguments) {
    ServiceProcess.run("sandbox-executor");
  }
}
