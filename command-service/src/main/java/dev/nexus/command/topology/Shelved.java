package dev.nexus.command.topology;

import dev.nexus.command.execution.Truths;
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
  ///
  /// @param truths those among what is left out
  record Facts(long compactedTo, Truths truths, List<byte[]> encoded) implements Shelved {
    public Facts {
      encoded = List.copyOf(encoded);
    }

    byte[] bytes() {
      byte[] told = text(truths).getBytes(StandardCharsets.UTF_8);
      long size = 12L + told.length + encoded.stream().mapToLong(f -> 4L + f.length).sum();
      ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size));
      // No fact has a length below zero, so what has one is no fact.
      out.putLong(compactedTo).putInt(-told.length).put(told);
      encoded.forEach(fact -> out.putInt(fact.length).put(fact));
      return out.array();
    }

    static Facts read(ByteBuffer in) {
      long compactedTo = in.getLong();
      Truths truths = Truths.NONE;
      List<byte[]> facts = new ArrayList<>();
      while (in.hasRemaining()) {
        int length = in.getInt();
        byte[] next = new byte[Math.abs(length)];
        in.get(next);
        if (length > 0) {
          facts.add(next);
        } else {
          truths = Shelved.read(new String(next, StandardCharsets.UTF_8));
        }
      }
      return new Facts(compactedTo, truths, facts);
    }
  }

  /// It ended so long ago that its answer is gone.
  record Ended(String appId, Truths truths, long sequence) implements Shelved {
    byte[] bytes() {
      byte[] kept = (appId + "\n" + text(truths)).getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(8 + kept.length).putLong(sequence).put(kept).array();
    }

    static Ended read(ByteBuffer in) {
      long sequence = in.getLong();
      byte[] kept = new byte[in.remaining()];
      in.get(kept);
      String[] lines = new String(kept, StandardCharsets.UTF_8).split("\n", 2);
      return new Ended(lines[0], Shelved.read(lines[lines.length - 1]), sequence);
    }
  }

  private static String text(Truths truths) {
    return truths.told() == 0 ? "" : truths.told() + " " + truths.newest();
  }

  private static Truths read(String text) {
    int space = text.indexOf(' ');
    return space < 0
        ? Truths.NONE
        : new Truths(Integer.parseInt(text.substring(0, space)), text.substring(space + 1));
  }
}
