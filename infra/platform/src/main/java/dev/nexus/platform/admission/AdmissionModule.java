package dev.nexus.platform.admission;

import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.service.TakesCalls;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.BestEffortEvents;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.Clock;

/// The beans of admission, once a process.
@Factory
@Requires(beans = KafkaClients.class)
public final class AdmissionModule {
  private static final int REPORTS_A_SECOND = 1_000;

  @Singleton
  @Bean(preDestroy = "close")
  BestEffortEvents metricEvents(KafkaClients clients, InstanceId instance, MeterRegistry meters) {
    var events =
        new BestEffortEvents(
            clients,
            instance.value() + "-reports",
            REPORTS_A_SECOND,
            BestEffortEvents.Account.NONE);
    events.countDropped(meters, "reports");
    return events;
  }

  @Singleton
  BacklogReports backlogReports(
      BestEffortEvents events, InstanceId instance, Settings settings, Clock clock) {
    return new BacklogReports(
        events, instance.value(), settings.number(Setting.BACKLOG_LIMIT), clock, System::nanoTime);
  }

  @Singleton
  BacklogView backlogView(Settings settings) {
    return new BacklogView(settings.number(Setting.BACKLOG_LIMIT), System::nanoTime);
  }

  @Singleton
  @Requires(beans = TakesCalls.class)
  NexusService backlogFollower(
      KafkaClients clients, InstanceId instance, BacklogView view, DeadLetters deadLetters) {
    return new BacklogFollower(clients, instance.value(), view, deadLetters.as("admission"));
  }

  @Singleton
  DiskRoom diskRoom(KafkaClients clients, Settings settings, MeterRegistry meters) {
    DiskRoom room = new DiskRoom(clients, DiskUsage.directories(settings), DiskLimits.of(settings));
    room.tellTo(meters);
    return room;
  }

  @Singleton
  Admission admission(Settings settings, BacklogView view, DiskRoom disk, MeterRegistry meters) {
    return Admission.of(settings, view, disk::shortage, meters);
  }
}
