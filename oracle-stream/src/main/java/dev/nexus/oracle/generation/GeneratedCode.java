package dev.nexus.oracle.generation;

import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import java.util.Collection;
import java.util.List;

/// The generator's answer, ready to be judged or refused.
public sealed interface GeneratedCode {
  /// Code that decisions, routes and tasks can carry, whatever values its guard lists.
  int MOST_CHARACTERS = 500_000;

  /// @param source guard and code, what runs
  /// @param hash SHA-256 of that source
  record Guarded(String source, String hash, List<String> readPaths) implements GeneratedCode {
    public Guarded {
      readPaths = List.copyOf(readPaths);
    }
  }

  record Refused(String reason) implements GeneratedCode {}

  /// Checks the answer and puts a guard around the code.
  ///
  /// @param shown inputs the generator was shown
  /// @param judged other inputs, which earlier candidates were judged on
  static GeneratedCode of(Json reply, Collection<Json> shown, Collection<Json> judged) {
    return switch (SynthesisReply.parse(reply)) {
      case SynthesisReply.Useless(var reason) -> new Refused(reason);
      case SynthesisReply.Code(var source, var reads) ->
          SourceText.refusal(source)
              .<GeneratedCode>map(Refused::new)
              .orElseGet(() -> guarded(source, reads, shown, judged));
    };
  }

  private static GeneratedCode guarded(
      String source, List<String> reads, Collection<Json> shown, Collection<Json> judged) {
    ReadPaths paths = ReadPaths.in(source, reads);
    String whole = Guard.from(paths, shown, judged).around(source);
    if (whole.length() > MOST_CHARACTERS) {
      return new Refused(
          "code of at most "
              + MOST_CHARACTERS
              + " characters with its guard expected, found "
              + whole.length());
    }
    return new Guarded(whole, NameIds.sha256(whole), List.copyOf(paths.paths()));
  }
}
