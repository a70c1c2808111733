package dev.nexus.command.definition;

import dev.nexus.command.definition.Located.Mark;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/// A file that is no text: a WebAssembly module, told by how its path ends. As text, as which all
/// files of an application travel, it is its bytes in base64; Git has the bytes.
final class ModuleFile {
  static final String ENDING = ".wasm";

  private static final byte[] MAGIC = {0, 'a', 's', 'm'};
  private static final byte[] VERSION = {1, 0, 0, 0};
  private static final byte[] COMPONENT = {0x0d, 0, 1, 0};
  private static final int SHOWN = 20;

  private ModuleFile() {}

  static boolean isOne(String path) {
    return path.endsWith(ENDING);
  }

  /// What Git keeps of the text of a file.
  static byte[] bytes(String path, String text) {
    return isOne(path)
        ? decoded(text)
            .orElseThrow(() -> new IllegalArgumentException(path + ": base64 expected, found none"))
        : text.getBytes(StandardCharsets.UTF_8);
  }

  /// The text of a file that Git keeps.
  static String text(String path, byte[] bytes) {
    return isOne(path)
        ? Base64.getEncoder().encodeToString(bytes)
        : new String(bytes, StandardCharsets.UTF_8);
  }

  /// The one text of a module, of whichever lines its base64 has.
  static String normalised(String text) {
    return decoded(text).map(Base64.getEncoder()::encodeToString).orElse(text);
  }

  /// Reports a file that cannot be a module, or is too large for an application.
  ///
  /// @param most bytes that the whole application may have, modules in base64
  static void check(Mark mark, String text, int most, Faults faults) {
    Optional<byte[]> bytes = decoded(text);
    if (bytes.isEmpty()) {
      faults.add(mark, "not a module", "the bytes of a module in base64", shown(text));
    } else if (!startsWith(bytes.get(), 0, MAGIC)) {
      faults.add(mark, "not a module", "00 61 73 6d (\\0asm) first", hex(bytes.get(), 0));
    } else if (startsWith(bytes.get(), 4, COMPONENT)) {
      faults.add(
          mark, "not a core module", "version 1, as of the target wasm32-wasip1", "a component");
    } else if (!startsWith(bytes.get(), 4, VERSION)) {
      faults.add(mark, "not a module", "version 1 (01 00 00 00)", hex(bytes.get(), 4));
    } else if (bytes.get().length / 3 * 4 > most) {
      faults.add(
          mark,
          "the module is too large",
          "less than "
              + most / 4 * 3
              + " bytes, as an application has at most "
              + most
              + " with its modules in base64",
          bytes.get().length + " bytes");
    }
  }

  /// Empty when it is no base64. Programs that encode break lines.
  private static Optional<byte[]> decoded(String text) {
    try {
      return Optional.of(Base64.getDecoder().decode(text.replace("\r", "").replace("\n", "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] wanted) {
    return bytes.length >= from + wanted.length
        && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
  }

  private static String hex(byte[] bytes, int from) {
    int to = Math.min(bytes.length, from + 4);
    return from >= to
        ? "its end"
        : HexFormat.ofDelimiter(" ").formatHex(Arrays.copyOfRange(bytes, from, to));
  }

  private static String shown(String text) {
    return text.isEmpty()
        ? "nothing"
        : "'" + text.substring(0, Math.min(text.length(), SHOWN)).strip() + "…'";
  }
}
