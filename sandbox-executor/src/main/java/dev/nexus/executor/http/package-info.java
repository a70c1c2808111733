/// HTTP/1.1 over the unix sockets of containers: what is read there was written by programs of
/// tenants, so that everything is bounded. Depends on nothing else.
@NullMarked
package dev.nexus.executor.http;

import org.jspecify.annotations.NullMarked;
