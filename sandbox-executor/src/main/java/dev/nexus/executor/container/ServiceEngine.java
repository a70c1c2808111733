package dev.nexus.executor.container;

import java.io.Closeable;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What programs that go on running need of an engine, besides what pools do.
public interface ServiceEngine extends Engine {
  /// A program that is run under all limits.
  ///
  /// @param entrypoint in place of the image's own; empty for that
  /// @param command arguments; empty for those of the image
  /// @param user whose files it may read: the same text is the same user of the system
  record Program(
      String name,
      String image,
      List<String> entrypoint,
      List<String> command,
      Map<String, String> environment,
      double cpus,
      long memoryBytes,
      String user,
      Map<String, String> labels,
      Place place) {}

  /// What a program finds around it.
  sealed interface Place {
    /// Nothing but what it brings: no network, no other processes.
    ///
    /// @param files that outlive it
    /// @param asked whether it reads its standard input
    /// @param sockets directory of this machine, seen at `/run/nexus` and not writable there
    record Alone(Optional<Files> files, boolean asked, Optional<Path> sockets) implements Place {}

    /// The network of another container, which has none to anywhere else.
    ///
    /// @param directory of this machine, seen at `/run/nexus` and not writable there
    record Beside(String container, Path directory) implements Place {}
  }

  /// A volume of the engine, which is made where it is not there yet and belongs to the program's
  /// user.
  ///
  /// @param at where the program sees it
  record Files(String volume, String at, Map<String, String> labels) {}

  /// Takes what a program prints.
  interface Prints {
    /// @param isError whether it came by the standard error
    void printed(boolean isError, byte[] bytes);

    /// Nothing comes any more: as a rule the program has ended.
    void ended();
  }

  /// A program's standard input, for as long as its output is taken.
  interface Conversation extends Closeable {
    OutputStream input();
  }

  /// Begins a program; the id of its container. Fails with `LOST` where a container of this name is
  /// there, and with `INVALID_DEFINITION` where the program is what is wrong.
  String begin(Program program);

  /// The container of this name; empty where there is none.
  Optional<Found> named(String name);

  /// Asks a program to end and ends it when it has not after a while. It is there still.
  void stop(String container, Duration grace);

  /// Gives what a program prints, from its start on, and what it will print.
  Closeable follow(String container, boolean errorsOnly, Prints to);

  /// Gives what a program prints from now on by its standard output, and takes what it is to read.
  Conversation converse(String container, Prints to);
}
