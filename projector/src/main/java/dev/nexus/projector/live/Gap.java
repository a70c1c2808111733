package dev.nexus.projector.live;

/// What a listener misses that goes on from a position.
///
/// @param deleted places of the log behind the position that are too old to be on it
/// @param lostEnds partitions that have lost their end since: what was heard last is not there any
///     more, and what came in its place is heard from `from` on only
/// @param from where it goes on; who comes back with it misses nothing more, and is told of no gap
public record Gap(long deleted, int lostEnds, StreamPosition from) {}
