package dev.nexus.event.definition;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A whole application version, normalised. Its JSON form is what `nexus.definitions` carries.
///
/// @param pools left out of the JSON when there are none: the digest of a version is that of its
///     JSON, and files that did not change must not become another version with a release
/// @param allowedCommands programs that its components may run by `core.linux.executeCommand`; left
///     out of the JSON when there are none
/// @param services left out likewise
public record ApplicationDefinition(
    String appId,
    String displayName,
    String version,
    List<ComponentDefinition> components,
    List<TriggerDefinition> triggers,
    List<IntegrationDefinition> integrations,
    Map<String, JsonNode> configuration,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<PoolDefinition> pools,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<AllowedCommand> allowedCommands,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ServiceDefinition> services) {

  /// Versions published before there were pools, commands or services lack them.
  public ApplicationDefinition {
    pools = pools == null ? List.of() : List.copyOf(pools);
    allowedCommands = allowedCommands == null ? List.of() : List.copyOf(allowedCommands);
    services = services == null ? List.of() : List.copyOf(services);
  }

  /// One without commands and services.
  public ApplicationDefinition(
      String appId,
      String displayName,
      String version,
      List<ComponentDefinition> components,
      List<TriggerDefinition> triggers,
      List<IntegrationDefinition> integrations,
      Map<String, JsonNode> configuration,
      List<PoolDefinition> pools) {
    this(
        appId,
        displayName,
        version,
        components,
        triggers,
        integrations,
        configuration,
        pools,
        List.of(),
        List.of());
  }

  /// One without pools, commands and services.
  public ApplicationDefinition(
      String appId,
      String displayName,
      String version,
      List<ComponentDefinition> components,
      List<TriggerDefinition> triggers,
      List<IntegrationDefinition> integrations,
      Map<String, JsonNode> configuration) {
    this(appId, displayName, version, components, triggers, integrations, configuration, List.of());
  }

  /// Starts a component for the outside events it selects. `eventType`, `source` and `subject` may
  /// end in `*`.
  ///
  /// @param source "" selects the sources of integrations that the same application registered
  /// @param subject "" selects any, also none
  /// @param condition CEL over `event`, true selects; "" always does
  /// @param inputExpression CEL giving the component's input; "" when there is none
  /// @param inputFields fields of the input with the CEL that gives each; without these and without
  ///     an expression the input is the event's data
  /// @param orderBy CEL giving a value: what is started for the same one runs one after the other;
  ///     "" when nothing waits
  public record TriggerDefinition(
      String triggerId,
      String eventType,
      String source,
      String subject,
      String condition,
      String inputExpression,
      Map<String, String> inputFields,
      String component,
      String orderBy) {
    /// Versions published before a field was there lack it.
    public TriggerDefinition {
      subject = Objects.requireNonNullElse(subject, "");
      condition = Objects.requireNonNullElse(condition, "");
      inputExpression = Objects.requireNonNullElse(inputExpression, "");
      inputFields = inputFields == null ? Map.of() : Map.copyOf(inputFields);
      orderBy = Objects.requireNonNullElse(orderBy, "");
    }

    /// Whether it selects events of a source.
    ///
    /// @param own whether that is one of an integration of the same application
    public boolean selectsSource(String found, boolean own) {
      return source.isEmpty() ? own : fits(source, found);
    }

    /// What is wanted may end in `*`.
    public static boolean fits(String wanted, String found) {
      return wanted.endsWith("*")
          ? found.startsWith(wanted.substring(0, wanted.length() - 1))
          : wanted.equals(found);
    }

    public TriggerDefinition(
        String triggerId,
        String eventType,
        String source,
        String subject,
        String condition,
        String inputExpression,
        Map<String, String> inputFields,
        String component) {
      this(
          triggerId,
          eventType,
          source,
          subject,
          condition,
          inputExpression,
          inputFields,
          component,
          "");
    }
  }

  /// A source of events the application expects: how it proves itself (`credentialKind` github-hmac
  /// or none), and the form of its deliveries over HTTP (`format` github or cloudevents).
  public record IntegrationDefinition(
      String integrationId, String source, String credentialKind, String secretRef, String format) {
    public static final String GITHUB_HMAC = "github-hmac";
    public static final String NONE = "none";
    public static final List<String> CREDENTIALS = List.of(GITHUB_HMAC, NONE);

    public static final String GITHUB = "github";
    public static final String CLOUDEVENTS = "cloudevents";
    public static final List<String> FORMATS = List.of(GITHUB, CLOUDEVENTS);

    /// What a source looks like, for people.
    public static final String SOURCE =
        "a URI reference such as https://github.com/acme or urn:shop";

    public IntegrationDefinition {
      format = formatOf(credentialKind, format);
    }

    /// The format, or the usual one of the credential where there is none: versions and entities
    /// of earlier releases have none.
    public static String formatOf(String credentialKind, @Nullable String format) {
      return format != null && !format.isEmpty()
          ? format
          : credentialKind.equals(GITHUB_HMAC) ? GITHUB : CLOUDEVENTS;
    }

    /// What must be the case for the format to be of use; "" when it is.
    public static String formatFault(String credentialKind, String format) {
      if (!FORMATS.contains(format)) {
        return "one of " + String.join(", ", FORMATS);
      }
      return format.equals(GITHUB) && !credentialKind.equals(GITHUB_HMAC)
          ? CLOUDEVENTS + ", or credentialKind " + GITHUB_HMAC
          : "";
    }

    /// Whether a text may be the source of CloudEvents.
    public static boolean isSource(String text) {
      try {
        return !new URI(text).toString().isEmpty();
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }

  public Optional<ComponentDefinition> component(String componentId) {
    return components.stream().filter(c -> c.componentId().equals(componentId)).findFirst();
  }

  public Optional<PoolDefinition> pool(String poolName) {
    return pools.stream().filter(p -> p.poolName().equals(poolName)).findFirst();
  }

  public Optional<ServiceDefinition> service(String serviceName) {
    return services.stream().filter(s -> s.serviceName().equals(serviceName)).findFirst();
  }
}
