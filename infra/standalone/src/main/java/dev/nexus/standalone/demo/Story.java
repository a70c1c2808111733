package dev.nexus.standalone.demo;

import dev.nexus.event.promotion.PromotionEvent;
import dev.nexus.standalone.demo.ExecutionLedger.Declined;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The course of the demonstration: send until code is promoted, send on, change the prompt, send
/// until code is promoted again, send on, end.
final class Story {
  /// Requests that follow the promotions. A story that has `NONE` after the second ends before the
  /// prompt is changed.
  record Course(int afterFirst, int afterSecond) {
    static final int NONE = -1;
    static final Course WHOLE = new Course(600, 300);
  }

  private static final Duration LOOK = Duration.ofMillis(100);

  /// Longest time the story may take.
  private static final Duration LIMIT = Duration.ofSeconds(600);

  /// Failures after which a story without a single answer is given up.
  private static final int HOPELESS = 2 * Sender.OUTSTANDING;

  private final Sender sender;
  private final ExecutionLedger executions;
  private final OracleLedger oracle;
  private final Screen screen;
  private final StoryLines lines;
  private final Course course;
  private final long begun = System.nanoTime();
  private int told = 0;
  private int declinesTold = 0;
  private boolean organisationTold = false;

  Story(
      Sender sender,
      ExecutionLedger executions,
      OracleLedger oracle,
      Screen screen,
      StoryLines lines,
      Course course) {
    this.sender = sender;
    this.executions = executions;
    this.oracle = oracle;
    this.screen = screen;
    this.lines = lines;
    this.course = course;
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
    if (course.afterSecond() != Course.NONE) {
      goOnWith(changePrompt);
    }
    sender.drain();
    tell();
  }

  private void goOnWith(Runnable changePrompt) throws BrokenOffException, InterruptedException {
    screen.say("● the prompt is changed: what was proven was proven for the old one");
    changePrompt.run();
    until("the second promotion", () -> oracle.promotedIdentities().size() >= 2);
    int second = sender.answered();
    until("requests after it", () -> sender.answered() >= second + course.afterSecond());
  }

  private void until(String what, BooleanSupplier reached)
      throws BrokenOffException, InterruptedException {
    while (!reached.getAsBoolean()) {
      Thread.sleep(LOOK);
      tell();
      if (sender.broken().isPresent()) {
        throw new BrokenOffException("waiting for " + what + ": " + sender.broken().get());
      }
      if (executions.failedBeforeAnyAnswer() >= HOPELESS) {
        throw new BrokenOffException(
            "waiting for "
                + what
                + ": no request has been answered, the last one failed with: "
                + executions.lastFailure());
      }
      if (System.nanoTime() - begun > LIMIT.toNanos()) {
        throw new BrokenOffException("after " + LIMIT.toSeconds() + " s, waiting for " + what);
      }
    }
  }

  private void tell() {
    if (!organisationTold && sender.organisationSeen()) {
      organisationTold = true;
      screen.say("● the organisation's hook is connected too: its webhooks come from now on");
    }
    List<PromotionEvent> fresh = oracle.decisions(told);
    told += fresh.size();
    for (PromotionEvent decision : fresh) {
      lines.of(decision).forEach(screen::say);
    }
    for (Declined declined : executions.firstDeclined(declinesTold)) {
      declinesTold++;
      screen.say(StoryLines.declined(oracle.candidateNumber(declined.candidateHash()), declined));
    }
    screen.progress(
        lines.progress(
            sender.answered(),
            oracle.now(),
            executions.servedOnNewestRoute(),
            Summary.money(executions.totals().spent().costMicros())));
  }
}
