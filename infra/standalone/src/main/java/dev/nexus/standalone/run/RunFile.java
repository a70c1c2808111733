package dev.nexus.standalone.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.Json;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a running platform leaves in its data directory for others to find it: `run.json`.
///
/// @param pid process id
/// @param processStart when that process began, to know it from a later one with the same id;
///     milliseconds since the epoch, 0 when the system does not tell
/// @param readyAt when the platform was ready
/// @param settings what it runs with, as far as anybody may know it, by variable
public record RunFile(
    long pid,
    long processStart,
    String instanceId,
    Instant readyAt,
    Addresses addresses,
    Map<String, String> settings) {
  private static final String NAME = "run.json";

  public RunFile {
    settings = Map.copyOf(settings);
  }

  /// Describes this process.
  public static RunFile ofThisProcess(
      String instanceId, Instant readyAt, Addresses addresses, Settings settings) {
    ProcessHandle self = ProcessHandle.current();
    Map<String, String> open = new TreeMap<>();
    settings.openly().forEach((setting, value) -> open.put(setting.variable(), value));
    return new RunFile(self.pid(), startOf(self), instanceId, readyAt, addresses, open);
  }

  /// What is written in `dataDirectory`; empty when nothing is, or nothing readable.
  public static Optional<RunFile> read(Path dataDirectory) {
    try {
      String text = Files.readString(dataDirectory.resolve(NAME));
      ObjectNode found = (ObjectNode) CanonicalJson.read(text);
      found.putIfAbsent("settings", found.objectNode()); // of a platform before this one
      return Optional.of(CanonicalJson.fromJson(new Json(found.toString()), RunFile.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | ClassCastException e) {
      return Optional.empty();
    }
  }

  /// What whoever asks reaches: what the platform that runs on its data directory runs with, else
  /// its own settings. Every command that goes past the API goes by these.
  public static Settings reached(Optional<RunFile> run, Settings own) {
    return run.map(found -> found.settingsOver(own)).orElse(own);
  }

  /// What the platform runs with: its own settings over those of whoever asks.
  private Settings settingsOver(Settings own) {
    Settings merged = own.with(Setting.KAFKA_BOOTSTRAP_SERVERS, addresses.kafka());
    for (Setting setting : Setting.values()) {
      String value = settings.get(setting.variable());
      if (value != null && setting != Setting.DATA_DIR) {
        merged = merged.with(setting, value);
      }
    }
    return merged;
  }

  /// Appears whole or not at all.
  public void write(Path dataDirectory) {
    try {
      Path fresh = dataDirectory.resolve(NAME + ".new");
      Files.writeString(fresh, CanonicalJson.toJson(this).text());
      Files.move(
          fresh,
          dataDirectory.resolve(NAME),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IllegalStateException("cannot write " + dataDirectory.resolve(NAME), e);
    }
  }

  public static void delete(Path dataDirectory) {
    try {
      Files.deleteIfExists(dataDirectory.resolve(NAME));
    } catch (IOException e) {
      throw new IllegalStateException("cannot delete " + dataDirectory.resolve(NAME), e);
    }
  }

  /// The process, if it still runs and is the one that wrote this.
  public Optional<ProcessHandle> process() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(p -> processStart == 0 || startOf(p) == processStart);
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
