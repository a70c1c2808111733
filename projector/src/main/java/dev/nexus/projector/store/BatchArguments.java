package dev.nexus.projector.store;

import dev.nexus.platform.stream.Imprint;
import dev.nexus.projector.store.Mutation.Finish;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.CommandArgs;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Writes the changes of a batch as arguments of the apply script.
final class BatchArguments {
  /// Lua's `unpack` takes fewer than 8,000 values; even, so that pairs stay together.
  private static final int LARGEST_COMMAND = 4_000;

  private final Slot slot;
  private final String generation;
  private final List<byte[]> keys = new ArrayList<>();
  private final Map<Key, Integer> indexes = new HashMap<>();
  private final List<byte[]> arguments = new ArrayList<>();

  private BatchArguments(Batch batch) {
    this.slot = batch.slot();
    this.generation = batch.generation();
    keys.add(utf8(slot.positionName(batch.track())));
    if (batch.takesOver()) {
      keys.add(utf8(slot.positionName(Track.LIVE)));
    }
  }

  static CommandArgs<String, byte[]> of(
      RedisCodec<String, byte[]> codec, Batch batch, String instance) {
    var own = new BatchArguments(batch);
    boolean heard = batch.track() == Track.LIVE || batch.takesOver();
    own.arguments.add(utf8(batch.generation()));
    own.arguments.add(number(batch.base()));
    own.arguments.add(number(batch.next()));
    own.arguments.add(utf8(heard ? ProjectionStore.CHANNEL + batch.slot() : ""));
    own.arguments.add(utf8(instance));
    own.arguments.add(utf8(batch.takesOver() ? "1" : "0"));
    own.arguments.add(utf8(batch.writer().name()));
    own.arguments.add(utf8(batch.writer().goesOn() ? "1" : "0"));
    own.arguments.add(utf8(batch.last().map(Imprint::text).orElse("")));
    own.write(batch.changes());
    var args = new CommandArgs<>(codec).add(Script.APPLY.digest()).add(own.keys.size());
    own.keys.forEach(args::add);
    own.arguments.forEach(args::add);
    return args;
  }

  private void write(Changes changes) {
    List<Key> put = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    changes
        .views()
        .forEach(
            (key, fields) -> {
              put.add(key);
              values.add(utf8(ViewText.write(fields)));
            });
    changes
        .written()
        .forEach(
            (key, parts) -> {
              put.add(key);
              values.add(joined(parts));
            });
    writeValues(put, values);
    changes.appended().forEach((key, parts) -> command("APPEND", key, List.of(joined(parts))));
    changes.fields().forEach(this::writeFields);
    changes.once().forEach(this::writeOnce);
    changes.sums().forEach(this::writeSums);
    changes.scores().forEach(this::writeScores);
    changes.sets().forEach((key, members) -> commands("SADD", key, texts(members)));
    for (var count : changes.counts()) {
      command(
          "ADDONCE",
          count.seen(),
          List.of(
              number(index(count.key())),
              utf8(count.field()),
              number(count.by()),
              utf8(count.member()),
              number(count.position()),
              number(count.kept())));
    }
    changes.finished().forEach(this::writeFinished);
  }

  /// Sets many values with one command. Their keys stand in a row, so only the first is named.
  private void writeValues(List<Key> names, List<byte[]> values) {
    if (names.isEmpty()) {
      return;
    }
    int first = keys.size() + 1;
    for (Key key : names) {
      keys.add(utf8(slot.name(generation, key)));
      indexes.put(key, keys.size());
    }
    arguments.add(utf8("MSET"));
    arguments.add(number(first));
    arguments.add(number(values.size()));
    arguments.addAll(values);
  }

  private static byte[] joined(List<ByteBuffer> parts) {
    int length = 0;
    for (ByteBuffer part : parts) {
      length += part.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    parts.forEach(part -> all.put(part.duplicate()));
    return all.array();
  }

  private void writeFinished(Key key, List<Finish> finished) {
    List<byte[]> executions = new ArrayList<>(finished.size());
    finished.forEach(one -> executions.add(utf8(one.execution())));
    commands("RPUSH", key, executions);
    command("EVICT", key, List.of(number(finished.getLast().kept()), utf8(slot.infix(generation))));
  }

  private void writeFields(Key key, Map<String, Optional<String>> fields) {
    List<byte[]> set = new ArrayList<>(fields.size() * 2);
    List<byte[]> removed = new ArrayList<>(0);
    fields.forEach(
        (field, value) -> {
          if (value.isPresent()) {
            set.add(utf8(field));
            set.add(utf8(value.get()));
          } else {
            removed.add(utf8(field));
          }
        });
    commands("HSET", key, set);
    commands("HDEL", key, removed);
  }

  private void writeOnce(Key key, Map<String, ByteBuffer> fields) {
    fields.forEach((field, value) -> command("HSETNX", key, List.of(utf8(field), bytes(value))));
  }

  private void writeSums(Key key, Map<String, Long> sums) {
    List<byte[]> pairs = new ArrayList<>(sums.size() * 2);
    sums.forEach(
        (field, by) -> {
          pairs.add(utf8(field));
          pairs.add(number(by));
        });
    commands("ADD", key, pairs);
  }

  private void writeScores(Key key, Map<String, Optional<Long>> scores) {
    List<byte[]> added = new ArrayList<>(scores.size() * 2);
    List<byte[]> removed = new ArrayList<>(0);
    scores.forEach(
        (member, score) -> {
          if (score.isPresent()) {
            added.add(number(score.get()));
            added.add(utf8(member));
          } else {
            removed.add(utf8(member));
          }
        });
    commands("ZADD", key, added);
    commands("ZREM", key, removed);
  }

  private void commands(String name, Key key, List<byte[]> values) {
    for (int from = 0; from < values.size(); from += LARGEST_COMMAND) {
      command(name, key, values.subList(from, Math.min(values.size(), from + LARGEST_COMMAND)));
    }
  }

  private void command(String name, Key key, List<byte[]> values) {
    arguments.add(utf8(name));
    arguments.add(number(index(key)));
    arguments.add(number(values.size()));
    arguments.addAll(values);
  }

  /// Index of the key among KEYS, from 1.
  private int index(Key key) {
    return indexes.computeIfAbsent(
        key,
        k -> {
          keys.add(utf8(slot.name(generation, k)));
          return keys.size();
        });
  }

  private static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    return bytes;
  }

  private static List<byte[]> texts(Set<String> members) {
    List<byte[]> texts = new ArrayList<>(members.size());
    members.forEach(member -> texts.add(utf8(member)));
    return texts;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] number(long value) {
    return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
  }
}
