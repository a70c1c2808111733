package dev.nexus.executor.container;

import java.time.Duration;
import java.util.List;

/// What a pool is at one moment.
///
/// @param least instances that are kept although nobody asks
/// @param most instances that may be there at once
/// @param room instances that may be begun before the executor has as many as it may
/// @param waiting calls that wait for an instance
/// @param oldestWait how long the first of them has
/// @param draining whether no current definition has the pool: what is idle goes
record PoolView(
    int least,
    int most,
    int room,
    List<Member> members,
    int waiting,
    Duration oldestWait,
    boolean draining) {

  /// @param calls it has answered
  /// @param idle how long it has had nothing to do; zero while it is not idle
  record Member(String instance, State state, long calls, Duration idle) {}

  enum State {
    STARTING,
    IDLE,
    BUSY
  }

  int count(State state) {
    return (int) members.stream().filter(member -> member.state() == state).count();
  }
}
