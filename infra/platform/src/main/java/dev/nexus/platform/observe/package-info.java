/// What the process says about itself, on the log. Depends on the contract, `platform.service`,
/// `platform.stream` and logback.
@NullMarked
package dev.nexus.platform.observe;

import org.jspecify.annotations.NullMarked;
