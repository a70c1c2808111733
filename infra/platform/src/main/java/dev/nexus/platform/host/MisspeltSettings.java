package dev.nexus.platform.host;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.http.NearestNames;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/// Variables that are named like settings and are none, so that a misspelt one is not just ignored:
/// every start says it, and so does `doctor`.
public final class MisspeltSettings {
  private static final String KAFKA = "NEXUS_KAFKA_";

  /// Letters that a word must have to say something.
  private static final int TELLING = 4;

  private static final int SHOWN = 2;

  /// Named like client properties, and settings of ours.
  private static final List<String> OWN = List.of("port", "topic.prefix");

  private MisspeltSettings() {}

  /// A sentence for each, with the names that may have been meant.
  public static List<String> of(Settings settings) {
    return Stream.concat(
            settings.unknown().stream()
                .map(name -> name + " is no setting and has no effect" + meant(name)),
            settings.kafkaProperties().keySet().stream().sorted().flatMap(MisspeltSettings::client))
        .toList();
  }

  private static String meant(String name) {
    List<String> valid = Arrays.stream(Setting.values()).map(Setting::variable).toList();
    List<String> near = NearestNames.of(name, valid);
    if (near.isEmpty()) {
      near = about(name);
    }
    return near.isEmpty() ? "; docs/settings.md lists those there are" : asked(near);
  }

  private static String asked(List<String> names) {
    return "; did you mean " + String.join(" or ", names) + "?";
  }

  /// Settings that have the words of the name, or whose meaning begins with them: who asks for
  /// brokers spells none of them nearly.
  private static List<String> about(String name) {
    List<String> sought =
        words(name.substring("NEXUS_".length())).stream()
            .filter(word -> word.length() >= TELLING)
            .toList();
    return sought.isEmpty()
        ? List.of()
        : Arrays.stream(Setting.values())
            .filter(setting -> tells(setting, sought))
            .map(Setting::variable)
            .limit(SHOWN)
            .toList();
  }

  private static boolean tells(Setting setting, List<String> sought) {
    Set<String> said = words(setting.variable() + " " + setting.meaning().split(" ", 2)[0]);
    said.removeIf(word -> word.length() < TELLING);
    return sought.stream().noneMatch(word -> NearestNames.of(word, said).isEmpty());
  }

  private static Set<String> words(String text) {
    return new TreeSet<>(List.of(text.toUpperCase(Locale.ROOT).split("[^A-Z]+")));
  }

  /// A client property that Kafka does not have and that is nearly one it has. Others may belong to
  /// what somebody plugs into the client.
  private static Stream<String> client(String property) {
    Collection<String> known = new TreeSet<>(AdminClientConfig.configNames());
    known.addAll(ConsumerConfig.configNames());
    known.addAll(ProducerConfig.configNames());
    known.addAll(OWN);
    List<String> near =
        known.contains(property)
            ? List.of()
            : NearestNames.of(property, known).stream().limit(SHOWN).toList();
    return near.isEmpty()
        ? Stream.empty()
        : Stream.of(
            variable(property)
                + " sets a property that Kafka's clients do not have"
                + asked(near.stream().map(MisspeltSettings::variable).toList()));
  }

  private static String variable(String property) {
    return KAFKA + property.toUpperCase(Locale.ROOT).replace('.', '_');
  }
}
