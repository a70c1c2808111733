package dev.nexus.standalone.demo;

import dev.nexus.scriptedmodel.triage.Delivery;
import dev.nexus.scriptedmodel.triage.DeliverySequence;
import dev.nexus.scriptedmodel.triage.Hook;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Sends deliveries in a closed loop: the next one goes out when one of those outstanding has been
/// answered and its right answer reported.
final class Sender implements AutoCloseable {
  static final int OUTSTANDING = 32;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final DeliverySequence sequence;
  private final HookClient hooks;
  private final TruthReporter corrections;
  private final ExecutionLedger ledger;
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicReference<Optional<String>> broken = new AtomicReference<>(Optional.empty());
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping = false;
  private volatile boolean organisationSeen = false;

  Sender(
      DeliverySequence sequence,
      HookClient hooks,
      TruthReporter corrections,
      ExecutionLedger ledger) {
    this.sequence = sequence;
    this.hooks = hooks;
    this.corrections = corrections;
    this.ledger = ledger;
  }

  void start() {
    for (int i = 0; i < OUTSTANDING; i++) {
      threads.add(Thread.ofVirtual().name("sender-" + i).start(this::loop));
    }
  }

  int sent() {
    return sent.get();
  }

  /// Deliveries that came to an end, well or not.
  int answered() {
    return answered.get();
  }

  /// Whether the organisation's hook has delivered.
  boolean organisationSeen() {
    return organisationSeen;
  }

  /// What ended the sending, if something did.
  Optional<String> broken() {
    return broken.get();
  }

  private void loop() {
    try {
      while (!stopping) {
        deliver(next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | TimeoutException | ExecutionException | RuntimeException e) {
      fail(e);
    }
  }

  private Delivery next() {
    synchronized (sequence) {
      sent.incrementAndGet();
      return sequence.next();
    }
  }

  private void deliver(Delivery delivery)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    organisationSeen |= delivery.hook() == Hook.ORGANISATION;
    String execution =
        HookClient.executionOf(SampleApplication.APP_ID, SampleApplication.COMPONENT, delivery);
    var completion = ledger.completion(execution);
    hooks.deliver(delivery);
    try {
      completion.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException(
          "execution " + execution + " has no answer after " + PATIENCE.toSeconds() + " s");
    }
    corrections.report(delivery);
    answered.incrementAndGet();
  }

  private void fail(Exception e) {
    if (!stopping) {
      stopping = true;
      broken.compareAndSet(Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /// Sends nothing more and waits for what is outstanding.
  void drain() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join(PATIENCE);
    }
  }

  @Override
  public void close() {
    stopping = true;
    threads.forEach(Thread::interrupt);
  }
}
