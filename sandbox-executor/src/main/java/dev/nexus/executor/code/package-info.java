/// Code as work: what it is given, how it is bounded, what comes of it. Depends on `work` and
/// `event-schemas`; engines stand behind `CodeRunner`.
@NullMarked
package dev.nexus.executor.code;

import org.jspecify.annotations.NullMarked;
