package dev.nexus.projector.rebuild;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Values by name in a file: every put is appended, an index of hashes says where the newest is,
/// and the file is written anew when most of it is out of date. The index is mapped from a file
/// too, so the heap holds none of it. For one thread; the files are gone at the end.
final class SpillFile implements AutoCloseable {
  private static final int HEAD = 2 * Integer.BYTES;
  private static final int BUFFER = 1 << 20;
  private static final long WORTH_COMPACTING = 64L << 20;

  private final long worthCompacting;
  private final Path directory;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private SpillIndex index;
  private Path path;
  private FileChannel channel;
  private long flushed;
  private long garbage;

  SpillFile(Path directory) {
    this(directory, WORTH_COMPACTING);
  }

  /// @param worthCompacting bytes out of date for which the file is not written anew yet
  SpillFile(Path directory, long worthCompacting) {
    this.directory = directory;
    this.worthCompacting = worthCompacting;
    try {
      Files.createDirectories(directory);
      path = Files.createTempFile(directory, "values", ".spill");
      channel = open(path);
      index = new SpillIndex(directory, 1 << 16);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  byte @Nullable [] get(String name) {
    byte[] wanted = utf8(name);
    long slot = slotOf(name, wanted);
    return slot < 0 ? null : value(index.offset(slot));
  }

  void put(String name, byte[] value) {
    byte[] bytes = utf8(name);
    long slot = slotOf(name, bytes);
    long offset = append(bytes, value);
    if (slot >= 0) {
      garbage += length(index.offset(slot));
      index.move(slot, offset);
    } else {
      index.add(hash(name), offset);
    }
    if (garbage > worthCompacting && garbage > bytes() / 2) {
      compact();
    }
  }

  void remove(String name) {
    long slot = slotOf(name, utf8(name));
    if (slot >= 0) {
      garbage += length(index.offset(slot));
      index.remove(slot);
    }
  }

  void each(BiConsumer<String, byte[]> each) {
    index.offsets(
        offset -> each.accept(new String(name(offset), StandardCharsets.UTF_8), value(offset)));
  }

  long bytes() {
    return flushed + buffer.position();
  }

  /// Slot of the index that leads to this name; negative when there is none. Names with the same
  /// hash are told apart by looking.
  private long slotOf(String name, byte[] wanted) {
    long hash = hash(name);
    long slot = index.first(hash);
    while (slot >= 0 && !Arrays.equals(name(index.offset(slot)), wanted)) {
      slot = index.next(slot, hash);
    }
    return slot;
  }

  private long append(byte[] name, byte[] value) {
    int length = HEAD + name.length + value.length;
    if (length > buffer.remaining()) {
      flush();
    }
    long offset = bytes();
    if (length > buffer.capacity()) {
      write(
          channel,
          ByteBuffer.allocate(length)
              .putInt(name.length)
              .putInt(value.length)
              .put(name)
              .put(value)
              .flip(),
          flushed);
      flushed += length;
    } else {
      buffer.putInt(name.length).putInt(value.length).put(name).put(value);
    }
    return offset;
  }

  private void flush() {
    int length = buffer.position();
    write(channel, buffer.flip(), flushed);
    flushed += length;
    buffer.clear();
  }

  private byte[] name(long offset) {
    ByteBuffer head = read(offset, HEAD);
    return read(offset + HEAD, head.getInt()).array();
  }

  private byte[] value(long offset) {
    ByteBuffer head = read(offset, HEAD);
    int name = head.getInt();
    return read(offset + HEAD + name, head.getInt()).array();
  }

  private int length(long offset) {
    ByteBuffer head = read(offset, HEAD);
    return HEAD + head.getInt() + head.getInt();
  }

  private ByteBuffer read(long offset, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    if (offset >= flushed) {
      buffer.get(Math.toIntExact(offset - flushed), bytes.array());
      return bytes;
    }
    try {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, offset + bytes.position()) < 0) {
          throw new IOException(path + " ends before " + (offset + length));
        }
      }
      return bytes.flip();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long at) {
    try {
      long offset = at;
      while (bytes.hasRemaining()) {
        offset += channel.write(bytes, offset);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Writes what is still valid into a new file.
  private void compact() {
    flush();
    try {
      Path fresh = Files.createTempFile(directory, "values", ".spill");
      FileChannel target = open(fresh);
      long[] end = {0};
      index.moveAll(
          offset -> {
            int length = length(offset);
            write(target, read(offset, length), end[0]);
            end[0] += length;
            return end[0] - length;
          });
      channel.close();
      Files.delete(path);
      path = fresh;
      channel = target;
      flushed = end[0];
      garbage = 0;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    hash ^= hash >>> 32;
    hash *= 0x9e3779b97f4a7c15L;
    return hash ^ (hash >>> 29);
  }

  private static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private static UncheckedIOException failed(IOException e) {
    return new UncheckedIOException("what does not fit in memory cannot be put aside on disk", e);
  }

  @Override
  public void close() {
    index.close();
    try {
      channel.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
