package dev.nexus.command.application;

import dev.nexus.command.definition.ApplicationFiles;
import dev.nexus.command.definition.ApplicationLoader;
import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.command.definition.LoadResult;
import dev.nexus.event.definition.ApplicationDefinition;
import dev.nexus.event.definition.ComponentDefinition;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.service.NexusService;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies applications again that were published with another default model than this process has:
/// the model of prompts that name none is part of the definition, and of the identity for which
/// evidence and promoted code hold. Until that is done the old definition is served whole, by the
/// model it names. It is the road of every `apply`, from the files of the current revision, so a
/// kill at any point leaves the old version or the new one, and the next start goes on.
public final class DefaultModelChange implements NexusService {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultModelChange.class);
  private static final String ACTOR = "service:command-service";

  private final ApplicationLoader loader;
  private final ApplicationPublisher publisher;
  private final DefinitionStore store;
  private final DefinitionCatalog catalog;
  private final Thread thread = Thread.ofVirtual().name("default-model").unstarted(this::follow);

  public DefaultModelChange(
      ApplicationLoader loader,
      ApplicationPublisher publisher,
      DefinitionStore store,
      DefinitionCatalog catalog) {
    this.loader = loader;
    this.publisher = publisher;
    this.store = store;
    this.catalog = catalog;
  }

  @Override
  public String name() {
    return "default-model";
  }

  @Override
  public void start() {
    thread.start();
  }

  /// Nobody waits for it: what is served meanwhile is served by the model its definition names.
  @Override
  public void awaitReady(Duration patience) {}

  @Override
  public boolean healthy() {
    return true;
  }

  private void follow() {
    for (Version version : catalog.current()) {
      String appId = version.application().appId();
      // The platform's own are published at every start anyway.
      if (!appId.startsWith(SystemApplications.RESERVED)) {
        try {
          follow(version);
        } catch (Throwable e) { // an Error too: it is no reason to pass over the others
          LOG.atError().setCause(e).addKeyValue("app", appId).log("not applied again");
        }
      }
    }
  }

  private void follow(Version version) {
    String appId = version.application().appId();
    if (models(version.application()).isEmpty()) {
      return;
    }
    Map<String, String> files = store.files(version.tenant(), appId, version.revision());
    if (files.isEmpty()) {
      // Another instance published it into a Git of its own.
      return;
    }
    switch (loader.load(ApplicationFiles.of(files))) {
      case LoadResult.Refused(var faults) -> keeps(appId, faults.toString());
      case LoadResult.Loaded loaded -> {
        if (!models(loaded.application()).equals(models(version.application()))) {
          applyAgain(version, files);
        }
      }
    }
  }

  private void applyAgain(Version version, Map<String, String> files) {
    String appId = version.application().appId();
    var applying =
        new Applying(version.tenant(), appId, files, ACTOR, Optional.of(version.revision()));
    switch (publisher.publish(applying)) {
      case Publication.Published _ ->
          LOG.atInfo().addKeyValue("app", appId).log("applied again with the default model of now");
      case Publication.Outdated _ ->
          LOG.atInfo().addKeyValue("app", appId).log("applied meanwhile");
      case Publication.Refused(var faults) -> keeps(appId, faults.toString());
      case Publication.Taken(var detail) -> keeps(appId, detail);
    }
  }

  private static void keeps(String appId, String why) {
    LOG.atWarn()
        .addKeyValue("app", appId)
        .addKeyValue("why", why)
        .log("keeps the models it was applied with: its files cannot be applied any more");
  }

  /// The models that prompts are answered by, by component.
  private static Map<String, String> models(ApplicationDefinition application) {
    return application.components().stream()
        .filter(component -> component.taskDetails().containsKey("model"))
        .collect(
            Collectors.toMap(
                ComponentDefinition::componentId, component -> component.detail("model")));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
