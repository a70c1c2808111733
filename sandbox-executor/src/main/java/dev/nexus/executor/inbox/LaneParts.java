package dev.nexus.executor.inbox;

/// What every lane of this process shares.
public record LaneParts(
    TaskIntake intake,
    TaskRunner runner,
    RunningTasks tasks,
    Outcomes outcomes,
    LeaseKeeper leases) {}
