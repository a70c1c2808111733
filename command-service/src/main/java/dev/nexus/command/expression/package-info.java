/// Expressions over outside events, in CEL: checked when an application is applied, evaluated
/// within bounds when an event comes. Depends on the contract and on CEL.
@NullMarked
package dev.nexus.command.expression;

import org.jspecify.annotations.NullMarked;
