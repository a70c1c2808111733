package dev.nexus.scriptedmodel.triage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// The deliveries of the demo, without end: pass after pass over the corpus, each in a fresh
/// seeded order. The first [#FROM_USERS] come from users' repositories only, as if the
/// organisation's hook were connected after them. Not for use by several threads at once.
public final class DeliverySequence implements Iterator<Delivery> {
  public static final int FROM_USERS = 60;

  private final List<Webhook> webhooks;
  private final Random random;
  private final String run;
  private final Deque<Webhook> pass = new ArrayDeque<>();
  private int delivered = 0;

  /// @param run names this run: deliveries of runs with different names have different ids
  public DeliverySequence(TriageCorpus corpus, long seed, String run) {
    this.webhooks = corpus.webhooks();
    this.random = new Random(seed);
    this.run = run + ":" + seed;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public Delivery next() {
    if (pass.isEmpty()) {
      pass.addAll(delivered == 0 ? firstPass() : shuffled());
    }
    int number = ++delivered;
    String name = run + ":" + number;
    String id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    return new Delivery(number, id, pass.removeFirst());
  }

  private List<Webhook> firstPass() {
    List<Webhook> order = shuffled();
    List<Webhook> first =
        order.stream().filter(Webhook::fromUsersRepository).limit(FROM_USERS).toList();
    order.removeAll(first);
    // Shuffled again: else what was passed over on the way to the first would all come next.
    Collections.shuffle(order, random);
    order.addAll(0, first);
    return order;
  }

  private List<Webhook> shuffled() {
    var order = new ArrayList<>(webhooks);
    Collections.shuffle(order, random);
    return order;
  }
}
