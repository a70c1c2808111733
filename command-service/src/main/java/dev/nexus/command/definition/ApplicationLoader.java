package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.command.definition.LoadResult.Loaded;
import dev.nexus.command.definition.LoadResult.Refused;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.event.Json;
import dev.nexus.event.NameIds;
import dev.nexus.event.definition.AllowedCommand;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.IntegrationDefinition;
import dev.nexus.event.definition.ApplicationDefinition.TriggerDefinition;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.event.definition.PoolDefinition;
import dev.nexus.event.definition.ServiceDefinition;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.security.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Turns the files of an application into one normalised version, or into every fault they have.
/// The same files and the same default model always give the same digest.
public final class ApplicationLoader {
  /// What an application id looks like. Ids that begin with `nexus.` are the platform's own.
  public static final Pattern APP_ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  static final String ID_SHAPE = "letters, digits, '.', '_', '-'";

  /// What one record of the log takes, with room for its other columns.
  private static final int LARGEST_BUNDLE = 900 * 1024;

  private final SchemaChecks schemas;
  private final String defaultModel;

  /// @param defaultModel written into prompts that name none: who answers is part of what a
  ///     component is, so evidence of one model never counts for another
  public ApplicationLoader(SchemaChecks schemas, String defaultModel) {
    this.schemas = schemas;
    this.defaultModel = defaultModel;
  }

  public LoadResult load(ApplicationFiles files) {
    Faults faults = new Faults();
    files.checkPaths(faults);
    files.checkModules(LARGEST_BUNDLE, faults);
    SourceFiles sources = new SourceFiles(files, faults, schemas);
    Optional<FieldReader> root = sources.object(ApplicationFiles.DEFINITION);
    if (root.isEmpty()) {
      return new Refused(faults.all());
    }
    ApplicationDefinition application = read(root.get(), sources);
    var prompts = new PromptReader(new SourceFiles(files, faults, schemas), defaultModel);
    sources.in("prompts").forEach(prompts::check);
    if (!faults.none()) {
      return new Refused(distinct(faults));
    }
    Json bundle = CanonicalJson.toJson(application);
    int size = bundle.text().getBytes(StandardCharsets.UTF_8).length;
    if (size > LARGEST_BUNDLE) {
      faults.add(
          sources.start(ApplicationFiles.DEFINITION),
          "the application is too large",
          "at most " + LARGEST_BUNDLE + " bytes, normalised",
          size + " bytes");
      return new Refused(faults.all());
    }
    return new Loaded(application, bundle, NameIds.sha256(bundle.text()), faults.remarks());
  }

  /// A file that is both referred to and checked on its own is reported once.
  private static List<dev.nexus.platform.http.Fault> distinct(Faults faults) {
    return faults.all().stream().distinct().toList();
  }

  private ApplicationDefinition read(FieldReader root, SourceFiles sources) {
    String appId = root.requiredText("appId", APP_ID, "lower-case letters, digits, '.', '_', '-'");
    String displayName = root.text("displayName", appId);
    String version = root.text("version", "");
    // Before components, which name them: those of another file do so too.
    List<PoolDefinition> pools = pools(root);
    List<AllowedCommand> commands = CommandReader.read(root);
    List<ServiceDefinition> services = services(root);
    var reader = new ComponentReader(sources, defaultModel, pools, !commands.isEmpty());
    List<ComponentDefinition> components = components(root, sources, reader);
    List<String> ids = components.stream().map(ComponentDefinition::componentId).toList();
    List<TriggerDefinition> triggers = triggers(root, ids);
    List<IntegrationDefinition> integrations = integrations(root);
    Map<String, JsonNode> configuration = root.anything("configuration");
    root.withoutEffect("stateStoreConfig", "optimizationConfig", "description");
    root.finish();
    return new ApplicationDefinition(
        appId,
        displayName,
        version,
        components,
        triggers,
        integrations,
        configuration,
        pools,
        commands,
        services);
  }

  private static List<ServiceDefinition> services(FieldReader root) {
    Names names = new Names("service", root.faults());
    List<ServiceDefinition> services = new ArrayList<>();
    for (Located item : root.list(ServiceReader.FIELD)) {
      FieldReader.objectOf("service", item, root.faults())
          .ifPresent(
              fields -> {
                ServiceDefinition service = ServiceReader.read(fields);
                names.take(service.serviceName(), fields.mark("serviceName"));
                services.add(service);
              });
    }
    if (services.size() > ServiceDefinition.MOST_SERVICES) {
      root.faults()
          .add(
              root.mark(ServiceReader.FIELD),
              "too many services",
              "at most " + ServiceDefinition.MOST_SERVICES,
              Integer.toString(services.size()));
    }
    services.sort(Comparator.comparing(ServiceDefinition::serviceName));
    return List.copyOf(services);
  }

  private static List<PoolDefinition> pools(FieldReader root) {
    Names names = new Names("pool", root.faults());
    List<PoolDefinition> pools = new ArrayList<>();
    for (Located item : PoolReader.items(root)) {
      FieldReader.objectOf("pool", item, root.faults())
          .ifPresent(
              fields -> {
                PoolDefinition pool = PoolReader.read(fields);
                names.take(pool.poolName(), fields.mark("poolName"));
                pools.add(pool);
              });
    }
    pools.sort(Comparator.comparing(PoolDefinition::poolName));
    return List.copyOf(pools);
  }

  private static List<ComponentDefinition> components(
      FieldReader root, SourceFiles sources, ComponentReader reader) {
    List<Located> items = new ArrayList<>(root.list("components"));
    root.object("initialComponentRegistry")
        .ifPresent(
            registry -> {
              items.addAll(registry.list("components"));
              registry.finish();
            });
    sources
        .object("component_registry.yaml")
        .ifPresent(
            registry -> {
              items.addAll(registry.list("components"));
              registry.finish();
            });
    if (items.isEmpty()) {
      root.faults()
          .add(
              root.mark(),
              "the application has no components",
              "components, initialComponentRegistry.components or component_registry.yaml",
              "none");
    }
    List<ComponentDefinition> components = new ArrayList<>();
    Names names = new Names("component", sources.faults());
    for (Located item : items) {
      FieldReader.objectOf("component", item, sources.faults())
          .ifPresent(
              fields -> {
                ComponentDefinition component = reader.read(fields);
                names.take(component.componentId(), fields.mark("componentId"));
                components.add(component);
              });
    }
    components.sort(Comparator.comparing(ComponentDefinition::componentId));
    return List.copyOf(components);
  }

  private static List<TriggerDefinition> triggers(FieldReader root, List<String> components) {
    Names names = new Names("trigger", root.faults());
    List<TriggerDefinition> triggers = new ArrayList<>();
    for (Located item : root.list("triggers")) {
      FieldReader.objectOf("trigger", item, root.faults())
          .ifPresent(
              fields -> {
                TriggerDefinition trigger = TriggerReader.read(fields, components);
                names.take(trigger.triggerId(), fields.mark("triggerId"));
                triggers.add(trigger);
              });
    }
    triggers.sort(Comparator.comparing(TriggerDefinition::triggerId));
    return List.copyOf(triggers);
  }

  private static List<IntegrationDefinition> integrations(FieldReader root) {
    Faults faults = root.faults();
    Names names = new Names("integration", faults);
    Names sources = new Names("source", faults);
    List<IntegrationDefinition> integrations = new ArrayList<>();
    for (Located item : root.list("integrations")) {
      FieldReader.objectOf("integration", item, faults)
          .ifPresent(
              fields -> {
                IntegrationDefinition integration = integration(fields);
                names.take(integration.integrationId(), fields.mark("integrationId"));
                sources.take(integration.source(), fields.mark("source"));
                integrations.add(integration);
              });
    }
    integrations.sort(Comparator.comparing(IntegrationDefinition::integrationId));
    return List.copyOf(integrations);
  }

  private static IntegrationDefinition integration(FieldReader fields) {
    String id = fields.requiredText("integrationId", ID, ID_SHAPE);
    String source = fields.requiredText("source");
    if (!source.isEmpty() && !IntegrationDefinition.isSource(source)) {
      fields
          .faults()
          .add(
              fields.mark("source"),
              "wrong source",
              IntegrationDefinition.SOURCE,
              "'" + source + "'");
    }
    // Of a kind that is none, nothing can be said about what goes with it.
    boolean known =
        IntegrationDefinition.CREDENTIALS.contains(fields.text("credentialKind", "none"));
    String kind = fields.oneOf("credentialKind", IntegrationDefinition.CREDENTIALS, "none");
    String secret = fields.text("secretRef", "");
    if (known && kind.equals("none") != secret.isEmpty()
        || !secret.isEmpty() && !Secrets.isReference(secret)) {
      fields
          .faults()
          .add(
              fields.mark("secretRef"),
              "wrong secretRef",
              known && kind.equals("none") ? "none, as credentialKind is none" : Secrets.EXPECTED,
              secret.isEmpty() ? "nothing" : "'" + secret + "'",
              Secrets.nearest(secret));
    }
    String format =
        fields.oneOf(
            "format", IntegrationDefinition.FORMATS, IntegrationDefinition.formatOf(kind, ""));
    String wrong = IntegrationDefinition.formatFault(kind, format);
    if (known && !wrong.isEmpty()) {
      fields.faults().add(fields.mark("format"), "wrong format", wrong, "'" + format + "'");
    }
    fields.finish();
    return new IntegrationDefinition(id, source, kind, secret, format);
  }

  /// Names that may stand once only.
  private record Names(String what, Faults faults, Map<String, Mark> taken) {
    Names(String what, Faults faults) {
      this(what, faults, new HashMap<>());
    }

    void take(String name, Mark mark) {
      Mark first = taken.putIfAbsent(name, mark);
      if (first != null && !name.isEmpty()) {
        faults.add(
            mark,
            "the " + what + " " + name + " is defined twice",
            "one; the first is at " + first.file() + ":" + first.line(),
            "another");
      }
    }
  }
}
