package dev.nexus.projector.rebuild;

import dev.nexus.platform.http.HttpCaller;
import dev.nexus.platform.security.Action;
import dev.nexus.platform.security.Resource;
import dev.nexus.projector.query.Problems;
import io.lettuce.core.RedisException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Begins, shows and ends the rebuild of projections, for operators who look after all tenants.
/// Any instance may be asked, whichever does the work.
@Controller("/v1/projections/rebuild")
@ExecuteOn(TaskExecutors.BLOCKING)
public final class RebuildController {
  private static final Logger LOG = LoggerFactory.getLogger(RebuildController.class);

  private final Rebuilds rebuilds;

  public RebuildController(Rebuilds rebuilds) {
    this.rebuilds = rebuilds;
  }

  @Post
  HttpResponse<String> begin(HttpCaller caller, @QueryValue Optional<String> projections) {
    caller.require(Action.OPERATE, new Resource.Tenants());
    return answer(
        HttpStatus.ACCEPTED,
        () -> rebuilds.begin(VerifyController.named(projections, rebuilds.names())));
  }

  @Get
  HttpResponse<String> status(HttpCaller caller) {
    caller.require(Action.OPERATE, new Resource.Tenants());
    return answer(HttpStatus.OK, rebuilds::status);
  }

  @Delete
  HttpResponse<String> stop(HttpCaller caller) {
    caller.require(Action.OPERATE, new Resource.Tenants());
    return answer(HttpStatus.OK, rebuilds::stop);
  }

  private static HttpResponse<String> answer(HttpStatus status, Supplier<RebuildStatus> asked) {
    RebuildStatus body;
    try {
      body = asked.get();
    } catch (RedisException e) {
      LOG.atWarn().setCause(e).log("Redis did not answer about a rebuild");
      throw Problems.storeSilent(e);
    }
    return HttpResponse.<String>status(status)
        .body(body.json().toString())
        .contentType(MediaType.APPLICATION_JSON_TYPE);
  }
}
