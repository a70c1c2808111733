package dev.nexus.command.trigger;

import dev.nexus.event.Excerpt;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.ingress.IngressEvent.Outside;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.NearestNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What keeps an outside event from the trigger that comes nearest to it, for whoever wrote the one
/// or the other. It names triggers of the versions that it is given and no others, so these have to
/// be those of the tenant.
final class NearMiss {
  /// Comparing takes time, for each event that no trigger selects.
  private static final int TYPES_COMPARED = 200;

  private static final int LONGEST_FOUND = 100;
  private static final int LONGEST_REASON = 1_000;
  private static final int NO_SLIP = -1;

  private static final Comparator<Miss> NEAREST_FIRST =
      Comparator.comparingInt(Miss::distance)
          .thenComparingInt(Miss::slip)
          .thenComparing(Miss::triggerName);

  private NearMiss() {}

  /// Why none of the triggers there are selects an event that came by an integration of `owner`.
  static String of(List<Version> current, Outside event, String owner) {
    List<Triggers.Match> all = Triggers.all(current);
    List<String> slips = slips(event.type(), all);
    return all.stream()
        .map(match -> Miss.of(match, event, owner, slips))
        .min(NEAREST_FIRST)
        .map(nearest -> Excerpt.of(nearest.sentence(event), LONGEST_REASON))
        .orElse("no trigger selects it: no application has one");
  }

  /// How an event and a trigger differ.
  ///
  /// @param slip place among the types that may have been meant, or `NO_SLIP`
  /// @param type whether that of the event fits, and so on
  private record Miss(
      Triggers.Match match, int slip, boolean type, boolean source, boolean subject) {
    static Miss of(Triggers.Match match, Outside event, String owner, List<String> slips) {
      TriggerDefinition trigger = match.trigger();
      return new Miss(
          match,
          slips.indexOf(trigger.eventType()),
          TriggerDefinition.fits(trigger.eventType(), event.type()),
          trigger.selectsSource(event.source(), match.appId().equals(owner)),
          Triggers.selectsSubject(trigger, event.subject()));
    }

    /// A trigger for another type is farther than one of which source and subject do not fit, and
    /// one of whose type this is a slip is nearer.
    int distance() {
      int ofType = type ? 0 : slip == NO_SLIP ? 4 : 1;
      return ofType + (source ? 0 : 2) + (subject ? 0 : 1);
    }

    String triggerName() {
      return match.name();
    }

    String sentence(Outside event) {
      TriggerDefinition trigger = match.trigger();
      List<String> unfit = new ArrayList<>();
      if (!type) {
        String wanted = quoted(trigger.eventType());
        unfit.add(
            "type "
                + quoted(event.type())
                + (slip == NO_SLIP ? expected(wanted) : " (did you mean " + wanted + "?)"));
      }
      if (!source) {
        String wanted =
            trigger.source().isEmpty()
                ? "one that " + match.appId() + " registered"
                : quoted(trigger.source());
        unfit.add("source " + quoted(event.source()) + expected(wanted));
      }
      if (!subject) {
        String found =
            event.subject().isEmpty() ? "having no subject" : "subject " + quoted(event.subject());
        unfit.add(found + expected(quoted(trigger.subject())));
      }
      return "no trigger selects it: "
          + String.join(" and ", unfit)
          + (unfit.size() == 1 ? " keeps" : " keep")
          + " it from the nearest, "
          + match.name();
    }

    private static String expected(String wanted) {
      return " (expected " + wanted + ")";
    }

    private static String quoted(String text) {
      return "'" + Excerpt.of(text, LONGEST_FOUND) + "'";
    }
  }

  /// Types of triggers that may have been meant, nearest first.
  private static List<String> slips(String type, List<Triggers.Match> all) {
    List<String> near =
        all.stream()
            .map(match -> match.trigger().eventType())
            .distinct()
            .limit(TYPES_COMPARED)
            .filter(wanted -> !TriggerDefinition.fits(wanted, type) && isSlip(type, wanted))
            .sorted()
            .toList();
    Set<String> ordered = new LinkedHashSet<>(NearestNames.of(type, near));
    ordered.addAll(near);
    return List.copyOf(ordered);
  }

  /// Types of one owner have a long beginning in common, by which any two of them would be near: it
  /// is left out.
  private static boolean isSlip(String found, String wanted) {
    boolean open = wanted.endsWith("*");
    String name = open ? wanted.substring(0, wanted.length() - 1) : wanted;
    String compared = open ? found.substring(0, Math.min(found.length(), name.length())) : found;
    int from = inCommon(compared, name);
    return !NearestNames.of(compared.substring(from), List.of(name.substring(from))).isEmpty();
  }

  /// How many characters of two types are the same, in whole words.
  private static int inCommon(String one, String other) {
    int shortest = Math.min(one.length(), other.length());
    int words = 0;
    for (int i = 0; i < shortest && one.charAt(i) == other.charAt(i); i++) {
      if (!Character.isLetterOrDigit(one.charAt(i))) {
        words = i + 1;
      }
    }
    return words;
  }
}
