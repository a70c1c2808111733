package dev.nexus.executor.wasm;

import dev.nexus.event.TenantId;
import dev.nexus.executor.code.Program.Module;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;

/// Writes small modules byte by byte, the wrong ones too. A module has a memory of two pages and
/// whatever is said of it; its last function is `_start`.
final class WasmWriter {
  static final int END = 0x0b;
  static final int DROP = 0x1a;
  private static final int I32 = 0x7f;
  private static final int I64 = 0x7e;

  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> imports = new ArrayList<>();
  private final List<byte[]> functions = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final TreeMap<Integer, List<byte[]>> others = new TreeMap<>();
  private String start = "_start";

  WasmWriter() {
    types.add(bytes(0x60, 0, 0));
    section(5, bytes(0, 2));
  }

  /// Bytes: numbers as they are, arrays within each other.
  static byte[] bytes(Object... parts) {
    var out = new ByteArrayOutputStream();
    for (Object part : parts) {
      switch (part) {
        case Integer octet -> out.write(octet);
        case byte[] more -> out.writeBytes(more);
        case String text -> out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        default -> throw new IllegalArgumentException("a number, bytes or a text expected");
      }
    }
    return out.toByteArray();
  }

  static byte[] repeated(int times, Object... parts) {
    var out = new ByteArrayOutputStream();
    byte[] one = bytes(parts);
    for (int i = 0; i < times; i++) {
      out.writeBytes(one);
    }
    return out.toByteArray();
  }

  /// An unsigned number.
  static byte[] u(long value) {
    var out = new ByteArrayOutputStream();
    long left = value;
    while (left > 0x7f) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
    return out.toByteArray();
  }

  static byte[] i32(int value) {
    return bytes(0x41, s(value));
  }

  static byte[] i64(long value) {
    return bytes(0x42, s(value));
  }

  private static byte[] s(long value) {
    var out = new ByteArrayOutputStream();
    long left = value;
    while (left < -0x40 || left > 0x3f) {
      out.write((int) (left & 0x7f | 0x80));
      left >>= 7;
    }
    out.write((int) (left & 0x7f));
    return out.toByteArray();
  }

  static byte[] call(int function) {
    return bytes(0x10, u(function));
  }

  /// Writes a number to an address.
  static byte[] store(int address, byte[] value) {
    return bytes(i32(address), value, 0x36, 2, 0);
  }

  static byte[] load(int address) {
    return bytes(i32(address), 0x28, 2, 0);
  }

  int type(byte[] parameters, byte[] results) {
    types.add(bytes(0x60, vector(parameters), vector(results)));
    return types.size() - 1;
  }

  private static byte[] vector(byte[] octets) {
    return bytes(u(octets.length), octets);
  }

  /// A function of WASI that takes so many numbers of 32 bits and gives its errno.
  int wasi(String name, int parameters) {
    return imported("wasi_snapshot_preview1", name, repeated(parameters, I32), bytes(I32));
  }

  int imported(String module, String name, byte[] parameters, byte[] results) {
    imports.add(bytes(name(module), name(name), 0, u(type(parameters, results))));
    return imports.size() - 1;
  }

  int clock() {
    return imported("wasi_snapshot_preview1", "clock_time_get", bytes(I32, I64, I32), bytes(I32));
  }

  int exit() {
    return imported("wasi_snapshot_preview1", "proc_exit", bytes(I32), bytes());
  }

  int pathOpen() {
    return imported(
        "wasi_snapshot_preview1",
        "path_open",
        bytes(repeated(5, I32), I64, I64, I32, I32),
        bytes(I32));
  }

  private static byte[] name(String text) {
    return vector(bytes(text));
  }

  /// A function without parameters, results and locals; the last one is `_start`.
  WasmWriter function(Object... body) {
    return functionWith(bytes(0), body);
  }

  WasmWriter functionWith(byte[] locals, Object... body) {
    functions.add(u(0));
    bodies.add(vector(bytes(locals, bytes(body), END)));
    return this;
  }

  /// What it says at its beginning about a part of memory.
  WasmWriter data(int address, Object... content) {
    others
        .computeIfAbsent(11, _ -> new ArrayList<>())
        .add(bytes(0, i32(address), END, vector(bytes(content))));
    return this;
  }

  /// The only entry of a section, such as its memory, or a further one.
  WasmWriter section(int id, byte[]... entries) {
    others.put(id, new ArrayList<>(List.of(entries)));
    return this;
  }

  WasmWriter exporting(String name) {
    start = name;
    return this;
  }

  byte[] module() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(bytes(0, "asm", 1, 0, 0, 0));
    out.writeBytes(sectionOf(1, types));
    out.writeBytes(sectionOf(2, imports));
    out.writeBytes(sectionOf(3, functions));
    int last = imports.size() + functions.size() - 1;
    others.headMap(7).forEach((id, entries) -> out.writeBytes(sectionOf(id, entries)));
    out.writeBytes(sectionOf(7, List.of(bytes(name(start), 0, u(last)))));
    if (others.containsKey(8)) {
      out.writeBytes(bytes(8, vector(others.get(8).getFirst())));
    }
    others.subMap(9, 10).forEach((id, entries) -> out.writeBytes(sectionOf(id, entries)));
    out.writeBytes(sectionOf(10, bodies));
    others.tailMap(11).forEach((id, entries) -> out.writeBytes(sectionOf(id, entries)));
    return out.toByteArray();
  }

  private static byte[] sectionOf(int id, List<byte[]> entries) {
    var content = new ByteArrayOutputStream();
    content.writeBytes(u(entries.size()));
    entries.forEach(content::writeBytes);
    return bytes(id, vector(content.toByteArray()));
  }

  static Module program(byte[] module) {
    return new Module(TenantId.DEFAULT, Base64.getEncoder().encodeToString(module));
  }

  Module program() {
    return program(module());
  }

  /// Reads its input and writes it, up to 60,000 bytes.
  static WasmWriter echo() {
    var writer = new WasmWriter();
    int read = writer.wasi("fd_read", 4);
    int write = writer.wasi("fd_write", 4);
    return writer.function(
        store(0, i32(1024)),
        store(4, i32(60_000)),
        parts(read, 0),
        store(4, load(8)),
        parts(write, 1));
  }

  /// Calls `fd_read` or `fd_write` with the one part that is described at 0.
  static byte[] parts(int function, int descriptor) {
    return bytes(i32(descriptor), i32(0), i32(1), i32(8), call(function), DROP);
  }

  /// Writes a text to a descriptor, and goes on with `then`.
  static WasmWriter saying(int descriptor, byte[] text, WasmWriter writer, byte[] then) {
    int write = writer.wasi("fd_write", 4);
    return writer
        .data(1024, text)
        .function(store(0, i32(1024)), store(4, i32(text.length)), parts(write, descriptor), then);
  }

  static WasmWriter saying(String text) {
    return saying(1, bytes(text), new WasmWriter(), bytes());
  }
}
