/// gRPC as an edge: the service `nexus.v1.Executions`. Depends on the generated stubs,
/// `platform.call`, `platform.security`, gRPC and Micronaut, whose annotations are allowed here.
@NullMarked
package dev.nexus.command.rpc;

import org.jspecify.annotations.NullMarked;
