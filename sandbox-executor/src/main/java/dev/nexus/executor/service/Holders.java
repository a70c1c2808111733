package dev.nexus.executor.service;

import java.net.URI;
import java.util.Optional;

/// Says where the executor is that has a service.
interface Holders extends AutoCloseable {
  /// Empty where nobody has it, or cannot be reached.
  Optional<URI> of(ServiceKey service);

  @Override
  default void close() {}
}
