package dev.nexus.command.topology;

import dev.nexus.event.snapshot.Owner;
import dev.nexus.platform.snapshot.SnapshotStore;
import dev.nexus.platform.stream.Imprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The facts of executions on disk, by execution, with a checkpoint of the log they reach. It is a
/// cache of the log: written without a log of its own, it may be behind after a crash but never
/// ahead or torn, and what it lacks is folded again. Finished executions stay until they expire;
/// of those only the numbers of facts and truths remain, so that no fact is ever numbered twice.
final class ExecutionShelf implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionShelf.class);

  static {
    RocksDB.loadLibrary();
  }

  /// What all shelves of a process hold outside of its heap, however many partitions it has: blocks
  /// that were read, and of that what was written and is not on disk yet.
  private static final Cache CACHE = new LRUCache(96L << 20);

  private static final WriteBufferManager WRITTEN = new WriteBufferManager(64L << 20, CACHE);

  private static final byte OPEN = 'o';
  private static final byte FINISHED = 'f';
  private static final byte ENDED = 'e';
  private static final byte[] CHECKPOINT = {'p'};
  private static final String LAST = "last";

  private static final String LAYOUT = "layout";

  /// Stands right behind the log, whatever the layout; a checkpoint without it is of the first one.
  private static final String LAYOUT_LINE = LAYOUT + "=" + Owner.ROUTER.layout();

  private static final long RESTORED_AT_ONCE = 1 << 20;

  /// How far the shelf reaches: the log it belongs to, the next offset of each topic, and the last
  /// fact that is on it, as far as that is known.
  record Checkpoint(String log, Map<String, Long> next, Optional<Imprint> last) {
    static final Checkpoint NONE = new Checkpoint("", Map.of(), Optional.empty());
  }

  private final BloomFilter filter = new BloomFilter(10, false);
  private final Options options;
  private final RocksDB db;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final FinishedTimes times;

  /// Fails while somebody else has the directory: its lock is held until `close`.
  ExecutionShelf(Path directory) {
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setMaxTotalWalSize(1 << 20)
            .setWriteBufferManager(WRITTEN)
            .setWriteBufferSize(16L << 20)
            .setMaxWriteBufferNumber(2)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setKeepLogFileNum(2)
            .setTableFormatConfig(
                new BlockBasedTableConfig().setBlockCache(CACHE).setFilterPolicy(filter));
    try {
      Files.createDirectories(directory);
      this.db = RocksDB.open(options, directory.toString());
    } catch (IOException e) {
      closeSettings();
      throw new UncheckedIOException("cannot keep executions in " + directory, e);
    } catch (RocksDBException e) {
      closeSettings();
      throw new IllegalStateException("cannot keep executions in " + directory, e);
    }
    this.times = new FinishedTimes(db, unlogged);
    try {
      byte @Nullable [] checkpoint = db.get(CHECKPOINT);
      if (checkpoint == null || isOfThisLayout(new String(checkpoint, StandardCharsets.UTF_8))) {
        times.complete(FINISHED);
      }
    } catch (RocksDBException e) {
      close();
      throw new IllegalStateException("cannot read the executions in " + directory, e);
    }
  }

  /// What lies outside the heap: who comes before the last owner has ended tries again and again.
  private void closeSettings() {
    unlogged.close();
    options.close();
    filter.close();
  }

  /// What is kept of an execution.
  Shelved get(String key) {
    try {
      byte @Nullable [] open = db.get(key(OPEN, key));
      if (open != null) {
        return Shelved.Facts.read(ByteBuffer.wrap(open));
      }
      byte @Nullable [] finished = db.get(key(FINISHED, key));
      if (finished != null) {
        return Shelved.Facts.read(ByteBuffer.wrap(finished, 8, finished.length - 8));
      }
      byte @Nullable [] ended = db.get(key(ENDED, key));
      return ended == null ? new Shelved.Nothing() : Shelved.Ended.read(ByteBuffer.wrap(ended));
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot read execution " + key, e);
    }
  }

  /// Hands the facts of every open execution over.
  void forEachOpen(BiConsumer<String, Shelved> consumer) {
    try (RocksIterator at = db.newIterator()) {
      for (at.seek(new byte[] {OPEN}); at.isValid() && at.key()[0] == OPEN; at.next()) {
        consumer.accept(
            new String(at.key(), 1, at.key().length - 1, StandardCharsets.UTF_8),
            Shelved.Facts.read(ByteBuffer.wrap(at.value())));
      }
    }
  }

  /// How far it reaches; nowhere when it is empty or another version wrote it in another layout:
  /// then nothing on it may be read, and it must be cleared.
  Checkpoint checkpoint() {
    try {
      byte @Nullable [] value = db.get(CHECKPOINT);
      if (value == null) {
        return Checkpoint.NONE;
      }
      String text = new String(value, StandardCharsets.UTF_8);
      if (!isOfThisLayout(text)) {
        LOG.atWarn()
            .addKeyValue("checkpoint", text)
            .addKeyValue("known", Owner.ROUTER.layout())
            .log("another version wrote the shelf in a layout of its own: it is made anew");
        return Checkpoint.NONE;
      }
      return readCheckpoint(text);
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot read the checkpoint of the shelf", e);
    }
  }

  /// One atomic change of the shelf.
  void write(Consumer<Change> changes, Checkpoint checkpoint) {
    try (WriteBatch batch = new WriteBatch()) {
      changes.accept(new Change(batch));
      StringBuilder text = new StringBuilder(checkpoint.log()).append('\n').append(LAYOUT_LINE);
      checkpoint
          .next()
          .forEach((topic, next) -> text.append('\n').append(topic).append('=').append(next));
      checkpoint
          .last()
          .ifPresent(last -> text.append('\n').append(LAST).append('=').append(last.text()));
      batch.put(CHECKPOINT, text.toString().getBytes(StandardCharsets.UTF_8));
      db.write(unlogged, batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot write to the shelf", e);
    }
  }

  /// What is on the shelf at one moment, whatever is written to it later. It must be closed before
  /// the shelf is.
  final class Image implements AutoCloseable {
    private final Snapshot snapshot = db.getSnapshot();

    /// Hands every entry over, the checkpoint among them, as `restore` takes them.
    void forEach(SnapshotStore.Entries each) {
      try (ReadOptions reading = new ReadOptions().setSnapshot(snapshot).setFillCache(false);
          RocksIterator at = db.newIterator(reading)) {
        for (at.seekToFirst(); at.isValid() && at.key()[0] < FinishedTimes.KIND; at.next()) {
          each.put(at.key(), at.value());
        }
        at.status();
      } catch (RocksDBException e) {
        throw new IllegalStateException("cannot read the shelf", e);
      }
    }

    @Override
    public void close() {
      db.releaseSnapshot(snapshot);
    }
  }

  Image image() {
    return new Image();
  }

  /// Fills the empty shelf with the entries of an image. Its checkpoint comes last, so that a shelf
  /// that was filled only in part is worth nothing.
  void restore(Consumer<SnapshotStore.Entries> image) {
    byte[][] checkpoint = {null};
    try (WriteBatch batch = new WriteBatch()) {
      image.accept(
          (key, value) -> {
            try {
              if (Arrays.equals(key, CHECKPOINT)) {
                checkpoint[0] = value;
              } else {
                batch.put(key, value);
              }
              if (key[0] == FINISHED) {
                batch.put(FinishedTimes.entry(finishedAt(value), key), new byte[0]);
              }
              if (batch.getDataSize() > RESTORED_AT_ONCE) {
                db.write(unlogged, batch);
                batch.clear();
              }
            } catch (RocksDBException e) {
              throw new IllegalStateException("cannot fill the shelf", e);
            }
          });
      if (checkpoint[0] != null) {
        batch.put(CHECKPOINT, checkpoint[0]);
      }
      db.write(unlogged, batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot fill the shelf", e);
    }
  }

  /// Removes everything, as when the log is another one.
  void clear() {
    try {
      db.deleteRange(new byte[] {0}, new byte[] {(byte) 0xFF});
      times.begin();
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot clear the shelf", e);
    }
  }

  /// Drops finished executions that ended before `before`, the oldest first, at most `most` of
  /// them; true when there are more.
  boolean expire(Instant before, int most) {
    try {
      return times.expire(before, most, this::evict);
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot expire executions", e);
    }
  }

  private void evict(WriteBatch batch, String key, long finishedAt) throws RocksDBException {
    byte @Nullable [] value = db.get(key(FINISHED, key));
    if (value == null || finishedAt(value) != finishedAt) {
      return;
    }
    Shelved.Facts facts = Shelved.Facts.read(ByteBuffer.wrap(value, 8, value.length - 8));
    String appId = RouterContext.FACTS.decode(facts.encoded().getFirst()).envelope().appId();
    batch.delete(key(FINISHED, key));
    batch.put(
        key(ENDED, key), new Shelved.Ended(appId, facts.truths(), facts.compactedTo()).bytes());
  }

  private static long finishedAt(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }

  /// Changes of one batch.
  static final class Change {
    private final WriteBatch batch;

    private Change(WriteBatch batch) {
      this.batch = batch;
    }

    void putOpen(String key, Shelved.Facts facts) {
      put(key(OPEN, key), facts.bytes());
    }

    void putEnded(String key, Shelved.Ended ended) {
      put(key(ENDED, key), ended.bytes());
      delete(key(OPEN, key));
    }

    void putFinished(String key, Shelved.Facts facts, Instant finishedAt) {
      byte[] bytes = facts.bytes();
      put(
          key(FINISHED, key),
          ByteBuffer.allocate(8 + bytes.length)
              .putLong(finishedAt.toEpochMilli())
              .put(bytes)
              .array());
      put(FinishedTimes.entry(finishedAt.toEpochMilli(), key(FINISHED, key)), new byte[0]);
      delete(key(OPEN, key));
    }

    private void delete(byte[] key) {
      try {
        batch.delete(key);
      } catch (RocksDBException e) {
        throw new IllegalStateException("cannot shelve an execution", e);
      }
    }

    private void put(byte[] key, byte[] value) {
      try {
        batch.put(key, value);
      } catch (RocksDBException e) {
        throw new IllegalStateException("cannot shelve an execution", e);
      }
    }
  }

  private static byte[] key(byte kind, String key) {
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + text.length).put(kind).put(text).array();
  }

  private static boolean isOfThisLayout(String checkpoint) {
    String[] lines = checkpoint.split("\n", 3);
    boolean says = lines.length > 1 && lines[1].startsWith(LAYOUT + "=");
    return (says ? lines[1] : LAYOUT + "=1").equals(LAYOUT_LINE);
  }

  private static Checkpoint readCheckpoint(String text) {
    String[] lines = text.split("\n", -1);
    Map<String, Long> next = new TreeMap<>();
    Optional<Imprint> last = Optional.empty();
    for (int i = 1; i < lines.length; i++) {
      int equals = lines[i].lastIndexOf('=');
      String name = lines[i].substring(0, equals);
      String value = lines[i].substring(equals + 1);
      if (name.equals(LAST)) {
        last = Imprint.read(value);
      } else if (!name.equals(LAYOUT)) {
        next.put(name, Long.parseLong(value));
      }
    }
    return new Checkpoint(lines[0], next, last);
  }

  @Override
  public void close() {
    db.close();
    closeSettings();
  }
}
