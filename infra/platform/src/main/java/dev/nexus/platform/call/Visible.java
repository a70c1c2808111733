package dev.nexus.platform.call;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.TenantId;

/// What a read must show because its reader wrote it.
public sealed interface Visible {
  TenantId tenant();

  /// An execution with its facts up to `sequence`.
  record ExecutionAt(TenantId tenant, ExecutionId execution, long sequence) implements Visible {}

  /// A version of an application.
  record VersionOf(TenantId tenant, String appId, String digest) implements Visible {}
}
