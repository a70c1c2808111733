package dev.nexus.command;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> a.startsWith("-Dorg.apache.avro") || a.startsWith("--"))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote", // its classes are of this build
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
