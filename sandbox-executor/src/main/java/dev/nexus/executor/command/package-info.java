/// `core.linux.executeCommand`: what is asked for, whether the application allows it, and having it
/// run. Depends on `code`, by which a container of a pool is reached, on `work`, on
/// `platform.command` for what arguments may be, and on `platform.security` for the audit.
@NullMarked
package dev.nexus.executor.command;

import org.jspecify.annotations.NullMarked;
