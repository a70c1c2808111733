package dev.nexus.executor.wasm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.MalformedJsonException;
import dev.nexus.executor.code.Tools;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Calls of tools as bytes, for guests that have descriptors and no functions of the host: a line
/// `{"name": …, "arguments": {…}}` is written, and the answer is read as a line.
final class ToolPipe {
  private final GuestCall call;
  private final ByteArrayOutputStream asked = new ByteArrayOutputStream();
  private byte[] answer = new byte[0];
  private int read;

  ToolPipe(GuestCall call) {
    this.call = call;
  }

  /// Takes a part of a line; its end makes the call.
  ///
  /// @param address of it in the guest's memory; what is too long to be a message is not taken
  void write(SnapshotMemory memory, int address, int length) {
    int taken = Math.clamp(length, 0, Tools.LARGEST_MESSAGE + 1 - asked.size());
    asked.writeBytes(memory.readBytes(address, taken));
    if (length > 0 && memory.read(address + length - 1) == '\n') {
      byte[] said = answered(asked.toString(StandardCharsets.UTF_8));
      answer = Arrays.copyOf(said, said.length + 1);
      answer[said.length] = '\n';
      read = 0;
      asked.reset();
    }
  }

  private byte[] answered(String line) {
    try {
      JsonNode message = CanonicalJson.read(line);
      return call.tool(message.path("name").asText(), message.path("arguments").toString());
    } catch (MalformedJsonException e) {
      return "{\"error\":\"a line with one JSON object of at most 1 MiB expected\"}"
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /// The next bytes of the answer, at most `most`; none behind its end.
  byte[] read(int most) {
    int end = read + Math.min(most, answer.length - read);
    byte[] next = Arrays.copyOfRange(answer, read, end);
    read = end;
    return next;
  }
}
