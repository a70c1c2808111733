package dev.nexus.command.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.command.api.Invocations.Asked;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.platform.call.Call;
import dev.nexus.platform.call.CallLimits;
import dev.nexus.platform.call.ExecutionCaller;
import dev.nexus.platform.call.PendingReply;
import dev.nexus.platform.http.HttpCaller;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs components. The body is the input; the answer comes at once when it is there in time.
@Controller("/v1/apps/{app}/components/{component}/invoke")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class InvocationController {
  private final Invocations invocations;
  private final ExecutionCaller executions;
  private final Answers answers;
  private final ProgressStreams streams;

  public InvocationController(
      Invocations invocations,
      ExecutionCaller executions,
      Answers answers,
      ProgressStreams streams) {
    this.invocations = invocations;
    this.executions = executions;
    this.answers = answers;
    this.streams = streams;
  }

  /// `Accept: text/event-stream` asks for every fact of the execution until it ends.
  @Post
  @Produces({MediaType.APPLICATION_JSON, MediaType.TEXT_EVENT_STREAM})
  HttpResponse<?> invoke(
      HttpCaller caller,
      HttpRequest<?> request,
      String app,
      String component,
      @QueryValue Optional<String> wait,
      @Nullable @Body String body) {
    boolean streamed = request.accept().contains(MediaType.TEXT_EVENT_STREAM_TYPE);
    Duration patience =
        Bodies.duration(
            "wait",
            wait,
            CallLimits.LONGEST_WAIT,
            streamed ? CallLimits.LONGEST_WAIT : CallLimits.WAIT);
    Call call = call(caller, request, app, component, body);
    return streamed
        ? HttpResponse.ok(streams.follow(call, patience))
            .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
        : await(call, patience);
  }

  private HttpResponse<String> await(Call call, Duration patience) {
    try (PendingReply pending = executions.invoke(call)) {
      Optional<ReplyEvent> reply = pending.await(patience);
      var tenant = call.origin().tenant();
      if (reply.isPresent()) {
        return Answers.json(
            HttpStatus.OK, answers.result(tenant, pending.executionId(), reply.get()));
      }
      ObjectNode running = answers.accepted(tenant, pending.executionId(), "running");
      return Answers.json(HttpStatus.ACCEPTED, running)
          .header(HttpHeaders.LOCATION, "/v1/executions/" + pending.executionId());
    }
  }

  private Call call(
      HttpCaller caller,
      HttpRequest<?> request,
      String app,
      String component,
      @Nullable String body) {
    HttpHeaders headers = request.getHeaders();
    return invocations.call(
        caller,
        new Asked(
            app,
            component,
            Bodies.json(body),
            Bodies.duration(
                "timeout",
                request.getParameters().getFirst("timeout"),
                CallLimits.LONGEST_TIMEOUT,
                Duration.ZERO),
            headers.getFirst("Idempotency-Key", String.class),
            request.getParameters().getFirst("after"),
            headers.getFirst("traceparent", String.class).orElse("")));
  }
}
