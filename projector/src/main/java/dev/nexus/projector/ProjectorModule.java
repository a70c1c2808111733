package dev.nexus.projector;

import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.config.Setting;
import dev.nexus.platform.config.Settings;
import dev.nexus.platform.host.RedisAddress;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.security.Secrets;
import dev.nexus.platform.service.InstanceId;
import dev.nexus.platform.service.NexusService;
import dev.nexus.platform.snapshot.Snapshots;
import dev.nexus.platform.stream.BacklogReports;
import dev.nexus.platform.stream.DeadLetters;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.live.LiveFeed;
import dev.nexus.projector.query.ApplicationQueries;
import dev.nexus.projector.query.ComponentQueries;
import dev.nexus.projector.query.EventQueries;
import dev.nexus.projector.query.ExecutionList;
import dev.nexus.projector.query.ExecutionQueries;
import dev.nexus.projector.query.KnownNames;
import dev.nexus.projector.query.LogLookup;
import dev.nexus.projector.query.OracleQueries;
import dev.nexus.projector.query.ProjectionLags;
import dev.nexus.projector.query.ProjectionReads;
import dev.nexus.projector.query.Visibility;
import dev.nexus.projector.rebuild.MachineMemory;
import dev.nexus.projector.rebuild.Rebuilds;
import dev.nexus.projector.rebuild.SnapshotTaker;
import dev.nexus.projector.rebuild.Verifier;
import dev.nexus.projector.store.Progress;
import dev.nexus.projector.stream.Projection;
import dev.nexus.projector.stream.ProjectionReader;
import dev.nexus.projector.trace.OtlpReceiver;
import dev.nexus.projector.trace.TraceExporter;
import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Map;

/// The beans of the projector.
@Factory
@Requires(beans = {KafkaClients.class, RedisClient.class})
public final class ProjectorModule {

  @Singleton
  @Bean(preDestroy = "close")
  Progress progress(RedisClient redis, InstanceId instance) {
    return new Progress(redis, instance.value());
  }

  @Singleton
  Projection.Parts projectionParts(
      KafkaClients clients,
      RedisClient redis,
      Progress progress,
      DeadLetters deadLetters,
      Snapshots snapshots,
      MeterRegistry meters,
      Clock clock,
      InstanceId instance) {
    return new Projection.Parts(
        clients,
        redis,
        progress,
        deadLetters.as("projector"),
        snapshots,
        meters,
        clock,
        instance.value());
  }

  @Singleton
  @Named(ProjectionLags.EXECUTIONS)
  NexusService executions(Settings settings, Projection.Parts parts, BacklogReports backlogs) {
    var projection = new Projection(Projections.executions(settings), parts);
    return new ProjectionReader(ProjectionLags.EXECUTIONS, projection).reportingTo(backlogs);
  }

  @Singleton
  @Named(ProjectionLags.DECISIONS)
  NexusService decisions(Settings settings, Projection.Parts parts, BacklogReports backlogs) {
    var projection = new Projection(Projections.decisions(settings), parts);
    return new ProjectionReader(ProjectionLags.DECISIONS, projection).reportingTo(backlogs);
  }

  @Singleton
  LiveFeed liveFeed(KafkaClients clients, ExecutionQueries executions, MeterRegistry meters) {
    LiveFeed feed = new LiveFeed(clients, executions::componentOf);
    Measure.LISTENERS.gauge(meters, feed, LiveFeed::listening);
    return feed;
  }

  @Singleton
  @Bean(preDestroy = "close")
  ProjectionReads reads(KafkaClients clients, RedisClient redis, Progress progress) {
    return new ProjectionReads(clients, redis, progress);
  }

  @Singleton
  @Bean(preDestroy = "close")
  LogLookup logLookup(KafkaClients clients) {
    return new LogLookup(clients);
  }

  @Singleton
  ProjectionLags projectionLags(
      Settings settings, KafkaClients clients, LogLookup log, Progress progress) {
    return new ProjectionLags(
        clients,
        log,
        progress,
        Map.of(
            ProjectionLags.EXECUTIONS, Projections.executions(settings),
            ProjectionLags.DECISIONS, Projections.decisions(settings)));
  }

  @Singleton
  Visibility visibility(ProjectionReads reads, Progress progress, LogLookup log, Tokens tokens) {
    return new Visibility(reads, progress, log, tokens);
  }

  @Singleton
  ExecutionQueries executionQueries(ProjectionReads reads, LogLookup log, Progress progress) {
    return new ExecutionQueries(reads, log, progress);
  }

  @Singleton
  ExecutionList executionList(ProjectionReads reads) {
    return new ExecutionList(reads);
  }

  @Singleton
  EventQueries eventQueries(Settings settings, ProjectionReads reads, LogLookup log) {
    return new EventQueries(reads, log, settings.number(Setting.PROJECTED_EVENTS));
  }

  @Singleton
  ComponentQueries componentQueries(ProjectionReads reads) {
    return new ComponentQueries(reads);
  }

  @Singleton
  ApplicationQueries applicationQueries(ProjectionReads reads) {
    return new ApplicationQueries(reads);
  }

  @Singleton
  KnownNames knownNames(ApplicationQueries applications, ComponentQueries components) {
    return new KnownNames(applications, components);
  }

  @Singleton
  OracleQueries oracleQueries(ProjectionReads reads, LogLookup log) {
    return new OracleQueries(reads, log);
  }

  @Singleton
  Verifier verifier(
      Settings settings, KafkaClients clients, RedisClient redis, Snapshots snapshots) {
    return new Verifier(
        clients,
        redis,
        Projections.all(settings),
        snapshots,
        settings.path(Setting.DATA_DIR).resolve("verify"));
  }

  @Singleton
  @Named("projection-snapshots")
  NexusService snapshotTaker(Settings settings, Projection.Parts parts) {
    return new SnapshotTaker(
        new Projection(Projections.all(settings), parts),
        settings.path(Setting.DATA_DIR).resolve("snapshot-work"),
        settings.duration(Setting.SNAPSHOT_EVERY));
  }

  @Singleton
  @Named("projection-rebuilds")
  Rebuilds rebuilds(Settings settings, Projection.Parts parts) {
    return new Rebuilds(
        new Projection(Projections.all(settings), parts),
        RedisAddress.isHere(settings.text(Setting.REDIS_URL))
            ? MachineMemory.here()
            : MachineMemory.elsewhere());
  }

  @Singleton
  @Named("traces")
  NexusService traces(
      Settings settings,
      Secrets secrets,
      KafkaClients clients,
      InstanceId instance,
      MeterRegistry meters,
      Clock clock) {
    return new TraceExporter(OtlpReceiver.of(settings, secrets), clients, instance, meters, clock);
  }
}
