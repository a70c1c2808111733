package dev.nexus.projector.store;

import java.nio.ByteBuffer;

/// What stands under a name outside of Redis, without its parts.
public sealed interface Head {
  /// Fields kept as one text; see `ViewText`.
  record View(byte[] text) implements Head {}

  record Bytes(byte[] value) implements Head {}

  /// A hash.
  record Fields(long count) implements Head {}

  /// A set, sorted where it has scores. The members of one that is cut have numbers, in the order
  /// in which they go: from `first` up to `next`.
  record Members(boolean scored, long count, long first, long next) implements Head {}

  /// A list with the elements from `first` up to `next`.
  record Elements(long first, long next) implements Head {}

  /// Type as Redis calls it.
  default String type() {
    return switch (this) {
      case View _, Bytes _ -> "string";
      case Fields _ -> "hash";
      case Members(var scored, _, _, _) -> scored ? "zset" : "set";
      case Elements _ -> "list";
    };
  }

  /// Parts there are.
  default long size() {
    return switch (this) {
      case View _, Bytes _ -> 1;
      case Fields(var count) -> count;
      case Members(_, var count, _, _) -> count;
      case Elements(var first, var next) -> next - first;
    };
  }

  default byte[] written() {
    return switch (this) {
      case View(var text) -> ByteBuffer.allocate(1 + text.length).put((byte) 'V').put(text).array();
      case Bytes(var value) ->
          ByteBuffer.allocate(1 + value.length).put((byte) 'B').put(value).array();
      case Fields(var count) -> ByteBuffer.allocate(9).put((byte) 'F').putLong(count).array();
      case Members(var scored, var count, var first, var next) ->
          ByteBuffer.allocate(25)
              .put((byte) (scored ? 'Z' : 'S'))
              .putLong(count)
              .putLong(first)
              .putLong(next)
              .array();
      case Elements(var first, var next) ->
          ByteBuffer.allocate(17).put((byte) 'L').putLong(first).putLong(next).array();
    };
  }

  /// The kind of its parts, as in [ItemName].
  default char partKind() {
    return switch (this) {
      case View _, Bytes _ -> ItemName.HEAD;
      case Fields _ -> ItemName.FIELD;
      case Members(var scored, _, _, _) -> scored ? ItemName.SCORED : ItemName.MEMBER;
      case Elements _ -> ItemName.ELEMENT;
    };
  }

  static Head read(byte[] written) {
    ByteBuffer from = ByteBuffer.wrap(written);
    byte kind = from.get();
    return switch (kind) {
      case 'V' -> new View(rest(from));
      case 'B' -> new Bytes(rest(from));
      case 'F' -> new Fields(from.getLong());
      case 'Z', 'S' -> new Members(kind == 'Z', from.getLong(), from.getLong(), from.getLong());
      case 'L' -> new Elements(from.getLong(), from.getLong());
      default -> throw new IllegalArgumentException("no kind of head: " + kind);
    };
  }

  private static byte[] rest(ByteBuffer from) {
    byte[] rest = new byte[from.remaining()];
    from.get(rest);
    return rest;
  }
}
