/// Expressions over outside events, in CEL: checked when an application is applied, evaluated
/// within bounds when an event comes. Depends on the contract, the platform's
/// nearest names and CEL.
@NullMarked
package dev.nexus.command.expression;

import org.jspecify.annotations.NullMarked;
