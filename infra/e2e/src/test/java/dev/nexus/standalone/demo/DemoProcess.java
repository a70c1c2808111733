package dev.nexus.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nexus.platform.config.Setting;
import dev.nexus.scriptedmodel.ScriptedModel;
import dev.nexus.standalone.NexusProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/// `nexus demo` in a process of its own, on free ports.
record DemoProcess(NexusProcess process, Path directory) implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  static DemoProcess start(Path directory, Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    Map<String, String> whole = new HashMap<>();
    whole.put("NEXUS_HTTP_PORT", "0");
    whole.put("NEXUS_GRPC_PORT", "0");
    whole.put("NEXUS_KAFKA_PORT", "0");
    whole.putAll(environment);
    String[] arguments =
        Stream.concat(Stream.of("demo"), Stream.of(options)).toArray(String[]::new);
    return new DemoProcess(NexusProcess.start(directory, whole, arguments), directory);
  }

  /// Variables that have a model answer in place of the command's own.
  static Map<String, String> leadingTo(ScriptedModel model) {
    return Map.of(
        Setting.LLM_BASE_URL.variable(),
        model.baseUrl().toString(),
        Setting.LLM_MODEL.variable(),
        ScriptedModel.NAME);
  }

  /// The data directory that the command made.
  Path data() throws IOException {
    try (Stream<Path> made = Files.list(directory)) {
      return made.filter(p -> p.getFileName().toString().startsWith("nexus-demo"))
          .findFirst()
          .orElseThrow();
    }
  }

  /// What it printed, if that is one JSON object and nothing else.
  JsonNode onlyObject() throws IOException {
    try (MappingIterator<JsonNode> values =
        JSON.readerFor(JsonNode.class).readValues(process.out())) {
      JsonNode first = values.next();
      if (!first.isObject() || values.hasNext()) {
        throw new IOException("not one JSON object: " + process.out());
      }
      return first;
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.close();
  }
}
