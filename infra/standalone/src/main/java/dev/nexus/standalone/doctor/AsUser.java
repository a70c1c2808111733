package dev.nexus.standalone.doctor;

import dev.nexus.platform.config.Settings;
import dev.nexus.platform.grant.KafkaUser;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who the brokers take this shell for, and whose work they are to let it do.
///
/// @param principal as the brokers name it, as far as the settings say
record AsUser(String principal, KafkaUser user) {
  private static final Pattern USERNAME =
      Pattern.compile("\\busername\\s*=\\s*(\"((?:[^\"\\\\]|\\\\.)*)\"|[^\\s;]+)");

  /// Where the settings do not say whose work it is, an operator's: `doctor` does that itself.
  ///
  /// @param asked whose work somebody says it is
  public static AsUser of(Settings settings, Optional<KafkaUser> asked) {
    Optional<String> name =
        Optional.ofNullable(settings.kafkaProperties().get("sasl.jaas.config"))
            .flatMap(AsUser::username);
    KafkaUser user =
        asked.or(() -> name.flatMap(KafkaUser::ofPrincipal)).orElse(KafkaUser.OPERATOR);
    return new AsUser("User:" + name.orElse("NAME"), user);
  }

  private static Optional<String> username(String jaas) {
    Matcher found = USERNAME.matcher(jaas);
    if (!found.find()) {
      return Optional.empty();
    }
    String quoted = found.group(2);
    return Optional.of(quoted == null ? found.group(1) : quoted.replaceAll("\\\\(.)", "$1"));
  }
}
