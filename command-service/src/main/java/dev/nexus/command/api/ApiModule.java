package dev.nexus.command.api;

import dev.nexus.command.access.Integrations;
import dev.nexus.command.application.ApplicationPublisher;
import dev.nexus.command.intake.EventIntake;
import dev.nexus.command.intake.IngressWriter;
import dev.nexus.command.intake.Registered;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;

/// The parts the controllers share.
@Factory
@Requires(beans = {KafkaClients.class, DefinitionCatalog.class})
final class ApiModule {

  @Singleton
  Invocations invocations(
      DefinitionCatalog catalog,
      ApplicationPublisher publisher,
      CallableComponents components,
      Tokens tokens) {
    return new Invocations(catalog, publisher, components, tokens);
  }

  @Singleton
  Answers answers(Tokens tokens) {
    return new Answers(tokens);
  }

  @Singleton
  LiveFacts liveFacts(KafkaClients clients, InstanceId instance) {
    return new LiveFacts(clients, instance);
  }

  @Singleton
  ProgressStreams progressStreams(LiveFacts tail, ExecutionCaller executions, Answers answers) {
    return new ProgressStreams(tail, executions, answers);
  }

  @Singleton
  EventIntake eventIntake(KafkaClients clients, EventProducer producer) {
    return new EventIntake(new IngressWriter(clients, producer));
  }

  @Singleton
  Registered registered(Integrations integrations) {
    return new Registered(integrations);
  }

  @Singleton
  EventAnswers eventAnswers(EventIntake intake) {
    return new EventAnswers(intake);
  }
}
