/// Programs of applications that go on running, one container each: begun, watched, begun again,
/// spoken to. What there is to be done is said by a pure planner. Depends on `container` for the
/// engine.
@NullMarked
package dev.nexus.executor.service;

import org.jspecify.annotations.NullMarked;
