package dev.nexus.projector.rebuild;

import io.lettuce.core.RedisClient;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Map;

/// What all instances know about the rebuild: who does it, how far it is, whether it should end.
/// Whoever holds the lease works; should two ever believe they do, a batch is still applied at the
/// one position it was made for, so nothing is applied twice.
final class RebuildBoard implements AutoCloseable {
  /// A killed instance is missed after this.
  static final Duration LEASE = Duration.ofSeconds(5);

  private final StatefulRedisConnection<String, String> connection;
  private final String board;
  private final String lease;
  private final String instance;

  /// @param name of the board, the same for all instances of an installation
  RebuildBoard(RedisClient client, String name, String instance) {
    this.connection = client.connect();
    this.board = "_:" + name;
    this.lease = board + ":lease";
    this.instance = instance;
  }

  /// Takes the lease; false while another has it.
  boolean take() {
    return connection.sync().set(lease, instance, SetArgs.Builder.nx().px(LEASE.toMillis()))
        != null;
  }

  /// Keeps the lease; false when another has taken it. One that is gone is taken again.
  boolean keep() {
    if (instance.equals(connection.sync().get(lease))) {
      connection.sync().pexpire(lease, LEASE.toMillis());
      return true;
    }
    return take();
  }

  void release() {
    if (instance.equals(connection.sync().get(lease))) {
      connection.sync().del(lease);
    }
  }

  /// A new rebuild, which nobody has asked to end yet.
  void begin(RebuildStatus status) {
    connection.sync().hdel(board, "stop");
    write(status);
  }

  void write(RebuildStatus status) {
    connection.sync().hset(board, Map.of("status", status.json().toString()));
  }

  RebuildStatus read() {
    String text = connection.sync().hget(board, "status");
    if (text == null) {
      return RebuildStatus.none();
    }
    RebuildStatus status = RebuildStatus.parse(text);
    boolean alone = !status.state().over() && connection.sync().exists(lease) == 0;
    return alone ? status.with(RebuildStatus.State.INTERRUPTED) : status;
  }

  void askToStop() {
    connection.sync().hset(board, "stop", "1");
  }

  boolean askedToStop() {
    return connection.sync().hexists(board, "stop");
  }

  @Override
  public void close() {
    connection.close();
  }
}
