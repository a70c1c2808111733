/// The owner of runtime values: reads what is asked, has it decided, and writes facts and answers.
/// Depends on `value`, the contract and the platform.
@NullMarked
package dev.nexus.command.valueowner;

import org.jspecify.annotations.NullMarked;
