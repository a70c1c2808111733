package dev.nexus.executor.wasm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.ConstantEvaluators;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmRuntimeException;
import run.endive.wasm.types.ActiveDataSegment;
import run.endive.wasm.types.DataSegment;

/// Linear memory in granules that are shared with a snapshot until they are written. It is the
/// only `Memory` of this process, so that calls to it stay monomorphic. Used by one thread.
@SuppressWarnings("removal")
final class SnapshotMemory implements Memory {
  /// 16 KiB: fewer bytes copied on a first write than with 64 KiB, fewer slots than with 4 KiB.
  private static final int SHIFT = 14;

  static final int GRANULE = 1 << SHIFT;
  private static final int MASK = GRANULE - 1;
  static final int PER_PAGE = PAGE_SIZE / GRANULE;
  static final byte[] ZERO = new byte[GRANULE];
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  /// What reads see; null beyond the end of the memory.
  private final byte[] @Nullable [] readable;

  /// The private copies; null where nothing was written since the snapshot.
  private final byte[] @Nullable [] writable;

  private final int maximumPages;
  private final ArrayDeque<byte[]> spare;
  private final boolean restored;
  private boolean refused;
  private int pages;

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  private SnapshotMemory(int maximumPages, ArrayDeque<byte[]> spare, boolean restored) {
    this.maximumPages = maximumPages;
    this.readable = new byte[maximumPages * PER_PAGE][];
    this.writable = new byte[maximumPages * PER_PAGE][];
    this.spare = spare;
    this.restored = restored;
  }

  /// An empty memory that takes the module's own data segments.
  static SnapshotMemory empty(int initialPages, int maximumPages) {
    var memory = new SnapshotMemory(maximumPages, new ArrayDeque<>(), false);
    memory.grow(initialPages);
    return memory;
  }

  /// A view of a snapshot; `spare` holds used granules to write into.
  static SnapshotMemory of(MemorySnapshot snapshot, int maximumPages, ArrayDeque<byte[]> spare) {
    if (maximumPages < snapshot.pages()) {
      throw new IllegalArgumentException(
          "at least " + snapshot.pages() + " pages expected, found " + maximumPages);
    }
    var memory = new SnapshotMemory(maximumPages, spare, true);
    System.arraycopy(snapshot.granules(), 0, memory.readable, 0, snapshot.granules().length);
    memory.pages = snapshot.pages();
    return memory;
  }

  /// Freezes the present content. This memory goes on as a view of it.
  MemorySnapshot freeze(long stackPointer) {
    byte[][] granules = new byte[pages * PER_PAGE][];
    long own = 0;
    for (int i = 0; i < granules.length; i++) {
      granules[i] = held(i);
      if (writable[i] != null) {
        granules[i] = Arrays.equals(granules[i], ZERO) ? ZERO : granules[i];
        own += granules[i] == ZERO ? 0 : GRANULE;
      }
      readable[i] = granules[i];
      writable[i] = null;
    }
    return new MemorySnapshot(granules, pages, own, stackPointer);
  }

  /// Gives the private copies to the next call of this thread; the memory is of no use afterwards.
  void recycle(int most) {
    for (int i = 0; i < writable.length && spare.size() < most; i++) {
      byte[] copy = writable[i];
      if (copy != null) {
        writable[i] = null;
        readable[i] = null;
        spare.push(copy);
      }
    }
  }

  private byte[] held(int index) {
    byte[] granule = readable[index];
    if (granule == null) {
      throw new IllegalStateException("granule " + index + " lies beyond the memory");
    }
    return granule;
  }

  /// Makes the granule of an address writable.
  private byte[] own(int address) {
    int index = address >>> SHIFT;
    if (index >= pages * PER_PAGE) {
      throw outOfBounds(address);
    }
    byte[] copy = spare.poll();
    if (copy == null) {
      copy = held(index).clone();
    } else {
      System.arraycopy(held(index), 0, copy, 0, GRANULE);
    }
    writable[index] = copy;
    readable[index] = copy;
    return copy;
  }

  private byte[] forWrite(int address) {
    int index = address >>> SHIFT;
    if (index >= writable.length) {
      throw outOfBounds(address);
    }
    byte[] granule = writable[index];
    return granule == null ? own(address) : granule;
  }

  private byte[] forRead(int address) {
    int index = address >>> SHIFT;
    if (index >= readable.length) {
      throw outOfBounds(address);
    }
    byte[] granule = readable[index];
    if (granule == null) {
      throw outOfBounds(address);
    }
    return granule;
  }

  private static WasmRuntimeException outOfBounds(int address) {
    return new WasmRuntimeException("out of bounds memory access: address " + address);
  }

  private void check(int address, int length) {
    if (length < 0 || Integer.toUnsignedLong(address) + length > (long) pages * PAGE_SIZE) {
      throw outOfBounds(address);
    }
  }

  @Override
  public int pages() {
    return pages;
  }

  @Override
  public int grow(int more) {
    int before = pages;
    if (more < 0 || more > maximumPages - before) {
      refused = true;
      return -1;
    }
    Arrays.fill(readable, before * PER_PAGE, (before + more) * PER_PAGE, ZERO);
    pages = before + more;
    return before;
  }

  boolean hasRefused() {
    return refused;
  }

  @Override
  public int initialPages() {
    return pages;
  }

  @Override
  public int maximumPages() {
    return maximumPages;
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public Object lock(int address) {
    throw new UnsupportedOperationException("memory is not shared");
  }

  @Override
  public int waitOn(int address, int expected, long timeout) {
    throw new UnsupportedOperationException("memory is not shared");
  }

  @Override
  public int waitOn(int address, long expected, long timeout) {
    throw new UnsupportedOperationException("memory is not shared");
  }

  @Override
  public int notify(int address, int waiters) {
    return 0;
  }

  @Override
  public void initialize(Instance instance, DataSegment[] segments) {
    if (restored) {
      return;
    }
    for (DataSegment segment : segments) {
      if (segment instanceof ActiveDataSegment active) {
        long[] offset =
            ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions());
        write((int) offset[0], active.data(), 0, active.data().length);
      }
    }
  }

  @Override
  public void initialize(Instance instance, DataSegment[] segments, int memoryIndex) {
    initialize(instance, segments);
  }

  @Override
  public void initPassiveSegment(int segment, int destination, int offset, int size) {
    throw new UnsupportedOperationException("the module has no passive segments");
  }

  @Override
  public void drop(int segment) {}

  @Override
  public void zero() {}

  @Override
  public void write(int address, byte[] data, int offset, int size) {
    check(address, size);
    int done = 0;
    while (done < size) {
      int at = address + done;
      int part = Math.min(size - done, GRANULE - (at & MASK));
      System.arraycopy(data, offset + done, forWrite(at), at & MASK, part);
      done += part;
    }
  }

  @Override
  public byte[] readBytes(int address, int length) {
    check(address, length);
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      int at = address + done;
      int part = Math.min(length - done, GRANULE - (at & MASK));
      System.arraycopy(forRead(at), at & MASK, bytes, done, part);
      done += part;
    }
    return bytes;
  }

  @Override
  public void fill(byte value, int from, int to) {
    check(from, to - from);
    int at = from;
    while (at < to) {
      int part = Math.min(to - at, GRANULE - (at & MASK));
      Arrays.fill(forWrite(at), at & MASK, (at & MASK) + part, value);
      at += part;
    }
  }

  @Override
  public void copy(int destination, int source, int size) {
    check(source, size);
    check(destination, size);
    int to = destination & MASK;
    int from = source & MASK;
    if (size > 0 && to + size <= GRANULE && from + size <= GRANULE) {
      byte[] target = forWrite(destination);
      System.arraycopy(forRead(source), from, target, to, size);
    } else {
      write(destination, readBytes(source, size), 0, size);
    }
  }

  @Override
  public byte read(int address) {
    return forRead(address)[address & MASK];
  }

  @Override
  public void writeByte(int address, byte value) {
    forWrite(address)[address & MASK] = value;
  }

  @Override
  public int readInt(int address) {
    int at = address & MASK;
    return at <= GRANULE - 4
        ? (int) INT.get(forRead(address), at)
        : (int) INT.get(readBytes(address, 4), 0);
  }

  @Override
  public void writeI32(int address, int value) {
    int at = address & MASK;
    if (at <= GRANULE - 4) {
      INT.set(forWrite(address), at, value);
    } else {
      byte[] bytes = new byte[4];
      INT.set(bytes, 0, value);
      write(address, bytes, 0, 4);
    }
  }

  @Override
  public long readLong(int address) {
    int at = address & MASK;
    return at <= GRANULE - 8
        ? (long) LONG.get(forRead(address), at)
        : (long) LONG.get(readBytes(address, 8), 0);
  }

  @Override
  public void writeLong(int address, long value) {
    int at = address & MASK;
    if (at <= GRANULE - 8) {
      LONG.set(forWrite(address), at, value);
    } else {
      byte[] bytes = new byte[8];
      LONG.set(bytes, 0, value);
      write(address, bytes, 0, 8);
    }
  }

  @Override
  public short readShort(int address) {
    int at = address & MASK;
    return at <= GRANULE - 2
        ? (short) SHORT.get(forRead(address), at)
        : (short) SHORT.get(readBytes(address, 2), 0);
  }

  @Override
  public long readU16(int address) {
    return readShort(address) & 0xFFFFL;
  }

  @Override
  public void writeShort(int address, short value) {
    int at = address & MASK;
    if (at <= GRANULE - 2) {
      SHORT.set(forWrite(address), at, value);
    } else {
      byte[] bytes = new byte[2];
      SHORT.set(bytes, 0, value);
      write(address, bytes, 0, 2);
    }
  }

  @Override
  public float readFloat(int address) {
    return Float.intBitsToFloat(readInt(address));
  }

  @Override
  public long readF32(int address) {
    return readInt(address);
  }

  @Override
  public void writeF32(int address, float value) {
    writeI32(address, Float.floatToRawIntBits(value));
  }

  @Override
  public double readDouble(int address) {
    return Double.longBitsToDouble(readLong(address));
  }

  @Override
  public long readF64(int address) {
    return readLong(address);
  }

  @Override
  public void writeF64(int address, double value) {
    writeLong(address, Double.doubleToRawLongBits(value));
  }
}
