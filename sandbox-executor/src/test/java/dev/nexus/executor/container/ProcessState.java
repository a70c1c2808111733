package dev.nexus.executor.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// What this process holds: names of its threads, virtual ones included, open files, heap in use.
record ProcessState(List<String> threads, long files, long heap) {
  /// Threads of the JDK's own that carry virtual ones come and go as there is work.
  private static final String CARRIER = "ForkJoinPool-1-worker-";

  /// Of the library that tests wait with.
  private static final String WAITING = "awaitility";

  static ProcessState now() throws IOException {
    System.gc();
    return new ProcessState(
        threadNames(),
        openFiles(),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  /// Of a dump, as virtual threads are listed by nothing else.
  private static List<String> threadNames() throws IOException {
    Path directory = Files.createTempDirectory("threads");
    Path file = directory.resolve("dump.json");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.JSON);
      JsonNode dump = CanonicalJson.read(Files.readString(file)).path("threadDump");
      return StreamSupport.stream(dump.path("threadContainers").spliterator(), false)
          .flatMap(one -> StreamSupport.stream(one.path("threads").spliterator(), false))
          .map(thread -> thread.path("name").asText())
          .filter(name -> !name.startsWith(CARRIER) && !name.startsWith(WAITING))
          .sorted()
          .toList();
    } finally {
      Files.deleteIfExists(file);
      Files.delete(directory);
    }
  }
}
