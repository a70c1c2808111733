package dev.nexus.platform.docs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.stream.KafkaClients;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.server.util.HttpHostResolver;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import java.util.Optional;

/// The documents and the page under `/docs`. Open to anyone: what Nexus offers is no secret.
@Controller("/docs")
@Requires(beans = KafkaClients.class)
public final class DocsController {
  /// The page loads nothing from elsewhere, and no other page may frame it. Icons stand in its
  /// style sheets as data.
  private static final String POLICY =
      "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'";

  private final AsyncApi topics;
  private final ObjectNode calls;
  private final Optional<NeighbourDocuments> neighbours;
  private final HttpHostResolver hosts;

  public DocsController(
      KafkaClients clients,
      List<ApiPart> parts,
      Optional<NeighbourDocuments> neighbours,
      HttpHostResolver hosts) {
    this.topics = new AsyncApi(clients);
    this.calls = OpenApi.document(parts);
    this.neighbours = neighbours;
    this.hosts = hosts;
  }

  /// A page for people: the calls to read and try, the topics with their columns and how to read
  /// them.
  @Get
  HttpResponse<byte[]> page() {
    return answer(PageFile.INDEX).header("Content-Security-Policy", POLICY);
  }

  @Get("/files/{name}")
  HttpResponse<byte[]> file(String name) {
    return PageFile.named(name)
        .map(DocsController::answer)
        .orElseThrow(() -> Problem.unknown("file", name, PageFile.names()).exception());
  }

  private static MutableHttpResponse<byte[]> answer(PageFile file) {
    return HttpResponse.ok(file.content())
        .contentType(MediaType.of(file.mediaType()))
        .header("X-Content-Type-Options", "nosniff");
  }

  /// What this process answers over HTTP, or passes on, as OpenAPI 3.1.
  @Get(value = "/openapi.json", produces = MediaType.APPLICATION_JSON)
  @ExecuteOn(TaskExecutors.BLOCKING)
  String openApi() {
    return neighbours.map(others -> OpenApi.with(calls, others.openApi())).orElse(calls).toString();
  }

  /// The topics as AsyncAPI 3.
  @Get(value = "/asyncapi.json", produces = MediaType.APPLICATION_JSON)
  String asyncApi(HttpRequest<?> request) {
    return topics.document(hosts.resolve(request) + "/registry").toString();
  }
}
