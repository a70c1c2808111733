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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
  private static final Duration TRIED_AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Function<Applying, Publication> publisher;
  private final Predicate<String> isKnown;
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private volatile @Nullable RuntimeException failure;
  private final Thread thread =
      Thread.ofVirtual().name("system-applications").unstarted(this::publishAll);

  public SystemApplications(ApplicationPublisher publisher, DefinitionCatalog catalog) {
    this(publisher::publish, appId -> catalog.current(TenantId.DEFAULT, appId).isPresent());
  }

  /// @param isKnown whether there is a version of the application of this id
  SystemApplications(Function<Applying, Publication> publisher, Predicate<String> isKnown) {
    this.publisher = publisher;
    this.isKnown = isKnown;
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
      for (String appId : APPLICATIONS) {
        publish(appId);
      }
      published.complete(null);
    } catch (InterruptedException e) {
      published.completeExceptionally(e); // the platform ends before it was done
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
    } catch (ExecutionException e) {
      throw new IllegalStateException("system applications were not published", e);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "system applications were not published yet", failure == null ? e : failure);
    }
  }

  @Override
  public boolean healthy() {
    return published.isDone() ? !published.isCompletedExceptionally() : areKnown();
  }

  private boolean areKnown() {
    return APPLICATIONS.stream().allMatch(isKnown);
  }

  private void publish(String appId) throws InterruptedException {
    var applying =
        new Applying(
            TenantId.DEFAULT,
            appId,
            ApplicationResources.files("/system/" + appId),
            ACTOR,
            Optional.empty());
    switch (untilAnswered(applying)) {
      case Publication.Published _ -> {}
      case Publication.Refused(var faults) ->
          throw new IllegalStateException(
              faults.stream().map(Fault::sentence).collect(Collectors.joining("\n")));
      case Publication.Outdated(var revision) ->
          throw new IllegalStateException(appId + " has moved on to " + revision);
      case Publication.Taken(var detail) -> throw new IllegalStateException(detail);
    }
  }

  /// A log that is slow, as while everything starts at once, may have taken the version all the
  /// same. Publishing it again does no harm: the same content is the same version. Pauses grow, as
  /// what is not passing by itself waits for a person.
  private Publication untilAnswered(Applying applying) throws InterruptedException {
    Duration pause = TRIED_AGAIN_AFTER;
    while (true) {
      try {
        return publisher.apply(applying);
      } catch (RuntimeException e) {
        LOG.atWarn()
            .setCause(failure == null ? e : null) // its stack once
            .addKeyValue("app", applying.appId())
            .addKeyValue("why", String.valueOf(e.getMessage()))
            .log("a system application is not published yet, it is tried again");
        failure = e;
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
