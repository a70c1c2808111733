package dev.nexus.platform.stream;

/// Who may write to the brokers of an installation.
public enum BrokerAccess {
  /// The broker runs in this process, ends with it, and has a data directory that the process has
  /// locked: no other process owns partitions of it, and no owner outlives its broker. Within the
  /// process an owner that lost its partition may still be writing when the next one comes. So
  /// whoever owns partitions of such a broker takes a lock of its own before it recovers, and
  /// gives it back when its last write has ended; the router's is that of its shelf.
  OWN,

  /// Other processes write as well, so an owner that was replaced may still believe it is one.
  SHARED
}
