/// Answers to waiting callers. Depends on `dev.nexus.event` only.
@NullMarked
package dev.nexus.event.reply;

import org.jspecify.annotations.NullMarked;
