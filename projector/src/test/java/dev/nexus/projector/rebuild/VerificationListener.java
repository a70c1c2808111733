package dev.nexus.projector.rebuild;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import io.micronaut.http.sse.Event;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// Hears how far a verification is, and how it ends.
final class VerificationListener implements Subscriber<Event<String>> {
  private final List<JsonNode> progress = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Event<String>> last = new CompletableFuture<>();

  /// What it said before its end.
  List<JsonNode> progress() {
    return progress;
  }

  /// Waits for its end.
  Event<String> last() throws Exception {
    return last.get(2, TimeUnit.MINUTES);
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(Event<String> event) {
    if ("progress".equals(event.getName())) {
      progress.add(CanonicalJson.read(event.getData()));
    } else {
      last.complete(event);
    }
  }

  @Override
  public void onError(Throwable failure) {
    last.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {}
}
