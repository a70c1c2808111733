package dev.nexus.command.rpc;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.nexus.platform.http.Fault;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import dev.nexus.platform.http.ProblemResponses;
import dev.nexus.platform.security.AccessRefusedException;
import dev.nexus.platform.stream.RequestNotAcceptedException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What went wrong, as gRPC says it: a status code, a sentence, and details for machines.
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final String DOMAIN = "nexus";

  private Refusals() {}

  /// Any failure of a call. What nobody foresaw is logged whole and told by its incident only.
  static StatusRuntimeException of(Throwable failure) {
    return switch (failure) {
      case StatusRuntimeException status -> status;
      case ProblemException problem -> of(problem.problem());
      case AccessRefusedException refused -> of(refused);
      case RequestNotAcceptedException unavailable ->
          Status.UNAVAILABLE.withDescription(unavailable.getMessage()).asRuntimeException();
      default -> unexpected(failure);
    };
  }

  private static StatusRuntimeException of(AccessRefusedException refused) {
    return switch (refused.kind()) {
      case UNAUTHENTICATED ->
          Status.UNAUTHENTICATED.withDescription(refused.getMessage()).asRuntimeException();
      case FORBIDDEN ->
          Status.PERMISSION_DENIED.withDescription(refused.getMessage()).asRuntimeException();
      case TOO_OFTEN -> of(ProblemResponses.tooOften(refused));
    };
  }

  static StatusRuntimeException invalid(String field, String expected, String found) {
    Fault fault = Fault.at("/" + field, "not usable", expected, found);
    return invalid(fault.sentence(), List.of(fault));
  }

  /// Each fault is a violation; its field is a JSON Pointer into the input.
  static StatusRuntimeException invalid(String message, List<Fault> faults) {
    BadRequest.Builder violations = BadRequest.newBuilder();
    for (Fault fault : faults) {
      violations
          .addFieldViolationsBuilder()
          .setField(fault.pointer())
          .setDescription(fault.sentence());
    }
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage(message)
            .addDetails(Any.pack(violations.build()))
            .build());
  }

  private static StatusRuntimeException of(Problem problem) {
    if (!problem.errors().isEmpty()) {
      return invalid(problem.detail(), problem.errors());
    }
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(problem.status().getCode()).getNumber())
            .setMessage(problem.detail())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setDomain(DOMAIN)
                        .setReason(problem.kind())
                        .putMetadata("nearest", String.join(",", problem.nearest()))
                        .build()));
    if (problem.retryAfter().isPositive()) {
      status.addDetails(Any.pack(retry(problem.retryAfter())));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static RetryInfo retry(Duration time) {
    return RetryInfo.newBuilder()
        .setRetryDelay(
            com.google.protobuf.Duration.newBuilder()
                .setSeconds(time.toSeconds())
                .setNanos(time.toNanosPart()))
        .build();
  }

  /// The code that says what an HTTP status says.
  static Code code(int httpStatus) {
    return switch (httpStatus) {
      case 400, 422 -> Code.INVALID_ARGUMENT;
      case 401 -> Code.UNAUTHENTICATED;
      case 403 -> Code.PERMISSION_DENIED;
      case 404 -> Code.NOT_FOUND;
      case 409 -> Code.FAILED_PRECONDITION;
      case 413, 429, 507 -> Code.RESOURCE_EXHAUSTED;
      case 503 -> Code.UNAVAILABLE;
      case 504 -> Code.DEADLINE_EXCEEDED;
      default -> Code.INTERNAL;
    };
  }

  private static StatusRuntimeException unexpected(Throwable failure) {
    String incident = UUID.randomUUID().toString();
    LOG.atError().setCause(failure).addKeyValue("incident", incident).log("gRPC call failed");
    return Status.INTERNAL
        .withDescription(
            "something failed here that should not; the log tells more under incident " + incident)
        .asRuntimeException();
  }
}
