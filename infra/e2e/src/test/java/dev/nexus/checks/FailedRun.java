package dev.nexus.checks;

/// A failed run of Maven.
final class FailedRun {
  /// What Maven says of a run in which tests fail, a file does not compile, a library is missing
  /// and a test JVM ends by itself. The project is at `ROOT`.
  static final String LOG =
      """
      [INFO] Running a.OddTest
      [ERROR] Tests run: 2, Failures: 2, Errors: 0, Skipped: 0 <<< FAILURE! -- in a.OddTest
      [ERROR] a.OddTest.shouldHold -- Time elapsed: 0.01 s <<< FAILURE!
      java.lang.AssertionError:

      Expecting actual:
        1
      \tat a.OddTest.shouldHold(OddTest.java:12)

      [INFO] Results:
      [ERROR] Failures:\s
      [ERROR]   OddTest.shouldHold:12\s
      Expecting actual:
        1
      \tat a.Odd.of(Odd.java:4)
      \t...(84 remaining lines not displayed)
      [ERROR]   OddTest.shouldWait:20\s
      Expecting actual:
        at least 2
      [INFO]
      [ERROR] Tests run: 2, Failures: 2, Errors: 0, Skipped: 0
      [ERROR] There are test failures.

      See ROOT/a/target/surefire-reports for the individual test results.
      See dump files (if any exist) [date].dump, [date]-jvmRun[N].dump and [date].dumpstream.
      [INFO]
      [ERROR] COMPILATION ERROR :\s
      [ERROR] ROOT/b/src/main/java/B.java:[3,5] cannot find symbol
        symbol:   variable C
      [INFO] 1 error
      [ERROR] Failed to execute goal compiler:compile on project nexus-b: Compilation failure
      [ERROR] ROOT/b/src/main/java/B.java:[3,5] cannot find symbol
      [ERROR]   symbol:   variable C
      [ERROR] -> [Help 1]
      [ERROR] Failed to execute goal on project nexus-c: Could not resolve d:1 -> [Help 1]
      [ERROR] Failed to execute goal failsafe:verify on project nexus-d:\s
      [ERROR]\s
      [ERROR] See ROOT/d/target/failsafe-reports for the individual test results.
      [ERROR] See dump files (if any exist) [date].dump and [date].dumpstream.
      [ERROR] ExecutionException The forked VM terminated without properly saying goodbye.
      [ERROR] Command was /bin/sh -c cd d && java -Xmx1g
      [ERROR] Error occurred in starting fork, check output in log
      [ERROR] Process Exit Code: 143
      [ERROR] Crashed tests:
      [ERROR] d.EndedIT
      [ERROR] \tat org.apache.maven.surefire.ForkStarter.run(ForkStarter.java:296)
      [ERROR] Caused by: org.apache.maven.surefire.SurefireBooterForkException: The forked VM
      [ERROR] Process Exit Code: 143
      [ERROR] -> [Help 2]
      [ERROR]\s
      [ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
      [ERROR] Re-run Maven using the -X switch to enable full debug logging.
      [ERROR]\s
      [ERROR] For more information about the errors and possible solutions, please read:
      [ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/MojoFailureException
      [ERROR]\s
      [ERROR] After correcting the problems, you can resume the build with the command
      [ERROR]   mvn <args> -rf :nexus-b
      """;

  private FailedRun() {}
}
