package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.event.definition.CanonicalJson;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Reads an execution that exists, and the list it is in, over and over, and notes each answer that
/// denies it. That an answer is not to be had now is none, and whether one was is a matter of
/// speed: Redis may be filled again before it is read.
final class KnownReads implements AutoCloseable {
  private final FaultRig rig;
  private final List<String> denials = new CopyOnWriteArrayList<>();
  private final AtomicInteger shown = new AtomicInteger();
  private final AtomicBoolean ended = new AtomicBoolean();
  private Thread reading = new Thread();

  KnownReads(FaultRig rig) {
    this.rig = rig;
  }

  /// Has something executed, and reads it from when it is visible on.
  void begin() throws Exception {
    if (reading.isAlive()) {
      return;
    }
    HttpResponse<String> called = rig.callPatiently("echo");
    assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
    var answer = CanonicalJson.read(called.body());
    String path = "/v1/executions/" + answer.path("executionId").asText();
    rig.awaitGet(
        path + "?after=" + answer.path("token").asText(), response -> response.statusCode() == 200);
    reading = Thread.ofVirtual().name("known-reads").start(() -> read(path));
  }

  private void read(String path) {
    while (!ended.get()) {
      try {
        note(path, rig.get(path), "\"facts\":[{");
        note("the list", rig.get("/v1/executions?limit=1"), "\"executionId\"");
      } catch (IOException e) {
        denials.add(path + ": " + e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void note(String what, HttpResponse<String> answer, String wanted) {
    if (answer.statusCode() == 200 && answer.body().contains(wanted)) {
      shown.incrementAndGet();
    } else if (answer.statusCode() != 503) {
      denials.add(what + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  /// Ends it; nothing was denied, and something was shown.
  @Override
  public void close() throws InterruptedException {
    ended.set(true);
    reading.join();
    assertThat(denials).isEmpty();
    assertThat(shown).hasPositiveValue();
  }
}
