package dev.nexus.command.api;

import dev.nexus.command.access.Integrations;
import dev.nexus.command.intake.Arrival;
import dev.nexus.command.intake.HttpEvents;
import dev.nexus.command.intake.Registered;
import dev.nexus.command.intake.SourceCheck;
import dev.nexus.platform.admission.Admission;
import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.AccessControl;
import dev.nexus.platform.security.Principal;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events of holders of a key, as CloudEvents over HTTP.
@Controller("/v1/events")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class EventController {
  private final Integrations integrations;
  private final Registered registered;
  private final AccessControl access;
  private final Admission admission;
  private final EventAnswers answers;

  public EventController(
      Integrations integrations,
      Registered registered,
      AccessControl access,
      Admission admission,
      EventAnswers answers) {
    this.integrations = integrations;
    this.registered = registered;
    this.access = access;
    this.admission = admission;
    this.answers = answers;
  }

  /// One event or a batch. 202 when one of them at least is accepted. Truths about earlier work are
  /// taken while too much work waits, but not where there is no room for them.
  @Post
  @Consumes(MediaType.ALL)
  HttpResponse<String> publish(
      HttpCaller caller, HttpRequest<?> request, @Body byte @Nullable [] body) {
    List<Arrival> arrivals =
        HttpEvents.read(EventAnswers.headers(request), body == null ? new byte[0] : body);
    Principal principal = caller.principal();
    admission.count(principal.tenant(), principal.actor(), Math.max(1, arrivals.size()));
    if (arrivals.stream().anyMatch(Arrival::beginsWork)) {
      admission.refuseBehind();
    } else {
      admission.refuseFull();
    }
    return answers.take(
        arrivals,
        SourceCheck.ofKey(
            integrations, registered.forRequest(), access, principal, caller.remoteAddress()));
  }
}
