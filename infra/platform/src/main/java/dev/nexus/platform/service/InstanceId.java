package dev.nexus.platform.service;

/// Name of this process among the instances of the installation, new at every start.
public record InstanceId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
