package dev.nexus.e2e;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.OperatorKey;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.projector.rebuild.Verification;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.standalone.run.Addresses;
import dev.nexus.standalone.run.Platform;
import dev.nexus.standalone.run.Progress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/// What faults happen to: everything in this process, or each service in its own.
interface Installation extends AutoCloseable {
  /// Where the write side answers.
  Addresses addresses();

  /// Base URL of the read side.
  String reads();

  /// The operator's key.
  String key();

  Settings settings();

  /// Compares Redis with the log.
  Verification verify(Duration foldedWithin);

  @Override
  void close() throws Exception;

  /// How one is started.
  interface Start {
    /// @param data holds the secrets of the applications
    /// @param clock the time to go by; whoever starts processes leaves it out
    Installation on(Settings settings, Path data, Clock clock) throws Exception;
  }

  /// Everything in this process.
  static Installation together(Settings settings, Path data, Clock clock) {
    return new Together(Platform.start(settings, Progress.silent(), clock));
  }

  record Together(Platform platform) implements Installation {
    /// What facts call it.
    String instance() {
      return platform.context().getBean(InstanceId.class).value();
    }

    @Override
    public Addresses addresses() {
      return platform.addresses();
    }

    @Override
    public String reads() {
      return platform.addresses().http();
    }

    @Override
    public String key() {
      return OperatorKey.read(platform.dataDirectory()).orElseThrow();
    }

    @Override
    public Settings settings() {
      return platform.settings();
    }

    @Override
    public Verification verify(Duration foldedWithin) {
      return platform.context().getBean(Verifier.class).verify(foldedWithin);
    }

    @Override
    public void close() {
      platform.close();
    }
  }
}
