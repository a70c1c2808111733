package dev.nexus.standalone.run;

import dev.nexus.platform.host.ServiceHost;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells a person what takes long. A part that is ready within two seconds is not worth a line.
public final class Progress implements ServiceHost.Steps {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final Duration LONG = Duration.ofSeconds(2);

  private final Consumer<String> out;

  /// @param out takes a line at a time, from any thread
  public Progress(Consumer<String> out) {
    this.out = out;
  }

  /// Says nothing.
  public static Progress silent() {
    return new Progress(line -> {});
  }

  @Override
  public <T> T part(String name, Supplier<T> work) {
    long begun = System.nanoTime();
    Thread watch = Thread.ofVirtual().start(() -> tellWhenLong(name));
    try {
      return work.get();
    } finally {
      watch.interrupt();
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      LOG.atInfo().addKeyValue("part", name).addKeyValue("tookMs", took.toMillis()).log("begun");
      if (took.compareTo(LONG) > 0) {
        out.accept(String.format(Locale.ROOT, "  %s: %.1f s", name, took.toMillis() / 1000.0));
      }
    }
  }

  /// Does one part of the work that has no result.
  public void part(String name, Runnable work) {
    Supplier<Boolean> supplier =
        () -> {
          work.run();
          return true;
        };
    part(name, supplier);
  }

  /// One line for the reader, such as a port that was not the wanted one.
  public void say(String line) {
    out.accept(line);
  }

  private void tellWhenLong(String name) {
    try {
      Thread.sleep(LONG);
      out.accept("  " + name + " …");
    } catch (InterruptedException e) {
      // it was quick
      Thread.currentThread().interrupt();
    }
  }
}
