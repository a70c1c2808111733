/// Contents that are too large for the log, kept by digest in a directory that every process of the
/// installation shares. Depends on `dev.nexus.event`, `platform.config` and `platform.stream`.
@NullMarked
package dev.nexus.platform.blob;

import org.jspecify.annotations.NullMarked;
