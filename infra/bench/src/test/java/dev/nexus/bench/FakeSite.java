package dev.nexus.bench;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/// A platform that runs already, at an address of a test.
final class FakeSite implements Site {
  private final URI base;
  private int failures;
  private int closings;

  /// @param failures how often it cannot be closed
  FakeSite(URI base, int failures) {
    this.base = base;
    this.failures = failures;
  }

  /// How often somebody tried.
  int closings() {
    return closings;
  }

  @Override
  public void start() {
    // It runs.
  }

  @Override
  public URI base() {
    return base;
  }

  @Override
  public String key() {
    return "a key";
  }

  @Override
  public Map<String, String> kafka() {
    return Map.of();
  }

  @Override
  public Map<String, Long> residentMb() {
    return Map.of();
  }

  @Override
  public Map<String, Double> startSeconds() {
    return Map.of();
  }

  @Override
  public void stop() {
    // It is the test's.
  }

  @Override
  public void close() throws IOException {
    closings++;
    if (failures > 0) {
      failures--;
      throw new IOException("not yet");
    }
  }
}
