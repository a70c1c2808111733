package dev.nexus.projector;

import dev.nexus.platform.host.ServiceProcess;

/// The read side as a process of its own.
public final class ProjectorApplication {
  private ProjectorApplication() {}

  public static void main(String[] arguments) {
    ServiceProcess.run("projector");
  }
}
