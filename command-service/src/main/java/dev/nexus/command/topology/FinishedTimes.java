package dev.nexus.command.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// The finished executions of a shelf by the moment they ended: an entry of no contents for each,
/// so that those that expire are found without a look at those that do not. It is made of what the
/// shelf has, and no part of its images.
final class FinishedTimes {
  /// Behind the kinds of the shelf, so that who reads those can end here.
  static final byte KIND = 't';

  /// Says that every finished execution has its entry; a shelf of before there were any lacks it.
  private static final byte[] WHOLE = {'w'};

  private static final byte[] FIRST = {KIND};
  private static final int KEY_AT = FIRST.length + Long.BYTES;
  private static final int AT_ONCE = 10_000;

  private final RocksDB db;
  private final WriteOptions unlogged;
  private byte[] cursor = FIRST;

  FinishedTimes(RocksDB db, WriteOptions unlogged) {
    this.db = db;
    this.unlogged = unlogged;
  }

  /// The entry of an execution that ended at `finishedAt`, milliseconds since 1970; `shelfKey` is
  /// what it has on the shelf, whose first byte is its kind.
  static byte[] entry(long finishedAt, byte[] shelfKey) {
    return ByteBuffer.allocate(KEY_AT + shelfKey.length - 1)
        .put(KIND)
        .putLong(finishedAt)
        .put(shelfKey, 1, shelfKey.length - 1)
        .array();
  }

  /// Says of an empty shelf that nothing is missing.
  void begin() throws RocksDBException {
    db.put(unlogged, WHOLE, new byte[0]);
  }

  /// Makes the entries of a shelf that has none: every finished execution is looked at, once.
  void complete(byte finished) throws RocksDBException {
    if (db.get(WHOLE) != null) {
      return;
    }
    try (RocksIterator at = db.newIterator();
        WriteBatch batch = new WriteBatch()) {
      for (at.seek(new byte[] {finished}); at.isValid() && at.key()[0] == finished; at.next()) {
        batch.put(entry(ByteBuffer.wrap(at.value()).getLong(), at.key()), new byte[0]);
        if (batch.count() == AT_ONCE) {
          db.write(unlogged, batch);
          batch.clear();
        }
      }
      at.status();
      db.write(unlogged, batch);
    }
    begin();
  }

  /// Takes an execution off that ended at a moment, unless the shelf says that it ended at another
  /// one.
  interface Expiring {
    void expire(WriteBatch batch, String key, long finishedAt) throws RocksDBException;
  }

  /// Hands over those that ended before `before`, the oldest first, at most `most` of them; true
  /// when there are more.
  boolean expire(Instant before, int most, Expiring expiring) throws RocksDBException {
    byte[] end = entry(Math.max(0, before.toEpochMilli()), FIRST);
    byte @Nullable [] last = null;
    int looked = 0;
    try (RocksIterator at = db.newIterator();
        WriteBatch batch = new WriteBatch()) {
      for (at.seek(cursor); looked < most && isBefore(at, end); at.next(), looked++) {
        last = at.key();
        batch.delete(last);
        String key = new String(last, KEY_AT, last.length - KEY_AT, StandardCharsets.UTF_8);
        expiring.expire(batch, key, ByteBuffer.wrap(last).getLong(1));
      }
      at.status();
      db.write(unlogged, batch);
    }
    // Where deleted ones stand, a look from the first has to pass over each of them.
    cursor = last == null || looked < most ? FIRST : last;
    return looked == most;
  }

  private static boolean isBefore(RocksIterator at, byte[] end) {
    return at.isValid() && Arrays.compareUnsigned(at.key(), end) < 0;
  }
}
