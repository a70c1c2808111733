/// What the arguments of commands may be: read where an application is applied, and held to where a
/// command is run. Depends on `event-schemas` and on RE2/J, which matches in linear time.
@NullMarked
package dev.nexus.platform.command;

import org.jspecify.annotations.NullMarked;
