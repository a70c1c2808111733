package dev.nexus.executor.inbox;

/// What one lane of this process works with. `tasks` are its own, also within `intake` and
/// `runner`; outcomes and leases are shared by all lanes.
public record LaneParts(
    TaskIntake intake,
    TaskRunner runner,
    RunningTasks tasks,
    Outcomes outcomes,
    LeaseKeeper leases) {}
