package dev.nexus.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;

/// What a figure was measured on.
final class Machine {
  private Machine() {}

  static ObjectNode describe() {
    ObjectNode machine = JsonNodeFactory.instance.objectNode();
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    machine.put("memoryMb", system.getTotalMemorySize() >> 20);
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    machine.put("java", System.getProperty("java.vm.version"));
    machine.put("loadAverage", Math.round(system.getSystemLoadAverage() * 100) / 100.0);
    return machine;
  }
}
