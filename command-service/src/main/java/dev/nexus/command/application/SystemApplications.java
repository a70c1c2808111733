package dev.nexus.command.application;

import dev.nexus.event.TenantId;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.service.NexusService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applications the platform brings along, published at every start by the road of all others; the
/// same digest is published once. A start waits for them only where no version is known yet: a
/// newer one follows while the platform already answers.
public final class SystemApplications implements NexusService {
  /// Ids that begin so are not for others.
  public static final String RESERVED = "nexus.";

  private static final Logger LOG = LoggerFactory.getLogger(SystemApplications.class);
  private static final List<String> APPLICATIONS = List.of("nexus.oracle");
  private static final String ACTOR = "service:command-service";

  private final ApplicationPublisher publisher;
  private final DefinitionCatalog catalog;
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private final Thread thread =
      Thread.ofVirtual().name("system-applications").unstarted(this::publishAll);

  public SystemApplications(ApplicationPublisher publisher, DefinitionCatalog catalog) {
    this.publisher = publisher;
    this.catalog = catalog;
  }

  @Override
  public String name() {
    return "system-applications";
  }

  @Override
  public void start() {
    thread.start();
  }

  private void publishAll() {
    try {
      APPLICATIONS.forEach(this::publish);
      published.complete(null);
    } catch (Throwable e) {
      LOG.atError().setCause(e).log("system applications were not published");
      published.completeExceptionally(e);
    }
  }

  @Override
  public void awaitReady(Duration patience) {
    if (areKnown()) {
      return;
    }
    try {
      published.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before system applications were there", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("system applications were not published", e);
    }
  }

  @Override
  public boolean healthy() {
    return published.isDone() ? !published.isCompletedExceptionally() : areKnown();
  }

  private boolean areKnown() {
    return APPLICATIONS.stream()
        .allMatch(appId -> catalog.current(TenantId.DEFAULT, appId).isPresent());
  }

  private void publish(String appId) {
    Publication publication =
        publisher.publish(
            new Applying(
                TenantId.DEFAULT,
                appId,
                ApplicationResources.files("/system/" + appId),
                ACTOR,
                Optional.empty()));
    switch (publication) {
      case Publication.Published _ -> {}
      case Publication.Refused(var faults) ->
          throw new IllegalStateException(
              faults.stream().map(Fault::sentence).collect(Collectors.joining("\n")));
      case Publication.Outdated(var revision) ->
          throw new IllegalStateException(appId + " has moved on to " + revision);
      case Publication.Taken(var detail) -> throw new IllegalStateException(detail);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
