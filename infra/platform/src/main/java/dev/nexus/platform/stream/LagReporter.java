package dev.nexus.platform.stream;

import dev.nexus.event.task.Lane;
import dev.nexus.platform.measure.Measure;
import dev.nexus.platform.service.RecurringService;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures once a second how far readers are behind, and reports it. Beside the readers and not on
/// their threads, which wait for what holds them up, and just then somebody wants to know. Where
/// several instances share the work, every one of them measures the whole: their answers are the
/// same, and the last one counts.
public final class LagReporter extends RecurringService {
  private static final Logger LOG = LoggerFactory.getLogger(LagReporter.class);

  private final BacklogReports reports;
  private final Map<String, Question> questions;
  private final Map<String, Long> newest = new ConcurrentHashMap<>();
  private final Admin admin;
  private final LogLag lag;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /// Asks how far one reader is behind.
  public interface Question {
    long behind(LogLag lag) throws ExecutionException, InterruptedException;
  }

  public LagReporter(
      String name, KafkaClients clients, BacklogReports reports, Map<String, Question> questions) {
    super(name + "-lag", BacklogReports.EVERY, First.AFTER_A_REST);
    this.reports = reports;
    this.questions = Map.copyOf(questions);
    this.admin = clients.impatientAdmin();
    this.lag = new LogLag(clients, admin);
  }

  /// Of a reader that is known by the name it reports under.
  public static LagReporter of(
      String reader, KafkaClients clients, BacklogReports reports, Question question) {
    return new LagReporter(reader, clients, reports, Map.of(reader, question));
  }

  /// Measures of lanes of tasks. A share group's members do not know what waits behind what they
  /// are given.
  public static Map<String, Question> ofLanes(Collection<Lane> lanes) {
    Map<String, Question> questions = new LinkedHashMap<>();
    lanes.forEach(lane -> questions.put(ShareGroups.ofLane(lane), lag -> lag.ofLane(lane)));
    return questions;
  }

  /// Has a registry tell how far each reader is behind; no number where the brokers do not answer.
  public LagReporter tellingTo(MeterRegistry meters) {
    questions
        .keySet()
        .forEach(
            reader ->
                Measure.BACKLOG.gauge(
                    meters,
                    newest,
                    of -> {
                      Long behind = of.get(reader);
                      return behind == null ? Double.NaN : behind;
                    },
                    reader));
    return this;
  }

  /// Side by side: brokers that answer slowly about one reader must not make the report about
  /// another so old that it no longer counts. Who was not answered yet is not asked again.
  @Override
  protected void round() {
    questions.forEach(
        (reader, question) -> {
          if (asked.add(reader)) {
            Thread.ofVirtual().name(reader + "-lag").start(() -> report(reader, question));
          }
        });
  }

  private void report(String reader, Question question) {
    try {
      long behind = question.behind(lag);
      newest.put(reader, behind);
      reports.measured(reader, behind);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) { // after an Error, too, the number of before is none of now
      newest.remove(reader);
      LOG.atDebug().setCause(e).addKeyValue("reader", reader).log("not measured now");
    } finally {
      asked.remove(reader);
    }
  }

  @Override
  protected void release() {
    admin.close(Duration.ZERO);
  }
}
