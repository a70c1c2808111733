package dev.nexus.command;

import dev.nexus.testkit.ShortJvm;
import java.io.IOException;
import java.util.List;

/// A small JVM of its own with the class path of the tests, which can die like one.
public final class ChildProcess {
  /// How a process ends that halts by itself, as one that was killed.
  public static final int HALTED = 137;

  private ChildProcess() {}

  /// Starts it; what it prints, errors too, is its output.
  public static Process start(Class<?> main, String... arguments) throws IOException {
    return start("256m", main, arguments);
  }

  /// The same with a heap of its own size, as `-Xmx` takes it.
  public static Process start(String heap, Class<?> main, String... arguments) throws IOException {
    return start(List.of("-Xmx" + heap), main, arguments);
  }

  /// The same with options of the JVM, its heap among them.
  public static Process start(List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = ShortJvm.command(options, main);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
