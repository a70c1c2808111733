/// The demonstration: the sample's real webhooks against a platform in this process, told live and
/// summed up from the log. Depends on `standalone.run`, `standalone.verb`, the contract and, alone
/// in production code, on the scripted model.
@NullMarked
package dev.nexus.standalone.demo;

import org.jspecify.annotations.NullMarked;
