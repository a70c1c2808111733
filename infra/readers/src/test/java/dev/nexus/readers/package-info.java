/// Programs of others read the log of a real platform, with the statements that `docs/analytics.md`
/// gives. Depends on everything.
@NullMarked
package dev.nexus.readers;

import org.jspecify.annotations.NullMarked;
