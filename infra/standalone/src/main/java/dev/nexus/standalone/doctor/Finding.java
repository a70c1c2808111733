package dev.nexus.standalone.doctor;

/// What `doctor` found about one thing, and how to mend it.
public record Finding(String check, Verdict verdict, String detail, String mend) {
  /// How bad it is.
  public enum Verdict {
    GOOD("ok  "),
    DOUBTFUL("warn"),
    BROKEN("FAIL");

    private final String mark;

    Verdict(String mark) {
      this.mark = mark;
    }
  }

  public static Finding good(String check, String detail) {
    return new Finding(check, Verdict.GOOD, detail, "");
  }

  public static Finding doubtful(String check, String detail, String mend) {
    return new Finding(check, Verdict.DOUBTFUL, detail, mend);
  }

  public static Finding broken(String check, String detail, String mend) {
    return new Finding(check, Verdict.BROKEN, detail, mend);
  }

  /// `1 broker`, `2 brokers`.
  static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  public String line() {
    return verdict.mark + "  " + check + ": " + detail + (mend.isEmpty() ? "" : " -> " + mend);
  }
}
