package dev.nexus.projector.query;

import dev.nexus.testkit.SentEvent;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A client of the live stream.
final class Listening implements AutoCloseable {
  private static final String STATUS = "status ";

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final SentEvent.Lines events = new SentEvent.Lines();
  private final Thread thread;
  private volatile String lastId = "";

  /// `lastEventId` "" begins with what comes from now on.
  Listening(Platform platform, String key, String path, String lastEventId) {
    var request = platform.request(key, path).timeout(Duration.ofMinutes(2));
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    var built = request.build();
    thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  var answer = platform.send(built, HttpResponse.BodyHandlers.ofLines());
                  lines.add(STATUS + answer.statusCode());
                  try {
                    answer.body().forEach(lines::add);
                    lines.add("end");
                  } catch (UncheckedIOException e) {
                    lines.add("closed");
                  }
                });
  }

  int awaitStatus() throws InterruptedException {
    String line = next();
    if (line == null || !line.startsWith(STATUS)) {
      throw new AssertionError("no status, found " + line);
    }
    return Integer.parseInt(line.substring(STATUS.length()));
  }

  /// Data of the next event of this name; others are passed over.
  String awaitEvent(String name) throws InterruptedException {
    List<SentEvent> others = new ArrayList<>();
    for (var event = read(); event.isPresent(); event = read()) {
      if (event.get().name().equals(name)) {
        return event.get().data();
      }
      others.add(event.get());
    }
    throw new AssertionError("no event " + name + " among " + others);
  }

  /// The next event, whatever it says.
  SentEvent nextEvent() throws InterruptedException {
    return read().orElseThrow(() -> new AssertionError("no event behind " + lastId));
  }

  /// Empty when none comes.
  private Optional<SentEvent> read() throws InterruptedException {
    for (String line = next(); line != null; line = next()) {
      Optional<SentEvent> event = events.take(line);
      if (event.isPresent()) {
        if (!event.get().id().isEmpty()) {
          lastId = event.get().id();
        }
        return event;
      }
    }
    return Optional.empty();
  }

  private String next() throws InterruptedException {
    return lines.poll(2, TimeUnit.MINUTES);
  }

  String lastId() {
    return lastId;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
