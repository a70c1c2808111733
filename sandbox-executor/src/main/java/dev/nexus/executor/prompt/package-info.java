/// Prompts as work: a template is rendered, a model asked, its answer checked and, within bounds,
/// repaired. Depends on `model`, `schema`, `work`, `event-schemas` and Jinjava.
@NullMarked
package dev.nexus.executor.prompt;

import org.jspecify.annotations.NullMarked;
