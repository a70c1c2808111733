package dev.nexus.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A JVM beside that of the tests, which starts often and ends soon: what makes a start cheap on
/// few processors.
public final class ShortJvm {
  private static final List<String> CHEAP =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-XX:MetaspaceSize=128m", // else it collects everything each time its classes outgrow it
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-BytecodeVerificationRemote", // its classes are of this build
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.nexus");

  private ShortJvm() {}

  /// The command that runs a class in one, to be followed by the arguments of the class.
  ///
  /// @param heap its largest heap, as `-Xmx` takes it
  public static List<String> command(String heap, Class<?> main) {
    return command(heap, System.getProperty("java.class.path"), main);
  }

  /// The same on a class path of its own.
  public static List<String> command(String heap, String classPath, Class<?> main) {
    return command(List.of("-Xmx" + heap), classPath, main);
  }

  /// The same with options of the JVM, its heap among them.
  public static List<String> command(List<String> options, Class<?> main) {
    return command(options, System.getProperty("java.class.path"), main);
  }

  private static List<String> command(List<String> options, String classPath, Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(CHEAP);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    return command;
  }
}
