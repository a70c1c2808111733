package dev.nexus.command.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.nexus.platform.http.Problem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.micronaut.http.HttpStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  @Test
  void shouldSayWhenToTryAgain() throws Exception {
    // Given
    Problem problem =
        Problem.of(HttpStatus.TOO_MANY_REQUESTS, "backlog", "router is behind")
            .retryAfter(Duration.ofMillis(2_500));

    // When
    StatusRuntimeException refusal = Refusals.of(problem.exception());

    // Then
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    var details = StatusProto.fromThrowable(refusal).getDetailsList();
    assertThat(details.get(0).unpack(ErrorInfo.class).getReason()).isEqualTo("backlog");
    var delay = details.get(1).unpack(RetryInfo.class).getRetryDelay();
    assertThat(delay.getSeconds()).isEqualTo(2);
    assertThat(delay.getNanos()).isEqualTo(500_000_000);
  }

  @Test
  void shouldSayThatAFullDiskIsNoFaultOfOurs() {
    // Given
    Problem problem = Problem.of(HttpStatus.INSUFFICIENT_STORAGE, "disk-full", "no room");

    // When
    StatusRuntimeException refusal = Refusals.of(problem.exception());

    // Then
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }
}
