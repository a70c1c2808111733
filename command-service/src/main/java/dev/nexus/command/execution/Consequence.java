package dev.nexus.command.execution;

import dev.nexus.event.ExecutionId;
import dev.nexus.event.NameIds;
import dev.nexus.event.execution.ExecutionEvent.TaskRequested;
import dev.nexus.event.reply.ReplyEvent;
import dev.nexus.event.task.TaskKey;
import java.util.UUID;

/// What goes out because of a fact.
public sealed interface Consequence {
  UUID eventId(ExecutionId execution);

  /// A task for its lane.
  record AssignTask(TaskRequested request) implements Consequence {
    @Override
    public UUID eventId(ExecutionId execution) {
      return request.task().eventId(execution, "task");
    }
  }

  /// News that a task is not wanted any more.
  record CancelTask(TaskKey task, String reason) implements Consequence {
    @Override
    public UUID eventId(ExecutionId execution) {
      return task.eventId(execution, "cancel");
    }
  }

  /// News for an execution that it has its turn, because of the fact with `sequence` of its line.
  record GrantTurn(ExecutionId member, long sequence) implements Consequence {
    @Override
    public UUID eventId(ExecutionId line) {
      return NameIds.uuid5("turn", line.toString(), member.toString(), Long.toString(sequence));
    }
  }

  /// News for who waits for it, as a line does, that an execution has ended, because of its fact
  /// with `sequence`.
  record ReportEnd(ExecutionId to, long sequence) implements Consequence {
    @Override
    public UUID eventId(ExecutionId execution) {
      return NameIds.uuid5("end", execution.toString(), to.toString(), Long.toString(sequence));
    }
  }

  /// An answer to one waiting caller, because of the fact with `sequence`.
  record Reply(int partition, ReplyEvent reply, long sequence) implements Consequence {
    @Override
    public UUID eventId(ExecutionId execution) {
      return NameIds.uuid5(
          "reply", execution.toString(), reply.replyInstance(), Long.toString(sequence));
    }
  }
}
