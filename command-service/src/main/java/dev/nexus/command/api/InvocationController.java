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
      @QueryValue Optional<String> timeout,
      @QueryValue Optional<String> after,
      @Nullable @Body String body) {
    boolean streamed = request.accept().contains(MediaType.TEXT_EVENT_STREAM_TYPE);
    Duration patience =
        Bodies.duration(
            "wait",
            wait,
            CallLimits.LONGEST_WAIT,
            streamed ? CallLimits.LONGEST_WAIT : CallLimits.WAIT);
    HttpHeaders headers = request.getHeaders();
    Call call =
        invocations.call(
            caller,
            new Asked(
                app,
                component,
                Bodies.json(body),
                Bodies.duration("timeout", timeout, CallLimits.LONGEST_TIMEOUT, Duration.ZERO),
                headers.getFirst("Idempotency-Key", String.class),
                after,
                headers.getFirst("traceparent", String.class).orElse("")));
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
}
