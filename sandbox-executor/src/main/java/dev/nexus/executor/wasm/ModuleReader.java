package dev.nexus.executor.wasm;

import java.nio.charset.StandardCharsets;

/// A place in the bytes of a module. Everything in there was written by a tenant: a count or a
/// length is believed only as far as there are bytes for it.
final class ModuleReader {
  private final byte[] bytes;
  private int at;

  ModuleReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int at() {
    return at;
  }

  boolean isBefore(int end) {
    return at < end;
  }

  int left() {
    return bytes.length - at;
  }

  int octet() {
    if (at >= bytes.length) {
      throw new ModuleException("the module ends amid something");
    }
    return bytes[at++] & 0xff;
  }

  void skip(int count) {
    if (count < 0 || count > left()) {
      throw new ModuleException("%d bytes expected at %d, found %d", count, at, left());
    }
    at += count;
  }

  /// An unsigned number of at most 32 bits; one that is no `int` is far above every limit.
  int number() {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int part = octet();
      value |= (long) (part & 0x7f) << shift;
      if (part < 0x80) {
        return (int) Math.min(value, Integer.MAX_VALUE);
      }
    }
    throw new ModuleException("a number at %d is too long", at);
  }

  /// How many of something follow, each of which takes a byte or more.
  int count(String of, int most) {
    int count = number();
    if (count > most) {
      throw new ModuleException("at most %d %s expected, found %d", most, of, count);
    }
    if (count > left()) {
      throw new ModuleException("%d %s expected, found %d bytes", count, of, left());
    }
    return count;
  }

  /// A signed number of at most 64 bits.
  long signed() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int part = octet();
      value |= (long) (part & 0x7f) << shift;
      if (part < 0x80) {
        int unused = 64 - shift - 7;
        return unused > 0 ? value << unused >> unused : value;
      }
    }
    throw new ModuleException("a number at %d is too long", at);
  }

  String name() {
    int length = count("bytes of a name", 1_000);
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }
}
