package dev.nexus.platform.host;

import dev.nexus.platform.blob.Payloads;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.EdgeIds;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.stream.BrokerAccess;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.EventProducer;
import dev.nexus.platform.stream.KafkaClients;
import io.lettuce.core.RedisClient;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.BeanContext;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One of each part that all services of a process share. The settings must name the brokers and
/// the Redis; the topics must exist before the catalog is started.
public final class SharedParts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedParts.class);

  /// A Redis that comes back is met again within a second; the client's own pauses grow to thirty.
  private static final Delay REDIS_AGAIN =
      Delay.exponential(Duration.ofMillis(10), Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS);

  private final Settings settings;
  private final BrokerAccess access;
  private final InstanceId instance;
  private final Clock clock;
  private final EdgeIds ids;
  private final KafkaClients clients;
  private final EventProducer producer;
  private final DeadLetters deadLetters;
  private final DefinitionCatalog catalog;
  private final Payloads payloads;
  private final ClientResources redisResources;
  private final RedisClient redis;

  private SharedParts(Settings settings, BrokerAccess access, InstanceId instance, Clock clock) {
    this.settings = settings;
    this.access = access;
    this.instance = instance;
    this.clock = clock;
    this.ids = new EdgeIds(clock);
    this.clients = new KafkaClients(settings);
    this.producer = new EventProducer(clients, instance + "-producer");
    this.deadLetters = new DeadLetters(producer, instance.value(), clock);
    this.catalog = new DefinitionCatalog(clients, instance.value(), deadLetters.as("catalog"));
    this.payloads = new Payloads(settings, clock);
    this.redisResources = DefaultClientResources.builder().reconnectDelay(REDIS_AGAIN).build();
    this.redis =
        RedisClient.create(redisResources, RedisAddress.uri(settings.text(Setting.REDIS_URL)));
  }

  /// Connects lazily: nothing is asked of Kafka or Redis yet.
  public static SharedParts open(
      Settings settings, BrokerAccess access, InstanceId instance, Clock clock) {
    return new SharedParts(settings, access, instance, clock);
  }

  /// Makes every part a bean of the context, for constructors to ask for.
  public void registerIn(BeanContext context) {
    context.registerSingleton(Settings.class, settings);
    context.registerSingleton(BrokerAccess.class, access);
    context.registerSingleton(InstanceId.class, instance);
    context.registerSingleton(Clock.class, clock);
    context.registerSingleton(EdgeIds.class, ids);
    context.registerSingleton(KafkaClients.class, clients);
    context.registerSingleton(EventProducer.class, producer);
    context.registerSingleton(DeadLetters.class, deadLetters);
    context.registerSingleton(DefinitionCatalog.class, catalog);
    context.registerSingleton(Payloads.class, payloads);
    context.registerSingleton(RedisClient.class, redis);
    clients.written().countIn(context.getBean(MeterRegistry.class));
  }

  /// Starts to follow the definitions and waits until all that were published are known.
  public void startCatalog(Duration patience) {
    catalog.start();
    catalog.awaitCaughtUp(patience);
  }

  @Override
  public void close() {
    end("catalog", catalog::close);
    end("producer", producer::close);
    end("redis", () -> redis.shutdown(Duration.ZERO, Duration.ofSeconds(2)));
    end("redis resources", () -> redisResources.shutdown(0, 2, TimeUnit.SECONDS));
  }

  /// One part that does not end well must not keep the others open.
  private static void end(String part, Runnable end) {
    try {
      end.run();
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("part", part).log("did not end well");
    }
  }
}
