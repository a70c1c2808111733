package dev.nexus.command.intake;

import io.cloudevents.CloudEvent;
import java.util.concurrent.CompletableFuture;

/// Where taken events go.
@FunctionalInterface
public interface IngressLog {

  /// Done when the event is on the disk of the log; failed when the log did not take it, or does
  /// not say so.
  CompletableFuture<Void> write(CloudEvent event);
}
