package dev.nexus.command.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What the shelf keeps of an execution.
sealed interface Shelved {

  /// It is not on the shelf.
  record Nothing() implements Shelved {}

  /// Its facts, oldest first. Up to the sequence `compactedTo` only the first and the ending one
  /// are there; of a line, only those by which they came who wait in it, in the order of the line.
  /// 0 means that none is left out.
  record Facts(long compactedTo, List<byte[]> encoded) implements Shelved {
    public Facts {
      encoded = List.copyOf(encoded);
    }

    byte[] bytes() {
      ByteBuffer out = ByteBuffer.allocate(8 + encoded.stream().mapToInt(f -> 4 + f.length).sum());
      out.putLong(compactedTo);
      encoded.forEach(fact -> out.putInt(fact.length).put(fact));
      return out.array();
    }

    static Facts read(ByteBuffer in) {
      long compactedTo = in.getLong();
      List<byte[]> facts = new ArrayList<>();
      while (in.hasRemaining()) {
        byte[] fact = new byte[in.getInt()];
        in.get(fact);
        facts.add(fact);
      }
      return new Facts(compactedTo, facts);
    }
  }

  /// It ended so long ago that its answer is gone.
  record Ended(String appId, long sequence) implements Shelved {
    byte[] bytes() {
      byte[] app = appId.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(8 + app.length).putLong(sequence).put(app).array();
    }

    static Ended read(ByteBuffer in) {
      long sequence = in.getLong();
      byte[] app = new byte[in.remaining()];
      in.get(app);
      return new Ended(new String(app, StandardCharsets.UTF_8), sequence);
    }
  }
}
