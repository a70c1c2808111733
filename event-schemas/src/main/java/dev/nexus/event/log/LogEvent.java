package dev.nexus.event.log;

import dev.nexus.event.Doc;
import dev.nexus.event.Json;

/// Log lines of the services, on `nexus.logs`: best effort, so lines may be missing and none is
/// ever waited for. What must not be lost is a fact on another topic.
public sealed interface LogEvent {

  record LineLogged(
      @Doc("ERROR, WARN or INFO.") String level,
      @Doc("Class that logged it.") String logger,
      @Doc("Process that logged it.") String instance,
      @Doc("Its thread.") String thread,
      @Doc("What happened.") String message,
      @Doc("Details: a JSON object of texts.") Json details,
      @Doc("Stack trace of what was thrown; absent for none.") String stackTrace)
      implements LogEvent {}

  /// Lines that the log did not get; the local file of the process has them.
  record LinesDropped(
      @Doc("Process that dropped them.") String instance,
      @Doc("How many since it last said so.") long lines)
      implements LogEvent {}
}
