package dev.nexus.projector.query;

import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.projector.store.Fold;
import dev.nexus.projector.store.Progress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How far each projection is behind, under the name by which it reports that to front doors and
/// computed as it does that.
public final class ProjectionLags {
  /// Name of the reader of executions, as reports and health call it.
  public static final String EXECUTIONS = "projector-executions";

  /// Name of the reader of everything else.
  public static final String DECISIONS = "projector-decisions";

  private final LogLookup log;
  private final Progress progress;
  private final Map<String, List<String>> topics = new TreeMap<>();

  /// @param projections the folds of each reader
  public ProjectionLags(
      KafkaClients clients,
      LogLookup log,
      Progress progress,
      Map<String, List<Fold<?>>> projections) {
    this.log = log;
    this.progress = progress;
    projections.forEach(
        (reader, folds) ->
            topics.put(reader, folds.stream().map(fold -> clients.name(fold.topic())).toList()));
  }

  /// Records that wait, by reader.
  Map<String, Long> now() {
    Map<String, Long> lags = new TreeMap<>();
    topics.forEach((reader, read) -> lags.put(reader, log.behind(read, progress)));
    return lags;
  }
}
