package dev.nexus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nexus.e2e.ServicesApart.Service;
import dev.nexus.standalone.doctor.Finding;
import dev.nexus.standalone.doctor.Finding.Verdict;
import dev.nexus.testkit.Eventually;
import java.util.ArrayList;
import java.util.List;

/// What `./nexus doctor` says of one of several services: while it is missing that nothing answers
/// at its address, and who waits for it; nothing of the kind once it is back.
final class MissingService {
  /// A finding that names it, and the mend.
  private record Sign(String check, String saying, String mend) {
    boolean isIn(Finding finding) {
      return finding.check().equals(check)
          && finding.verdict() != Verdict.GOOD
          && finding.detail().contains(saying)
          && finding.mend().contains(mend);
    }
  }

  private final ServicesApart services;
  private final Service service;

  MissingService(ServicesApart services, Service service) {
    this.services = services;
    this.service = service;
  }

  /// The brokers notice within its session that nobody reads.
  void awaitNamed() {
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () -> {
          List<Finding> found = services.diagnosis(service);
          for (Sign sign : signs()) {
            assertThat(found).as("%s", sign).anyMatch(sign::isIn);
          }
        });
  }

  /// It answers, and what waited for it is done.
  void awaitGoneBy() {
    List<String> checks = signs().stream().map(Sign::check).toList();
    Eventually.holds(
        FaultRig.RECOVERED_WITHIN,
        () ->
            assertThat(services.diagnosis(service))
                .filteredOn(finding -> checks.contains(finding.check()))
                .hasSameSizeAs(checks)
                .allMatch(finding -> finding.verdict() == Verdict.GOOD));
  }

  private List<Sign> signs() {
    List<Sign> signs = new ArrayList<>();
    signs.add(
        new Sign(
            "service",
            "nothing of Nexus answers at " + services.url(service),
            "start it, or name another"));
    switch (service) {
      case COMMAND_SERVICE ->
          signs.add(
              new Sign("nexus-router lag", "to read and nobody reads them", "a command-service"));
      case PROJECTOR ->
          signs.add(
              new Sign(
                  "projections lag",
                  "for projector-executions: new work is refused above",
                  "look at Redis, at the projector and its log"));
      case EXECUTOR ->
          signs.add(
              new Sign(
                  "nexus-lane-code lag",
                  "to do and no executor serves the lane",
                  "start one that does"));
      case ORACLE ->
          signs.add(
              new Sign("nexus-oracle lag", "to read and nobody reads them", "an oracle-stream"));
      case GATEWAY -> {} // nobody waits for it but who calls it
    }
    return signs;
  }
}
