package dev.nexus.executor.container;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A tar archive of one directory without anything in it. An engine that unpacks it gives the
/// directory to a user, which needs no program and no capability.
final class OwnerArchive {
  private static final int BLOCK = 512;
  private static final int MODE_AT = 100;
  private static final int USER_AT = 108;
  private static final int GROUP_AT = 116;
  private static final int SIZE_AT = 124;
  private static final int TIME_AT = 136;
  private static final int SUM_AT = 148;
  private static final int TYPE_AT = 156;
  private static final int MAGIC_AT = 257;
  private static final int NUMBER = 8;

  private OwnerArchive() {}

  /// @param name of at most 99 characters
  static byte[] of(String name, int mode, long user, long group) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, MODE_AT, "%07o".formatted(mode));
    putNumber(header, USER_AT, user);
    putNumber(header, GROUP_AT, group);
    put(header, SIZE_AT, "%011o".formatted(0));
    put(header, TIME_AT, "%011o".formatted(0));
    header[TYPE_AT] = '5';
    put(header, MAGIC_AT, "ustar  ");
    Arrays.fill(header, SUM_AT, SUM_AT + NUMBER, (byte) ' ');
    int sum = 0;
    for (byte one : header) {
      sum += one & 0xFF;
    }
    put(header, SUM_AT, "%06o\0 ".formatted(sum));
    // Two empty blocks end an archive.
    return Arrays.copyOf(header, 3 * BLOCK);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /// In base 256, as GNU has it: the octal digits of the field do not reach far enough.
  private static void putNumber(byte[] header, int at, long number) {
    header[at] = (byte) 0x80;
    for (int i = 0; i < NUMBER - 1; i++) {
      header[at + NUMBER - 1 - i] = (byte) (number >>> (8 * i));
    }
  }
}
