package dev.nexus.executor.api;

import static dev.nexus.platform.docs.Operation.get;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.Doc;
import dev.nexus.executor.service.ServiceStatus;
import dev.nexus.platform.docs.ApiPart;
import dev.nexus.platform.docs.Operation;
import dev.nexus.platform.docs.Parameter;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Services as HTTP sees them; what one answers is its own.
@Singleton
public final class ServiceApi implements ApiPart {
  private static final String ANY = "*/*";
  private static final Parameter APP = Parameter.app("Id of the application.");
  private static final Parameter SERVICE = Parameter.path("service", "Name of the service.");
  private static final Parameter PATH =
      Parameter.path("path", "Path at the service; it may have slashes.");
  private static final String ONE = "/v1/apps/{app}/services/{service}";

  record Services(String app, List<ServiceShown> services) {}

  record ServiceShown(
      String service,
      @Doc("`ELSEWHERE`: another executor has it; `UNSERVED`: there is no Docker here.")
          ServiceStatus.State state,
      @Doc("That runs, or is to.") String image,
      @Doc("Whether that is the fallback image.") boolean fallback,
      @Doc("Since it was last well for five minutes.") int restarts,
      @Doc("When it began to stand like this.") Optional<Instant> since,
      @Doc("What its last container ended by.") Optional<String> lastEnd,
      @Doc("Why it does not run here.") Optional<String> why) {}

  @Override
  public int place() {
    return 4;
  }

  @Override
  public List<Chapter> chapters() {
    List<Operation> operations = new ArrayList<>();
    operations.add(
        get("/v1/apps/{app}/services", "The services of an application, and how they stand.")
            .key("`app:<id>:read`")
            .reads(APP)
            .answers(200, Services.class, "By name.")
            .refuses(404, "There is no such application."));
    operations.add(passed("get", ONE).reads(APP, SERVICE));
    operations.add(
        passed("post", ONE)
            .reads(APP, SERVICE)
            .takes(ANY, JsonNode.class)
            .answers(202, "A service of stdio took a notification.")
            .refuses(405, "A service of stdio takes POST of one JSON-RPC message."));
    operations.add(passed("get", ONE + "/{path}").reads(APP, SERVICE, PATH));
    for (String method : List.of("post", "put", "patch", "delete")) {
      operations.add(
          passed(method, ONE + "/{path}").reads(APP, SERVICE, PATH).takes(ANY, JsonNode.class));
    }
    return List.of(
        new Chapter("Services", "Programs of applications that go on running.", operations));
  }

  private static Operation passed(String method, String path) {
    return Operation.of(method, path, "Asks a service; what it answers is passed on.")
        .key("`app:<id>:invoke`")
        .answers(200, ANY, JsonNode.class, "What it answers, under the status that it chose.")
        .refuses(404, "There is no such application or service.")
        .refuses(409, "The service has neither port nor stdio.")
        .refuses(502, "It does not answer as HTTP does, or too much.")
        .refuses(503, "It does not run, or another executor has it: `detail` says why.")
        .refuses(504, "It did not answer in time.");
  }
}
