package dev.nexus.platform.host;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.GrantTable;
import dev.nexus.platform.grant.KafkaUser;
import dev.nexus.platform.service.CannotGoOnException;
import dev.nexus.topic.Topic;
import dev.nexus.wire.SchemaCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which schemas events may have been written with, noted in the directory that all processes of an
/// installation share, a file each. A version that cannot read some of them must not begin: it
/// would put them aside one by one, and take what follows from them for impossible. The log itself
/// cannot say so, as whoever may write one false record there could keep everybody from starting.
public final class WrittenSchemas {
  private static final String DIRECTORY = "written-schemas";
  private static final Pattern NOTE = Pattern.compile("(\\w+)\\.v(\\d{1,9})");

  private WrittenSchemas() {}

  /// Throws `CannotGoOnException` where what this one reads may have events of a later version.
  ///
  /// @param as whose work is about to begin
  public static void require(Settings settings, KafkaUser as) {
    Path notes = directory(settings);
    Map<String, Integer> written = written(notes);
    for (Topic topic : GrantTable.reads(as)) {
      int known = newest(topic).map(SchemaCatalog.Version::version).orElse(0);
      int found = written.getOrDefault(topic.schemaName(), 0);
      if (found > known) {
        throw new CannotGoOnException(
            "a newer version of Nexus has written to "
                + topic.topicName()
                + ": "
                + topic.schemaName()
                + " v"
                + found
                + ", of which this version reads up to v"
                + known,
            "start the newer version again, or delete "
                + notes
                + " where the log it wrote is gone, too");
      }
    }
  }

  /// Notes what this one is about to write with.
  ///
  /// @param as whose work is about to begin
  public static void note(Settings settings, KafkaUser as) {
    Path notes = directory(settings);
    try {
      Files.createDirectories(notes);
      for (Topic topic : GrantTable.writes(as)) {
        Optional<SchemaCatalog.Version> newest = newest(topic);
        if (newest.isPresent()) {
          note(notes.resolve(topic.schemaName() + ".v" + newest.get().version()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot note in " + notes + " what is written", e);
    }
  }

  /// Processes that begin together write the same, and each may be the first.
  private static void note(Path file) throws IOException {
    if (Files.notExists(file)) {
      Files.write(file, new byte[0]);
    }
  }

  private static Path directory(Settings settings) {
    return settings.sharedDirectory().resolve(DIRECTORY);
  }

  private static Optional<SchemaCatalog.Version> newest(Topic topic) {
    return SchemaCatalog.released().newest(topic);
  }

  /// The latest version of each schema.
  private static Map<String, Integer> written(Path notes) {
    Map<String, Integer> latest = new HashMap<>();
    for (String name : names(notes)) {
      Matcher note = NOTE.matcher(name);
      if (note.matches()) {
        latest.merge(note.group(1), Integer.parseInt(note.group(2)), Math::max);
      }
    }
    return latest;
  }

  private static List<String> names(Path notes) {
    try (Stream<Path> files = Files.list(notes)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of(); // nobody has begun here
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read in " + notes + " what was written", e);
    }
  }
}
