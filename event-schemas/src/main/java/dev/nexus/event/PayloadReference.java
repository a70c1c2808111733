package dev.nexus.event;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Stands in an event in place of JSON that is too large for the log: the content is in the
/// payload store of the tenant, under its digest. It is JSON itself, `{"$payload": "sha256:…",
/// "bytes": N}`, so that whoever does not need the content can go on with it. Equal contents have
/// equal references.
///
/// @param sha256 digest of the content's canonical text, lower-case hexadecimal
/// @param bytes length of that text in UTF-8
public record PayloadReference(String sha256, long bytes) {
  /// How every reference begins, and no content that is kept in an event.
  public static final String BEGINNING = "{\"$payload\":\"sha256:";

  private static final int LONGEST = BEGINNING.length() + 100;
  private static final Pattern FORM =
      Pattern.compile(Pattern.quote(BEGINNING) + "([0-9a-f]{64})\",\"bytes\":(\\d{1,15})}");

  /// The reference that stands in place of a value; empty when the value stands there itself.
  public static Optional<PayloadReference> in(Json json) {
    String text = json.text();
    if (text.length() > LONGEST || !text.startsWith(BEGINNING)) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new PayloadReference(matcher.group(1), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  public static boolean isIn(Json json) {
    return in(json).isPresent();
  }

  public Json toJson() {
    return new Json(BEGINNING + sha256 + "\",\"bytes\":" + bytes + "}");
  }
}
