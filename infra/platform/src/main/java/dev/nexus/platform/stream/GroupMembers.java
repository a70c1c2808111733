package dev.nexus.platform.stream;

import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/// How many members groups have. What the brokers do not answer is an `ExecutionException`, never a
/// group without members.
public final class GroupMembers {
  private GroupMembers() {}

  /// @param group as the brokers name it
  public static int ofConsumerGroup(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    try {
      var described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
      return described == null ? 0 : described.members().size();
    } catch (ExecutionException e) {
      requireNobodyCame(e);
      return 0;
    }
  }

  /// @param group as the brokers name it
  public static int ofShareGroup(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    try {
      var described = admin.describeShareGroups(List.of(group)).all().get().get(group);
      return described == null ? 0 : described.members().size();
    } catch (ExecutionException e) {
      requireNobodyCame(e);
      return 0;
    }
  }

  /// A group that nobody ever joined is not there, which is an answer; every other failure is none
  /// and is thrown on.
  static void requireNobodyCame(ExecutionException e) throws ExecutionException {
    if (!(e.getCause() instanceof GroupIdNotFoundException)) {
      throw e;
    }
  }
}
