package dev.nexus.projector.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.event.TenantId;
import dev.nexus.projector.execution.ExecutionNames;
import dev.nexus.projector.execution.ExecutionStatus;
import dev.nexus.projector.execution.ExecutionView;
import dev.nexus.projector.metric.ComponentNames;
import dev.nexus.projector.store.Key;
import dev.nexus.topic.Topic;
import java.util.List;
import java.util.Set;

/// Executions in lists, newest first. Every partition has its own list; they are merged here.
public final class ExecutionList {
  private final ProjectionReads reads;
  private final NewestFirst lists;

  public ExecutionList(ProjectionReads reads) {
    this.reads = reads;
    this.lists = new NewestFirst(reads);
  }

  /// What is asked for; "" means any.
  record Filter(String app, String component, String status) {
    /// The lists that together hold everything asked for.
    List<Key> indexes(TenantId tenant, Set<String> components) {
      if (!component.isEmpty()) {
        return List.of(ExecutionNames.ofComponent(tenant, app, component));
      }
      if (!app.isEmpty()) {
        return components.stream()
            .map(name -> name.split("/", 2))
            .filter(parts -> parts[0].equals(app))
            .map(parts -> ExecutionNames.ofComponent(tenant, app, parts[1]))
            .toList();
      }
      return List.of(
          status.isEmpty() || status.equals(ExecutionStatus.SUCCEEDED.name())
              ? ExecutionNames.all(tenant)
              : ExecutionNames.ofStatus(tenant, ExecutionStatus.valueOf(status)));
    }

    boolean accepts(ExecutionView view) {
      return view.exists() && (status.isEmpty() || status.equals(view.status().name()));
    }
  }

  ObjectNode list(TenantId tenant, Filter filter, NewestFirst.Cursor after, int limit) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    var executions = answer.putArray("executions");
    List<Key> indexes =
        filter.indexes(tenant, reads.members(Topic.EXECUTIONS, ComponentNames.known(tenant)));
    lists
        .page(
            reads.slots(Topic.EXECUTIONS),
            indexes,
            id -> ExecutionNames.summary(tenant, id),
            new NewestFirst.Wanted(
                after,
                limit,
                (id, fields) -> {
                  var view = new ExecutionView(fields);
                  return filter.accepts(view)
                      && executions.add(ExecutionQueries.summary(id, view)) != null;
                }))
        .ifPresent(cursor -> answer.put("cursor", cursor.toString()));
    return answer;
  }
}
