package dev.nexus.bench;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/// A platform as somebody runs it, that can be started over and over.
interface Site extends AutoCloseable {
  /// Starts it, with nothing that an earlier one kept. It need not answer yet.
  void start() throws IOException, InterruptedException;

  /// Where its API answers.
  URI base();

  /// An operator's key; fails while there is none.
  String key() throws IOException, InterruptedException;

  /// What reaches its broker, for somebody who may make topics there.
  Map<String, String> kafka();

  /// MiB that each of its processes holds.
  Map<String, Long> residentMb() throws IOException, InterruptedException;

  /// Seconds from the start of each of its processes until that said that it works; what says
  /// nothing of the kind is left out.
  Map<String, Double> startSeconds() throws IOException, InterruptedException;

  /// Ends what was started, and removes what it kept.
  void stop() throws IOException, InterruptedException;

  /// Leaves nothing behind, whatever state it is in.
  @Override
  void close() throws IOException, InterruptedException;
}
