package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.live.StreamPosition;
import dev.nexus.projector.live.StreamPosition.Part;
import dev.nexus.rig.ApiClients;
import dev.nexus.testkit.DocumentedClient;
import dev.nexus.testkit.Eventually;
import dev.nexus.testkit.SentEvent;
import dev.nexus.testkit.StreamedFacts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A client of the live stream of the application `kill` that leaves now and then and comes back
/// with the last id it had, and so whenever its stream ends, whatever happens to the platform; what
/// it has heard must be what is on the log.
final class StreamWatcher implements AutoCloseable {
  private static final String APP_ID = "kill";

  /// Facts after which it leaves, at first: fewer than those of a load.
  private static final int LEAVES_AFTER_LEAST = 20;

  private static final int LEAVES_AFTER_MOST = 60;

  /// Away, or with no place yet for who has just left.
  private static final Set<Integer> NOT_NOW = Set.of(429, 503);

  /// Whom it listens to.
  private record Target(String url, String key) {}

  private static final Target NOBODY = new Target("", "");

  private final DocumentedClient http = ApiClients.client();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch opened = new CountDownLatch(1);
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<String> unexpected = new CopyOnWriteArrayList<>();
  private final AtomicInteger returns = new AtomicInteger();
  private final Random random;
  private volatile Target target = NOBODY;
  private volatile String first = "";
  private volatile String last = "";
  private volatile InputStream listening = InputStream.nullInputStream();

  /// Listens to nobody until it is told whom.
  ///
  /// @param random says after how many facts it leaves
  StreamWatcher(Random random) {
    this.random = random;
    Thread.ofPlatform().daemon().name("stream-watcher").start(this::listenUntilClosed);
  }

  /// Listens to the read side of an installation from when this returns.
  static StreamWatcher of(FaultRig rig) throws InterruptedException {
    StreamWatcher watcher = new StreamWatcher(new Random(rig.random().nextLong()));
    watcher.listenTo(rig.reads(), rig.key());
    return watcher;
  }

  /// Goes on with the platform at this address; listens to the first one from when this returns.
  void listenTo(String url, String key) throws InterruptedException {
    target = new Target(url, key);
    assertThat(opened.await(2, TimeUnit.MINUTES)).as("the stream opens").isTrue();
  }

  /// Leaves now, and waits until it was answered that it is back.
  void leave() throws IOException {
    int before = returns.get();
    listening.close();
    Eventually.value(FaultRig.RECOVERED_WITHIN, returns::get, now -> now > before, "it comes back");
  }

  private void listenUntilClosed() {
    try {
      while (!closing.get()) {
        Target to = target;
        if (to.url().isEmpty()) {
          TimeUnit.MILLISECONDS.sleep(20);
        } else {
          listenOnce(to);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (AssertionError | RuntimeException e) {
      if (!closing.get()) {
        unexpected.add(e.toString());
      }
    }
  }

  private void listenOnce(Target to) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(to.url() + "/v1/stream?app=" + APP_ID))
            .header("Authorization", "Bearer " + to.key())
            .header("Accept", "text/event-stream");
    if (!last.isEmpty()) {
      request.header("Last-Event-ID", last);
    }
    try {
      HttpResponse<InputStream> answer = http.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        if (answer.statusCode() == 200) {
          listening = body;
          if (!last.isEmpty()) {
            returns.incrementAndGet();
          }
          hear(new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)));
        } else {
          noteRefused(answer.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      // Its connection broke: it comes back.
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void noteRefused(int status, String body) throws InterruptedException {
    boolean notKnownYet = status == 404 && first.isEmpty();
    if (!NOT_NOW.contains(status) && !notKnownYet) {
      unexpected.add(status + " " + body);
    }
    TimeUnit.MILLISECONDS.sleep(50);
  }

  /// Hears what comes until the stream ends, or until it leaves: later each time, so that a long
  /// load is not made of its returns.
  private void hear(BufferedReader lines) throws IOException {
    var events = new SentEvent.Lines();
    int facts = random.nextInt(LEAVES_AFTER_LEAST, LEAVES_AFTER_MOST + 1) * (1 + returns.get());
    while (facts > 0) {
      String line = lines.readLine();
      if (line == null) {
        return;
      }
      Optional<SentEvent> event = events.take(line);
      if (event.isPresent() && took(event.get())) {
        facts--;
      }
    }
  }

  /// Whether it was a fact.
  private boolean took(SentEvent event) {
    if (!event.id().isEmpty()) {
      last = event.id();
    }
    if (event.name().equals("open") && first.isEmpty()) {
      first = event.id();
      opened.countDown();
    }
    if (event.name().equals("gap")) {
      unexpected.add(event.toString());
    }
    event.fact().ifPresent(heard::add);
    return event.fact().isPresent();
  }

  /// Waits until it has heard what the log has of the application since it began to listen: each
  /// fact once, in the order of its partition, and nothing else.
  void assertHeardAllOnce(KafkaClients clients) {
    StreamPosition begin = StreamPosition.parse(first);
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          assertThat(unexpected).isEmpty();
          StreamedFacts.on(
                  clients,
                  (topic, partition) -> begin.next().getOrDefault(new Part(topic, partition), 0L),
                  fact -> fact.envelope().appId().equals(APP_ID))
              .assertHeard(heard);
        });
    assertThat(returns).hasPositiveValue();
    System.out.println("stream: " + heard.size() + " facts, came back " + returns + " times");
  }

  /// Ends what is under way, too.
  @Override
  public void close() throws IOException {
    closing.set(true);
    listening.close();
    http.shutdownNow();
  }
}
