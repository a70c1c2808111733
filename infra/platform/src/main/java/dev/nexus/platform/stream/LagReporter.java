package dev.nexus.platform.stream;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.service.RecurringService;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures once a second how far readers are behind, and reports it. Beside the readers and not on
/// their threads, which wait for what holds them up, and just then somebody wants to know. Where
/// several instances share the work, every one of them measures the whole: their answers are the
/// same, and the last one counts.
public final class LagReporter extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(LagReporter.class);

  private final BacklogReports reports;
  private final Map<String, Measure> measures;
  private final Admin admin;
  private final LogLag lag;

  /// Asks how far one reader is behind.
  public interface Measure {
    long behind(LogLag lag) throws ExecutionException, InterruptedException;
  }

  public LagReporter(
      String name, KafkaClients clients, BacklogReports reports, Map<String, Measure> measures) {
    super(name + "-lag", BacklogReports.EVERY, First.AFTER_A_REST);
    this.reports = reports;
    this.measures = Map.copyOf(measures);
    this.admin = clients.impatientAdmin();
    this.lag = new LogLag(clients, admin);
  }

  /// Of a reader that is known by the name it reports under.
  public static LagReporter of(
      String reader, KafkaClients clients, BacklogReports reports, Measure measure) {
    return new LagReporter(reader, clients, reports, Map.of(reader, measure));
  }

  /// Measures of lanes of tasks. A share group's members do not know what waits behind what they
  /// are given.
  public static Map<String, Measure> ofLanes(Collection<Lane> lanes) {
    Map<String, Measure> measures = new LinkedHashMap<>();
    lanes.forEach(lane -> measures.put(ShareGroups.ofLane(lane), lag -> lag.ofLane(lane)));
    return measures;
  }

  @Override
  protected void round() throws InterruptedException {
    for (var measure : measures.entrySet()) {
      try {
        reports.measured(measure.getKey(), measure.getValue().behind(lag));
      } catch (ExecutionException | KafkaException e) {
        LOG.atDebug().setCause(e).addKeyValue("reader", measure.getKey()).log("not measured now");
      }
    }
  }

  @Override
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
