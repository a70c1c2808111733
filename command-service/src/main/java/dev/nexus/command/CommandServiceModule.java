package dev.nexus.command;

import dev.nexus.command.access.Integrations;
import dev.nexus.command.access.Tenants;
import dev.nexus.command.application.ApplicationPublisher;
import dev.nexus.command.application.BranchMover;
import dev.nexus.command.application.DefaultModelChange;
import dev.nexus.command.application.SystemApplications;
import dev.nexus.command.deadletter.DeadLetterArchive;
import dev.nexus.command.deadletter.Replays;
import dev.nexus.command.definition.ApplicationLoader;
import dev.nexus.command.definition.DefinitionStore;
import dev.nexus.command.topology.Router;
import dev.nexus.command.trigger.Dispatcher;
import dev.nexus.command.trigger.IngressReader;
import dev.nexus.command.valueowner.ValueOwner;
import dev.nexus.event.task.Lane;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.blob.PayloadCollector;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.TakesCalls;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.platform.stream.LagReporter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The beans of the write side. Those that are a `NexusService` are started by the host.
@Factory
@Requires(beans = {KafkaClients.class, DefinitionCatalog.class})
public final class CommandServiceModule {
  @Singleton
  TakesCalls takesCalls() {
    return new TakesCalls("HTTP and gRPC");
  }

  @Singleton
  Integrations integrations(
      KafkaClients clients, EventProducer producer, DeadLetters deadLetters, Clock clock) {
    return new Integrations(clients, producer, deadLetters.as("integrations"), clock);
  }

  @Singleton
  Tenants tenants(
      KafkaClients clients, EventProducer producer, DeadLetters deadLetters, Clock clock) {
    return new Tenants(clients, producer, deadLetters.as("tenants"), clock);
  }

  @Singleton
  DefinitionStore definitionStore(Settings settings) {
    return new DefinitionStore(settings.path(Setting.DATA_DIR).resolve("git"));
  }

  @Singleton
  ApplicationLoader applicationLoader(SchemaChecks schemas, Settings settings) {
    return new ApplicationLoader(schemas, settings.text(Setting.LLM_MODEL));
  }

  @Singleton
  ApplicationPublisher applicationPublisher(
      ApplicationLoader loader,
      DefinitionStore store,
      DefinitionCatalog catalog,
      Integrations integrations,
      Secrets secrets,
      EventProducer producer,
      Clock clock) {
    return new ApplicationPublisher(loader, store, catalog, integrations, secrets, producer, clock);
  }

  @Singleton
  BranchMover branchMover(DefinitionCatalog catalog, DefinitionStore store) {
    return new BranchMover(catalog, store);
  }

  @Singleton
  DefaultModelChange defaultModelChange(
      ApplicationLoader loader,
      ApplicationPublisher publisher,
      DefinitionStore store,
      DefinitionCatalog catalog) {
    return new DefaultModelChange(loader, publisher, store, catalog);
  }

  @Singleton
  SystemApplications systemApplications(ApplicationPublisher publisher, DefinitionCatalog catalog) {
    return new SystemApplications(publisher, catalog);
  }

  @Singleton
  Router router(
      KafkaClients clients,
      BrokerAccess access,
      Settings settings,
      DefinitionCatalog catalog,
      DeadLetters deadLetters,
      Snapshots snapshots,
      MeterRegistry meters,
      Clock clock) {
    return new Router(
        clients, access, settings, catalog, deadLetters.as("router"), snapshots, meters, clock);
  }

  /// Of whom this service writes for. Lanes are measured here since executors that died cannot say
  /// what waits for them.
  @Singleton
  LagReporter lags(
      KafkaClients clients,
      BacklogReports backlogs,
      Router router,
      Dispatcher dispatcher,
      MeterRegistry meters) {
    Map<String, LagReporter.Question> questions =
        new LinkedHashMap<>(LagReporter.ofLanes(List.of(Lane.MODEL, Lane.CODE, Lane.CONTAINER)));
    questions.put(Router.GROUP, router::behind);
    questions.put(Dispatcher.GROUP, dispatcher::behind);
    return new LagReporter("command-service", clients, backlogs, questions).tellingTo(meters);
  }

  @Singleton
  @Bean(preDestroy = "close")
  DeadLetterArchive deadLetterArchive(KafkaClients clients) {
    return new DeadLetterArchive(clients);
  }

  @Singleton
  @Bean(preDestroy = "close")
  Replays replays(KafkaClients clients, EventProducer producer, Clock clock) {
    return new Replays(clients, producer, clock);
  }

  /// Here and in no other service: it reads every topic, which the others need not be allowed.
  @Singleton
  PayloadCollector payloadCollector(
      KafkaClients clients, Payloads payloads, Settings settings, Clock clock) {
    return new PayloadCollector(clients, payloads, settings, clock);
  }

  @Singleton
  IngressReader ingressReader(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Integrations integrations,
      Payloads payloads,
      Admission admission,
      InstanceId instance,
      Clock clock) {
    var parts =
        new IngressReader.Parts(
            clients, producer, deadLetters.as("trigger"), integrations, payloads, admission);
    return new IngressReader(parts, instance, clock);
  }

  @Singleton
  Dispatcher dispatcher(
      KafkaClients clients,
      DeadLetters deadLetters,
      Integrations integrations,
      DefinitionCatalog catalog,
      SchemaChecks schemas,
      Payloads payloads,
      Settings settings) {
    var parts =
        new Dispatcher.Parts(
            clients, deadLetters.as("dispatcher"), integrations, catalog, schemas, payloads);
    return new Dispatcher(parts, settings);
  }

  @Singleton
  ValueOwner valueOwner(
      KafkaClients clients,
      BrokerAccess access,
      Settings settings,
      DeadLetters deadLetters,
      Clock clock) {
    return new ValueOwner(clients, access, settings, deadLetters.as("values"), clock);
  }
}
