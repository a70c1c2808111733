package dev.nexus.standalone.verb;

/// What `doctor` found about one thing, and how to mend it.
record Finding(String check, Verdict verdict, String detail, String mend) {
  /// How bad it is.
  enum Verdict {
    GOOD("ok  "),
    DOUBTFUL("warn"),
    BROKEN("FAIL");

    private final String mark;

    Verdict(String mark) {
      this.mark = mark;
    }
  }

  static Finding good(String check, String detail) {
    return new Finding(check, Verdict.GOOD, detail, "");
  }

  static Finding doubtful(String check, String detail, String mend) {
    return new Finding(check, Verdict.DOUBTFUL, detail, mend);
  }

  static Finding broken(String check, String detail, String mend) {
    return new Finding(check, Verdict.BROKEN, detail, mend);
  }

  /// `1 broker`, `2 brokers`.
  static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  String line() {
    return verdict.mark + "  " + check + ": " + detail + (mend.isEmpty() ? "" : " -> " + mend);
  }
}
