/// Applications as people write them: files read with their lines and columns, checked whole,
/// normalised, and kept in Git. Depends on `expression`, the contract, SnakeYAML, JGit and the
/// faults and schema checks of the platform.
@NullMarked
package dev.nexus.command.definition;

import org.jspecify.annotations.NullMarked;
