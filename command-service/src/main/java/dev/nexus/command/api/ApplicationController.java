package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.application.ApplicationPublisher;
import dev.nexus.command.application.Applying;
import dev.nexus.command.application.Publication;
import dev.nexus.command.application.Publication.Published;
import dev.nexus.command.application.SystemApplications;
import dev.nexus.command.application.Unserved;
import dev.nexus.event.TenantId;
import dev.nexus.platform.call.Tokens;
import dev.nexus.platform.call.Visible;
import dev.nexus.platform.catalog.DefinitionCatalog;
import dev.nexus.platform.catalog.DefinitionCatalog.Version;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.platform.service.RunsContainers;
import dev.nexus.platform.service.RunsPrompts;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Publishes applications and shows what is published.
@Controller("/v1/apps")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class ApplicationController {
  private static final int MOST_FILES = 500;

  private final ApplicationPublisher publisher;
  private final DefinitionCatalog catalog;
  private final Invocations invocations;
  private final Tokens tokens;
  private final Optional<RunsPrompts> prompts;
  private final Optional<RunsContainers> containers;

  public ApplicationController(
      ApplicationPublisher publisher,
      DefinitionCatalog catalog,
      Invocations invocations,
      Tokens tokens,
      Optional<RunsPrompts> prompts,
      Optional<RunsContainers> containers) {
    this.publisher = publisher;
    this.catalog = catalog;
    this.invocations = invocations;
    this.tokens = tokens;
    this.prompts = prompts;
    this.containers = containers;
  }

  /// `{"files": {path: content}, "revision": the one it was made from}`; `revision` may be left
  /// out.
  @Post("/{app}/apply")
  HttpResponse<String> apply(HttpCaller caller, String app, @Nullable @Body String body) {
    caller.require(Action.APPLY, Resource.app(app));
    ObjectNode request = Bodies.object(body, "files", "revision");
    if (app.startsWith(SystemApplications.RESERVED)) {
      throw Problem.of(
              HttpStatus.FORBIDDEN,
              "reserved",
              "applications that begin with "
                  + SystemApplications.RESERVED
                  + " belong to the platform: choose another id")
          .exception();
    }
    TenantId tenant = caller.principal().tenant();
    Publication publication =
        publisher.publish(
            new Applying(
                tenant,
                app,
                files(request),
                caller.principal().actor(),
                Optional.of(Bodies.text(request, "revision", "")).filter(r -> !r.isEmpty())));
    return switch (publication) {
      case Published published -> Answers.json(HttpStatus.OK, answer(tenant, published));
      case Publication.Refused(var faults) -> throw refused(app, faults);
      case Publication.Outdated(var revision) ->
          throw Problem.of(
                  HttpStatus.CONFLICT,
                  "outdated",
                  "the application has changed since: take up revision '"
                      + revision
                      + "' and apply again")
              .with("revision", revision)
              .exception();
      case Publication.Taken(var detail) ->
          throw Problem.of(HttpStatus.CONFLICT, "taken", detail).exception();
    };
  }

  @Get
  HttpResponse<String> list(HttpCaller caller, @QueryValue Optional<String> after) {
    TenantId tenant = caller.principal().tenant();
    invocations.await(tenant, after);
    ObjectNode answer = Answers.object();
    ArrayNode apps = answer.putArray("apps");
    for (Version version : catalog.current(tenant)) {
      String app = version.application().appId();
      if (Invocations.maySee(caller, app)) {
        apps.add(summary(version));
      }
    }
    return Answers.json(HttpStatus.OK, answer);
  }

  @Get("/{app}")
  HttpResponse<String> find(HttpCaller caller, String app, @QueryValue Optional<String> after) {
    caller.require(Action.READ, Resource.app(app));
    invocations.await(caller.principal().tenant(), after);
    Version version = invocations.current(caller, app);
    ObjectNode answer = summary(version);
    ArrayNode components = answer.putArray("components");
    for (var component : version.application().components()) {
      ObjectNode shown = components.addObject();
      shown.put("componentId", component.componentId());
      shown.put("description", component.description());
      shown.put("handlerType", component.handlerType().name());
      shown.put("identityDigest", component.identityDigest());
      shown.put("promotion", component.promotion().mode());
      shown.set("inputSchema", component.inputSchema());
      shown.set("outputSchema", component.outputSchema());
    }
    ArrayNode triggers = answer.putArray("triggers");
    for (var trigger : version.application().triggers()) {
      triggers
          .addObject()
          .put("triggerId", trigger.triggerId())
          .put("eventType", trigger.eventType())
          .put("source", trigger.source())
          .put("component", trigger.component());
    }
    return Answers.json(HttpStatus.OK, answer);
  }

  private static ObjectNode summary(Version version) {
    return Answers.object()
        .put("app", version.application().appId())
        .put("displayName", version.application().displayName())
        .put("version", version.application().version())
        .put("digest", version.digest())
        .put("revision", version.revision());
  }

  private ObjectNode answer(TenantId tenant, Published published) {
    ObjectNode answer =
        Answers.object()
            .put("app", published.appId())
            .put("digest", published.digest())
            .put("revision", published.revision())
            .put("changed", published.changed())
            .put(
                "token",
                tokens.sign(new Visible.VersionOf(tenant, published.appId(), published.digest())));
    ArrayNode triggers = answer.putArray("triggers");
    published.definition().triggers().forEach(t -> triggers.add(t.triggerId()));
    ArrayNode sources = answer.putArray("sources");
    published.definition().integrations().forEach(i -> sources.add(i.source()));
    List<String> remarks = new ArrayList<>(published.remarks());
    Unserved.of(published.definition(), prompts, containers).forEach(remarks::add);
    if (!remarks.isEmpty()) {
      remarks.forEach(answer.putArray("remarks")::add);
    }
    return answer;
  }

  private static RuntimeException refused(String app, List<Fault> faults) {
    return Problem.of(
            HttpStatus.UNPROCESSABLE_ENTITY,
            "invalid-definition",
            "the definition of "
                + app
                + " was not applied: "
                + faults.getFirst().sentence()
                + (faults.size() == 1 ? "" : " (and " + (faults.size() - 1) + " more)"))
        .with(faults)
        .exception();
  }

  private static Map<String, String> files(ObjectNode request) {
    if (!(request.get("files") instanceof ObjectNode files) || files.size() > MOST_FILES) {
      throw Bodies.invalid(
          Fault.at(
              "/files",
              "wrong files",
              "an object of at most " + MOST_FILES + " file contents by path",
              request.has("files") ? "something else" : "nothing"));
    }
    Map<String, String> texts = new TreeMap<>();
    files
        .properties()
        .forEach(
            file -> {
              if (!file.getValue().isTextual()) {
                throw Bodies.invalid(
                    Fault.at(
                        "/files/" + file.getKey().replace("~", "~0").replace("/", "~1"),
                        "wrong content",
                        "the text of the file",
                        file.getValue().getNodeType().name().toLowerCase(java.util.Locale.ROOT)));
              }
              texts.put(file.getKey(), file.getValue().asText());
            });
    return texts;
  }
}
