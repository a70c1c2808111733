package dev.nexus.platform.edge;

import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.call.CallableComponents;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.SchemaChecks;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.ValueCaller;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.observe.LogShipper;
import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.ApiKeys;
import dev.nexus.platform.security.AuditTrail;
import dev.nexus.platform.security.DenialAudit;
import dev.nexus.platform.security.ExecutionPasses;
import dev.nexus.platform.security.KeyRing;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.security.SigningKey;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.TakesCalls;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Clock;

/// Who may call, how executions are asked for, what a later read must show. Present wherever the
/// host gives a connection to the log.
@Factory
@Requires(beans = KafkaClients.class)
public final class EdgeModule {

  @Singleton
  KeyRing keyRing(KafkaClients clients, DeadLetters deadLetters, Clock clock) {
    return new KeyRing(clients, deadLetters, clock);
  }

  @Singleton
  @Bean(preDestroy = "close")
  DenialAudit denialAudit(EventProducer producer, Clock clock) {
    return new DenialAudit(new AuditTrail(producer, clock), System::nanoTime);
  }

  @Singleton
  LogShipper logShipper(KafkaClients clients, InstanceId instance, EdgeIds ids) {
    return new LogShipper(clients, instance, ids);
  }

  @Singleton
  SigningKey signingKey(Settings settings) {
    return SigningKey.in(settings.sharedDirectory());
  }

  @Singleton
  ExecutionPasses executionPasses(SigningKey key, Clock clock) {
    return new ExecutionPasses(key, clock);
  }

  @Singleton
  AccessControl accessControl(KeyRing keys, ExecutionPasses passes, DenialAudit audit) {
    return new AccessControl(keys, passes, audit);
  }

  @Singleton
  ApiKeys apiKeys(EventProducer producer, Clock clock) {
    return new ApiKeys(producer, clock);
  }

  @Singleton
  Secrets secrets(Settings settings) {
    return new Secrets(System.getenv(), settings.sharedDirectory().resolve("secrets"));
  }

  @Singleton
  SchemaChecks schemaChecks() {
    return new SchemaChecks();
  }

  @Singleton
  CallableComponents callableComponents(
      DefinitionCatalog catalog,
      AccessControl access,
      SchemaChecks schemas,
      Admission admission,
      Clock clock) {
    return new CallableComponents(catalog, access, schemas, admission, clock);
  }

  @Singleton
  Tokens tokens(SigningKey key, KafkaClients clients) {
    return new Tokens(key, new LogEpoch(clients));
  }

  @Singleton
  @Requires(beans = TakesCalls.class)
  ExecutionCaller executionCaller(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      Payloads payloads,
      InstanceId instance,
      Clock clock) {
    return new ExecutionCaller(clients, producer, deadLetters, payloads, instance, clock);
  }

  @Singleton
  @Requires(beans = TakesCalls.class)
  ValueCaller valueCaller(
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      InstanceId instance,
      Admission admission,
      Clock clock) {
    return new ValueCaller(clients, producer, deadLetters, instance, admission, clock);
  }
}
