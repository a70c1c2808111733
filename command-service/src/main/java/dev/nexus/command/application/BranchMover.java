package dev.nexus.command.application;

import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.service.NexusService;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets Git follow the log: a branch moves when the log says which version is current, and never
/// back to one that was. After a crash it catches up at the start.
public final class BranchMover implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(BranchMover.class);

  private final DefinitionCatalog catalog;
  private final DefinitionStore store;
  private final BlockingQueue<Version> switches = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closing;

  public BranchMover(DefinitionCatalog catalog, DefinitionStore store) {
    this.catalog = catalog;
    this.store = store;
    this.thread = Thread.ofPlatform().daemon().name("branch-mover").unstarted(this::run);
  }

  @Override
  public String name() {
    return "branch-mover";
  }

  @Override
  public void start() {
    catalog.onSwitch(switches::add);
    switches.addAll(catalog.current());
    thread.start();
  }

  /// Nobody waits for branches.
  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return thread.isAlive();
  }

  private void run() {
    try {
      while (!closing) {
        Version version = switches.poll(200, TimeUnit.MILLISECONDS);
        if (version != null) {
          move(version);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Moves the branch of an application to this version, if it still is the current one: a newer
  /// switch has a place of its own in the queue.
  void move(Version version) {
    String appId = version.application().appId();
    try {
      boolean current = catalog.current(version.tenant(), appId).equals(Optional.of(version));
      if (current && !store.move(version.tenant(), appId, version.revision())) {
        LOG.atWarn()
            .addKeyValue("app", appId)
            .addKeyValue("revision", version.revision())
            .log("the revision is on the log but not in this machine's Git repository");
      }
    } catch (Throwable e) { // an Error too: the branches of others have no other thread
      LOG.atError().setCause(e).addKeyValue("app", appId).log("branch did not move");
    }
  }

  @Override
  public void close() {
    closing = true;
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
