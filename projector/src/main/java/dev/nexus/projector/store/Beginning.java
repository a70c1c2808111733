package dev.nexus.projector.store;

/// How a generation of a partition begins.
///
/// @param since position of the first record that may be in it
/// @param mark its name, and where its fold begins
/// @param goal position from which on it has all that there was to fold when it began; until then
///     what is missing may exist
public record Beginning(long since, Mark mark, long goal) {}
