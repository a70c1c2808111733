package dev.nexus.projector.rebuild;

import static dev.nexus.platform.docs.Operation.delete;
import static dev.nexus.platform.docs.Operation.get;
import static dev.nexus.platform.docs.Operation.post;

import dev.nexus.event.Doc;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Parameter;
import dev.nexus.platform.docs.Shape;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/// What operators can ask about projections as a whole.
@Singleton
public final class RebuildApi implements ApiPart {
  private static final String REBUILD = "/v1/projections/rebuild";
  private static final String ALL_TENANTS = "`operator` of the tenant `default`";
  private static final Parameter NAMED =
      Parameter.query("projections", "Names, divided by commas; all where it is left out.");
  private static final String UNKNOWN = "There is no such projection.";

  record Rebuild(
      @Shape(lower = true) RebuildStatus.State state,
      List<RebuiltProjection> projections,
      double seconds,
      long eventsPerSecond,
      @Doc("Who does it.") String instance,
      @Doc("Why it failed.") Optional<String> reason) {}

  record RebuiltProjection(
      String projection,
      @Doc("Folded, of so many there are.") long records,
      long of,
      @Doc("Folded before this instance took over.") long resumedAt,
      @Doc("Of those, what snapshots had.") long fromSnapshots,
      @Doc("Of those, what the rebuild before had folded.") long fromRebuild,
      int partitions,
      @Doc("Partitions that are read from the new copy.") int switched) {}

  @Override
  public int place() {
    return 4;
  }

  @Override
  public List<Chapter> chapters() {
    return List.of(
        Chapter.of(
            "Projections",
            "What queries read, as a whole.",
            get("/v1/projections/verify", "Compares Redis with the log.")
                .key(ALL_TENANTS)
                .reads(NAMED)
                .streams("`progress`, then `done` with the outcome or `failed` with a reason.")
                .refuses(404, UNKNOWN),
            post(REBUILD, "Begins a rebuild.")
                .key(ALL_TENANTS)
                .reads(NAMED)
                .answers(202, Rebuild.class, "It has begun.")
                .refuses(404, UNKNOWN)
                .refuses(409, "One is under way, or this cannot be rebuilt now.")
                .refuses(507, "Redis has no room for a second copy."),
            get(REBUILD, "How far a rebuild is.")
                .key(ALL_TENANTS)
                .answers(200, Rebuild.class, "Its status, or that of the last one."),
            delete(REBUILD, "Ends a rebuild; what is read stays as it is.")
                .key(ALL_TENANTS)
                .answers(200, Rebuild.class, "Its status.")
                .refuses(409, "It cannot be ended now.")));
  }
}
