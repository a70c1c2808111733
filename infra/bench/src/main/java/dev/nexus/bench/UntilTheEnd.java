package dev.nexus.bench;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Closes a site when it is not needed any more, or when this process is told to end, as by Ctrl-C:
/// then also what it was about to start.
final class UntilTheEnd implements AutoCloseable {
  private static final int SECONDS_TO_END = 30;

  private final Site site;
  private final Consumer<String> tell;
  private final Thread atTheEnd;
  private boolean closed;

  UntilTheEnd(Site site, Consumer<String> tell) {
    this.site = site;
    this.tell = tell;
    this.atTheEnd = new Thread(this::endEverything, "bench-end");
    Runtime.getRuntime().addShutdownHook(atTheEnd);
  }

  private void endEverything() {
    tell.accept("ending what was started");
    try {
      for (ProcessHandle child : ProcessHandle.current().children().toList()) {
        end(child);
      }
      closeSite();
    } catch (IOException | InterruptedException | RuntimeException e) {
      tell.accept("not all of it ended: " + e.getMessage());
    }
  }

  private static void end(ProcessHandle child) throws InterruptedException {
    child.destroy();
    try {
      child.onExit().get(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      child.destroyForcibly();
    }
  }

  /// Once, whichever thread comes first; the other waits for it, and tries again where that failed.
  private synchronized void closeSite() throws IOException, InterruptedException {
    if (!closed) {
      site.close();
      closed = true;
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closeSite();
    try {
      Runtime.getRuntime().removeShutdownHook(atTheEnd);
    } catch (IllegalStateException _) {
      // The process ends already, and the hook found everything closed, or waits for it.
    }
  }
}
