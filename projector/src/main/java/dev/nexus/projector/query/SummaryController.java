package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.event.task.Tier;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.metric.ComponentStats;
import dev.nexus.topic.Topic;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Totals of the tenant. Applications of the platform itself (`nexus.…`) are not requests of
/// anybody, but what they spend is spent.
@Controller("/v1/summary")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class SummaryController {
  private static final String SYSTEM = "nexus.";

  private final ComponentQueries components;
  private final OracleQueries oracle;
  private final LogLookup log;
  private final ProjectionLags lags;
  private final Visibility visibility;
  private final ProjectionReads reads;
  private final KnownNames names;

  public SummaryController(
      ComponentQueries components,
      OracleQueries oracle,
      LogLookup log,
      ProjectionLags lags,
      Visibility visibility,
      ProjectionReads reads,
      KnownNames names) {
    this.components = components;
    this.oracle = oracle;
    this.log = log;
    this.lags = lags;
    this.visibility = visibility;
    this.reads = reads;
    this.names = names;
  }

  @Get
  HttpResponse<String> summary(
      HttpCaller caller, @QueryValue Optional<String> app, @QueryValue Optional<String> after) {
    caller.require(
        Action.READ, app.<Resource>map(Resource::app).orElseGet(Resource.AllApplications::new));
    TenantId tenant = caller.principal().tenant();
    visibility.await(tenant, after);
    List<String> called = within(app, components.known(tenant));
    List<String> decided = within(app, oracle.known(tenant));
    if (called.isEmpty() && decided.isEmpty()) {
      names.require(caller, app, Optional.empty());
    }
    ComponentStats own = ComponentStats.none();
    ComponentStats system = ComponentStats.none();
    for (var one : components.stats(tenant, called).entrySet()) {
      if (one.getKey().startsWith(SYSTEM)) {
        system = system.plus(one.getValue());
      } else {
        own = own.plus(one.getValue());
      }
    }
    ObjectNode answer = totals(own);
    answer.set("candidates", oracle.candidates(tenant, decided).json());
    ObjectNode spending = answer.putObject("system");
    spending.put("requests", system.count("accepted"));
    ComponentQueries.putSpending(spending, system);
    putLog(answer);
    return Answers.json(answer);
  }

  private static ObjectNode totals(ComponentStats stats) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("requests", stats.count("accepted"));
    json.put("succeeded", stats.everywhere("succeeded"));
    json.put("failed", stats.everywhere("failed") + stats.everywhere("timedOut"));
    json.put("cancelled", stats.everywhere("cancelled"));
    json.put("servedByCode", stats.servedByCode());
    ObjectNode tiers = json.putObject("tiers");
    for (Tier tier : Tier.values()) {
      ObjectNode one = tiers.putObject(tier.name().toLowerCase(Locale.ROOT));
      one.put("count", stats.succeeded(tier.name()));
      ComponentQueries.putLatency(one, stats, tier.name());
    }
    json.put("deopts", stats.count("deopts"));
    json.put("declined", stats.declined());
    json.put("audits", stats.audits());
    json.put("failedAttempts", stats.everywhere("failedTasks"));
    ComponentQueries.putSpending(json, stats);
    return json;
  }

  /// Those of the components (`app/component`) that are asked about.
  private static List<String> within(Optional<String> app, Set<String> components) {
    return components.stream()
        .filter(name -> app.isEmpty() || name.startsWith(app.get() + "/"))
        .toList();
  }

  /// Log positions of every topic, and how far the projections are behind: that of executions, on
  /// which the totals rest, and each under its name. A transaction's end takes a position too.
  private void putLog(ObjectNode answer) {
    ObjectNode topics = answer.putObject("topics");
    log.lengths().forEach((topic, length) -> topics.put(topic.topicName(), length));
    reads.slots(Topic.EXECUTIONS); // a problem while nothing is known
    Map<String, Long> now = lags.now();
    answer.put("lag", now.getOrDefault(ProjectionLags.EXECUTIONS, 0L));
    now.forEach(answer.putObject("lags")::put);
  }
}
