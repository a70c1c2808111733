package dev.nexus.platform.stream;

/// Who may write to the brokers of an installation.
public enum BrokerAccess {
  /// The broker runs in this process, ends with it, and has a data directory that the process has
  /// locked: nobody else owns partitions of it, and no owner outlives its broker.
  OWN,

  /// Other processes write as well, so an owner that was replaced may still believe it is one.
  SHARED
}
