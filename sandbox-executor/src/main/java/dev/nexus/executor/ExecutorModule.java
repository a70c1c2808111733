package dev.nexus.executor;

import dev.nexus.executor.code.CodeRunner;
import dev.nexus.executor.code.Language;
import dev.nexus.executor.command.AuditedDenials;
import dev.nexus.executor.container.Containers;
import dev.nexus.executor.dispatch.CatalogDefinitions;
import dev.nexus.executor.dispatch.Sandboxes;
import dev.nexus.executor.inbox.CancellationFollower;
import dev.nexus.executor.inbox.FastLane;
import dev.nexus.executor.inbox.SlowLane;
import dev.nexus.executor.model.ChatModel;
import dev.nexus.executor.model.GuardedChatModel;
import dev.nexus.executor.model.NoModel;
import dev.nexus.executor.model.OpenAiChatModel;
import dev.nexus.executor.model.PriceTable;
import dev.nexus.executor.payload.PayloadWork;
import dev.nexus.executor.service.ServiceCalls;
import dev.nexus.executor.service.ServiceCaps;
import dev.nexus.executor.service.ServiceInstances;
import dev.nexus.executor.tool.GatewayTools;
import dev.nexus.executor.wasm.WasmCode;
import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.security.DenialAudit;
import dev.nexus.platform.security.ExecutionPasses;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.RunsContainers;
import dev.nexus.platform.service.RunsPrompts;
import dev.nexus.platform.service.TakesCalls;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.BeanContext;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.runtime.server.EmbeddedServer;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// What the executor adds to a process: the lanes it serves and the cancellations it follows.
@Factory
public final class ExecutorModule {
  private static final Duration DEFINITION_PATIENCE = Duration.ofSeconds(5);

  @Singleton
  @Bean(preDestroy = "close")
  GatewayTools tools(Settings settings, BeanContext beans, ExecutionPasses passes, Clock clock) {
    return new GatewayTools(() -> gateway(settings, beans), passes, clock);
  }

  /// Where MCP is served: elsewhere, or by this process when its server runs.
  private static Optional<URI> gateway(Settings settings, BeanContext beans) {
    if (settings.isSet(Setting.GATEWAY_URL)) {
      return Optional.of(URI.create(settings.text(Setting.GATEWAY_URL)));
    }
    if (beans.getBeansOfType(TakesCalls.class).stream().noneMatch(TakesCalls::isMcp)) {
      return Optional.empty();
    }
    return beans
        .findBean(EmbeddedServer.class)
        .filter(EmbeddedServer::isRunning)
        .map(server -> URI.create("http://" + host(server.getHost()) + ":" + server.getPort()));
  }

  /// A server that listens at every address is reached at this machine's own.
  private static String host(String listening) {
    return listening.equals("0.0.0.0") || listening.equals("::") ? "127.0.0.1" : listening;
  }

  @Singleton
  WasmCode codeRunner(GatewayTools tools) {
    return new WasmCode(tools);
  }

  /// Where code runs: here, or in a container.
  @Singleton
  CodeRunner sandboxes(WasmCode inProcess, Containers containers) {
    return new Sandboxes(inProcess, containers);
  }

  @Singleton
  Containers containers(
      Settings settings,
      GatewayTools tools,
      KafkaClients clients,
      DefinitionCatalog catalog,
      Clock clock,
      MeterRegistry meters) {
    String base = settings.text(Setting.SANDBOX_DIR);
    return Containers.of(
        new Containers.Options(
            Containers.host(settings.text(Setting.DOCKER_HOST), System.getenv("DOCKER_HOST")),
            settings.text(Setting.CONTAINER_RUNTIME),
            settings.text(Setting.RUNNER_IMAGES),
            settings.number(Setting.CONTAINERS),
            base.isEmpty() ? Containers.usualSockets() : Path.of(base)),
        tools,
        clients,
        catalog,
        meters,
        clock);
  }

  @Singleton
  ServiceInstances services(
      Settings settings,
      Containers containers,
      KafkaClients clients,
      EventProducer producer,
      DefinitionCatalog catalog,
      BeanContext beans,
      MeterRegistry meters,
      Clock clock) {
    return ServiceInstances.of(
        containers,
        clients,
        producer,
        catalog,
        () -> address(settings, beans),
        ServiceCaps.of(settings),
        meters,
        clock);
  }

  /// Where other executors reach this one: as it was told, or where its server listens.
  private static Optional<URI> address(Settings settings, BeanContext beans) {
    if (settings.isSet(Setting.EXECUTOR_ADDRESS)) {
      return Optional.of(URI.create(settings.text(Setting.EXECUTOR_ADDRESS)));
    }
    return beans
        .findBean(EmbeddedServer.class)
        .filter(EmbeddedServer::isRunning)
        .map(server -> URI.create("http://" + seen(server.getHost()) + ":" + server.getPort()));
  }

  /// A server that listens at every address is reached by others at one that this machine has.
  private static String seen(String listening) {
    if (!listening.equals("0.0.0.0") && !listening.equals("::")) {
      return listening;
    }
    try {
      String own = InetAddress.getLocalHost().getHostAddress();
      return own.contains(":") ? "[" + own + "]" : own;
    } catch (UnknownHostException e) {
      return "127.0.0.1";
    }
  }

  @Singleton
  ServiceCalls serviceCalls(ServiceInstances services, MeterRegistry meters) {
    return new ServiceCalls(services, meters);
  }

  @Singleton
  RunsContainers runsContainers(Containers containers) {
    return () -> containers.missing().orElse("");
  }

  @Singleton
  @Bean(preDestroy = "close")
  ChatModel chatModel(Settings settings, Clock clock, MeterRegistry meters) {
    // Read also where no model is asked: a wrong file is told when it is named.
    PriceTable prices = PriceTable.load(settings.text(Setting.LLM_PRICES));
    if (!settings.isSet(Setting.LLM_BASE_URL)) {
      return new NoModel();
    }
    String baseUrl = settings.text(Setting.LLM_BASE_URL);
    var model =
        new OpenAiChatModel(
            baseUrl,
            settings.text(Setting.LLM_API_KEY),
            settings.number(Setting.MODEL_PERMITS),
            prices,
            clock);
    return new GuardedChatModel(
        model, baseUrl, settings.duration(Setting.MODEL_TIMEOUT), clock, meters);
  }

  @Singleton
  RunsPrompts runsPrompts(ChatModel model) {
    return new RunsPrompts(model instanceof NoModel ? NoModel.WHY : "");
  }

  @Singleton
  @Bean(preDestroy = "close")
  Executor executor(
      Executor.Host host,
      DefinitionCatalog catalog,
      Payloads payloads,
      ChatModel model,
      CodeRunner runner,
      DenialAudit audit) {
    return new Executor(
        host,
        new PayloadWork(
            Executor.work(
                new CatalogDefinitions(catalog, DEFINITION_PATIENCE),
                model,
                runner,
                new AuditedDenials(audit),
                host.settings().text(Setting.LLM_MODEL)),
            payloads));
  }

  @Singleton
  Executor.Host executorHost(
      Settings settings,
      KafkaClients clients,
      EventProducer producer,
      DeadLetters deadLetters,
      InstanceId instance,
      Clock clock,
      MeterRegistry meters) {
    return new Executor.Host(
        settings, clients, producer, deadLetters.as("executor"), instance, clock, meters);
  }

  @Singleton
  CancellationFollower taskControl(Executor executor) {
    return executor.cancellations();
  }

  @Singleton
  SlowLane modelLane(Executor executor) {
    return executor.modelLane();
  }

  @Singleton
  SlowLane containerLane(Executor executor) {
    return executor.containerLane();
  }

  @Singleton
  FastLane codeLane(Executor executor, WasmCode runner) {
    // The engine takes half a second to wake up; nobody should wait for that.
    Thread.ofPlatform().daemon().name("code-warm-up").start(() -> runner.warm(Language.JAVASCRIPT));
    return executor.codeLane();
  }
}
