package dev.nexus.projector.query;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A client of the live stream.
final class Listening implements AutoCloseable {
  private static final String STATUS = "status ";

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
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

  /// Data of the next event of this name.
  String awaitEvent(String name) throws InterruptedException {
    String event = "";
    List<String> seen = new ArrayList<>();
    for (String line = next(); line != null; line = next()) {
      seen.add(line);
      if (line.startsWith("id:")) {
        lastId = line.substring(3).strip();
      } else if (line.startsWith("event:")) {
        event = line.substring(6).strip();
      } else if (line.startsWith("data:") && event.equals(name)) {
        return line.substring(5).strip();
      }
    }
    throw new AssertionError("no event " + name + " among " + seen);
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
