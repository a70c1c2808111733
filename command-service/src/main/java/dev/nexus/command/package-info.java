/// The write side as one module of a process: which of its parts there are. Depends on all of them.
@NullMarked
package dev.nexus.command;

import org.jspecify.annotations.NullMarked;
