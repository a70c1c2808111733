/// Models behind an OpenAI-compatible API: one call, its cost, its failures, and a circuit that
/// spares a model in trouble. Depends on `event-schemas`, `openai-java` and Micrometer.
@NullMarked
package dev.nexus.executor.model;

import org.jspecify.annotations.NullMarked;
