package dev.nexus.rig;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/// Kafka's own authorizer, which writes down whom it refuses what. A client may go on without what
/// it is refused, and say so nowhere.
public final class RefusalLog extends StandardAuthorizer {
  private static final Set<String> REFUSED = new ConcurrentSkipListSet<>();

  /// What was refused so far to principals whose names begin so: `nexus-projector READ nexus.x`.
  public static List<String> of(String beginning) {
    return REFUSED.stream().filter(line -> line.startsWith(beginning)).toList();
  }

  @Override
  public List<AuthorizationResult> authorize(
      AuthorizableRequestContext context, List<Action> actions) {
    List<AuthorizationResult> results = super.authorize(context, actions);
    for (int i = 0; i < results.size(); i++) {
      Action action = actions.get(i);
      // Brokers also ask about what they then only leave out of an answer.
      if (results.get(i) == AuthorizationResult.DENIED && action.logIfDenied()) {
        REFUSED.add(
            context.principal().getName()
                + " "
                + action.operation()
                + " "
                + action.resourcePattern().resourceType()
                + " "
                + action.resourcePattern().name());
      }
    }
    return results;
  }
}
