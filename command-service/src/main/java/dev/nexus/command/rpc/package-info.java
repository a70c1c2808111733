/// gRPC as an edge: the services `nexus.v1.Executions` and `nexus.v1.Events`. Depends on the
/// generated stubs, `access`, `intake`, `platform.call`, `platform.admission`,
/// `platform.security`, CloudEvents, gRPC and Micronaut, whose annotations are allowed here.
@NullMarked
package dev.nexus.command.rpc;

import org.jspecify.annotations.NullMarked;
