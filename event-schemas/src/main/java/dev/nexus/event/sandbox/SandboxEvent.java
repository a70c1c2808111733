package dev.nexus.event.sandbox;

import dev.nexus.event.Doc;
import dev.nexus.event.task.TaskKey;
import java.time.Duration;

/// What becomes of the containers of pools and of services, on `nexus.sandboxes`, told by the
/// executors that run them. Key: tenant/app/pool or tenant/app/service. An executor that dies may
/// leave a container without its end here, until another finds it. What is told of a call names its
/// execution in the envelope.
public sealed interface SandboxEvent {
  String instance();

  String executor();

  /// A container is ready for calls.
  record InstanceStarted(
      @Doc("Pool of the application.") String pool,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that runs it.") String executor,
      @Doc("Image that it was made from.") String image,
      @Doc("Time from the request for it until it was ready, milliseconds.") Duration took)
      implements SandboxEvent {}

  /// A container was given to a task, and to no other until it is released.
  record InstanceAllocated(
      @Doc("Pool of the application.") String pool,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that runs it.") String executor,
      TaskKey task,
      @Doc("Time that the task waited for a container, milliseconds.") Duration waited)
      implements SandboxEvent {}

  /// The task has done with the container.
  record InstanceReleased(
      @Doc("Pool of the application.") String pool,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that runs it.") String executor,
      TaskKey task,
      @Doc("What came of the task: succeeded, deoptimised, or the failure class.") String result,
      @Doc("Time that the task had the container, milliseconds.") Duration used)
      implements SandboxEvent {}

  /// A container is there no longer, or never came to be.
  record InstanceEnded(
      @Doc("Pool of the application.") String pool,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that ran it.") String executor,
      @Doc("Kind of end.") EndReason reason,
      @Doc("What happened, for a person.") String detail,
      @Doc("Calls that it answered.") long calls)
      implements SandboxEvent {}

  /// The container of a service runs. Whether it is of use is not known yet.
  record ServiceStarted(
      @Doc("Service of the application.") String service,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that runs it.") String executor,
      @Doc("Image that it was made from.") String image,
      @Doc("Whether that is the fallback image.") boolean fallback,
      @Doc("Starts before this one since it was last well for some minutes.") int restarts)
      implements SandboxEvent {}

  /// A service does its work: for the first time after a start.
  record ServiceHealthy(
      @Doc("Service of the application.") String service,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that runs it.") String executor,
      @Doc("Time from the request for it until it was ready, milliseconds.") Duration took)
      implements SandboxEvent {}

  /// The container of a service is there no longer, or never came to be.
  record ServiceEnded(
      @Doc("Service of the application.") String service,
      @Doc("Name of the container.") String instance,
      @Doc("Executor that ran it.") String executor,
      @Doc("Kind of end.") EndReason reason,
      @Doc("What happened, for a person.") String detail,
      @Doc("Exit code of its program; 137 where it was killed, 0 where it never ran.") int exitCode,
      @Doc("Image that it was made from.") String image,
      @Doc("Whether that is the fallback image.") boolean fallback,
      @Doc("Starts before this one since it was last well for some minutes.") int restarts,
      @Doc("Time until it is begun again, milliseconds; 0 where it is at once or never.")
          Duration pause)
      implements SandboxEvent {}

  /// Why a container is there no longer.
  enum EndReason {
    /// Nothing was to be done for a while, and the pool keeps fewer ready.
    IDLE,
    /// It had its share of calls or time; another takes its place.
    RECYCLED,
    /// Its version of the application or its pool is not wanted any more.
    DRAINED,
    /// It no longer answered when asked whether it is well.
    UNHEALTHY,
    /// It ended by itself.
    CRASHED,
    /// It wanted more memory than it may have.
    OUT_OF_MEMORY,
    /// It was ended because its call took too long or was cancelled.
    KILLED,
    /// The executor that ran it is gone; another found it.
    ORPHANED,
    /// It never became ready.
    FAILED_TO_START,
    /// It was not begun, as those that run take all that they may.
    REFUSED,
    /// Its executor stopped.
    SHUTDOWN,
    /// Its definition changed; another takes its place.
    REPLACED,
    /// No current definition has it.
    REMOVED,
    /// Another executor runs it now.
    MOVED
  }
}
