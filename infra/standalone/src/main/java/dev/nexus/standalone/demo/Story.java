package dev.nexus.standalone.demo;

import dev.nexus.event.promotion.PromotionEvent;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The course of the demonstration: send until code is promoted, send on, change the prompt, send
/// until code is promoted again, send on, end.
final class Story {
  /// Requests that follow the promotions.
  record Course(int afterFirst, int afterSecond) {
    static final Course WHOLE = new Course(600, 300);
  }

  private static final Duration LOOK = Duration.ofMillis(100);

  private final Sender sender;
  private final ExecutionLedger executions;
  private final OracleLedger oracle;
  private final Screen screen;
  private final Course course;
  private final Duration limit;
  private final long begun = System.nanoTime();
  private int told = 0;
  private boolean organisationTold = false;

  /// @param limit longest time the story may take
  Story(
      Sender sender,
      ExecutionLedger executions,
      OracleLedger oracle,
      Screen screen,
      Course course,
      Duration limit) {
    this.sender = sender;
    this.executions = executions;
    this.oracle = oracle;
    this.screen = screen;
    this.course = course;
    this.limit = limit;
  }

  /// Why the story did not come to its end.
  static final class BrokenOffException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenOffException(String message) {
      super(message);
    }
  }

  /// Tells the whole story; `changePrompt` publishes the second wording.
  void run(Runnable changePrompt) throws BrokenOffException, InterruptedException {
    screen.say(
        "● deliveries begin: the hook of users' repositories, "
            + Sender.OUTSTANDING
            + " outstanding; the model answers");
    sender.start();
    until("the first promotion", () -> oracle.promotedIdentities().size() >= 1);
    int first = sender.answered();
    until("requests after it", () -> sender.answered() >= first + course.afterFirst());
    screen.say("● the prompt is changed: what was proven was proven for the old one");
    changePrompt.run();
    until("the second promotion", () -> oracle.promotedIdentities().size() >= 2);
    int second = sender.answered();
    until("requests after it", () -> sender.answered() >= second + course.afterSecond());
    sender.drain();
    tell();
  }

  private void until(String what, BooleanSupplier reached)
      throws BrokenOffException, InterruptedException {
    while (!reached.getAsBoolean()) {
      Thread.sleep(LOOK);
      tell();
      if (sender.broken().isPresent()) {
        throw new BrokenOffException("waiting for " + what + ": " + sender.broken().get());
      }
      if (System.nanoTime() - begun > limit.toNanos()) {
        throw new BrokenOffException("after " + limit.toSeconds() + " s, waiting for " + what);
      }
    }
  }

  private void tell() {
    if (!organisationTold && sender.organisationSeen()) {
      organisationTold = true;
      screen.say("● the organisation's hook is connected");
    }
    List<PromotionEvent> fresh = oracle.decisions(told);
    told += fresh.size();
    for (PromotionEvent decision : fresh) {
      StoryLines.of(decision, this::describe).forEach(screen::say);
    }
    screen.progress(
        StoryLines.progress(
            sender.answered(),
            oracle.now(),
            Summary.money(executions.totals().spent().costMicros())));
  }

  private String describe(String fingerprint) {
    return oracle.executionOf(fingerprint).map(executions::describe).orElse("input " + fingerprint);
  }
}
