package dev.nexus.bench;

import java.time.Duration;
import java.util.function.Consumer;

/// One thing to measure.
interface Benchmark {
  String name();

  /// What it measures, in one line.
  String describe();

  /// How often it measures, given how often it was asked to.
  default int runs(Effort effort) {
    return effort.runs();
  }

  Findings run(Effort effort, Consumer<String> tell) throws Exception;

  /// How long to measure.
  ///
  /// @param runs repetitions of which the median counts
  /// @param warmUp load before the first measurement: a JVM that is not warm is another machine
  /// @param each length of one measurement
  record Effort(int runs, Duration warmUp, Duration each) {}
}
