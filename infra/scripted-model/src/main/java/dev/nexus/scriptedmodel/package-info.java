/// A model server that answers from scripts: the chat completions protocol over HTTP, with seeded
/// latency, errors and mistakes. Depends on Jackson and the JDK only.
@NullMarked
package dev.nexus.scriptedmodel;

import org.jspecify.annotations.NullMarked;
