package dev.nexus.executor.wasm;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/// A snapshot as a file: what it is of, and the granules that are not all zeros. The build makes
/// one of a language that takes seconds to start, so that nobody's first call waits for it.
final class SnapshotFile {
  private static final int BUFFER = 64 << 10;
  private static final int END = -1;

  private SnapshotFile() {}

  /// @param origin what it was made from: it is not read where something else is expected
  static void write(Path file, String origin, MemorySnapshot snapshot) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    var deflater = new Deflater(Deflater.BEST_SPEED);
    try (OutputStream bytes = Files.newOutputStream(draft);
        var out =
            new DataOutputStream(
                new BufferedOutputStream(new DeflaterOutputStream(bytes, deflater), BUFFER))) {
      out.writeUTF(origin);
      out.writeInt(snapshot.pages());
      out.writeLong(snapshot.stackPointer());
      for (int i = 0; i < snapshot.granules().length; i++) {
        if (snapshot.granules()[i] != SnapshotMemory.ZERO) {
          out.writeInt(i);
          out.write(snapshot.granules()[i]);
        }
      }
      out.writeInt(END);
    } finally {
      deflater.end();
    }
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /// What a file holds; empty when it was made from something else than `origin`.
  static Optional<MemorySnapshot> read(InputStream file, String origin) throws IOException {
    try (var in =
        new DataInputStream(new BufferedInputStream(new InflaterInputStream(file), BUFFER))) {
      if (!in.readUTF().equals(origin)) {
        return Optional.empty();
      }
      int pages = in.readInt();
      long stackPointer = in.readLong();
      byte[][] granules = new byte[pages * SnapshotMemory.PER_PAGE][];
      Arrays.fill(granules, SnapshotMemory.ZERO);
      long own = 0;
      for (int i = in.readInt(); i != END; i = in.readInt()) {
        granules[i] = new byte[SnapshotMemory.GRANULE];
        in.readFully(granules[i]);
        own += SnapshotMemory.GRANULE;
      }
      return Optional.of(new MemorySnapshot(granules, pages, own, stackPointer));
    }
  }
}
