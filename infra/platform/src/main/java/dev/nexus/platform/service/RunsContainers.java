package dev.nexus.platform.service;

/// A bean of a process that runs code in containers. Where it is missing, others run it.
@FunctionalInterface
public interface RunsContainers {

  /// Why no container can be had now, and what to do; empty where one can.
  String missing();
}
