package dev.nexus.executor.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nexus.executor.code.Asked;
import dev.nexus.executor.code.CodeCall;
import dev.nexus.executor.code.Tools;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Answers what services ask of tools, and remembers who asked.
final class HeardTools implements Tools {
  final List<Service> askers = new CopyOnWriteArrayList<>();
  final List<String> messages = new CopyOnWriteArrayList<>();

  @Override
  public Reply send(CodeCall by, Asked asked, byte[] message, Duration patience) {
    throw new AssertionError("no code runs here");
  }

  @Override
  public Reply send(Service by, byte[] message, Duration patience) {
    askers.add(by);
    messages.add(new String(message, UTF_8));
    return new Reply(200, "{\"result\":\"done\"}".getBytes(UTF_8));
  }
}
