package dev.nexus.event;

/// One record of a topic: what happened (`body`, a record of the topic's sealed hierarchy) and the
/// columns that all topics share.
public record Event<E>(Envelope envelope, E body) {}
