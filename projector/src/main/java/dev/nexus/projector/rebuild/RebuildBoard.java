package dev.nexus.projector.rebuild;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/// What all instances know about the rebuild: who does it, how far it is, whether it should end.
/// Whoever holds the lease works. Two may believe they do, when one was paused for longer than it
/// lasts: a batch is still applied at the one position it was made for, so nothing is applied
/// twice. And each lease has a greater number than those before, by which the shadows tell its
/// holder from earlier ones.
final class RebuildBoard implements AutoCloseable {
  /// A killed instance is missed after this.
  static final Duration LEASE = Duration.ofSeconds(5);

  private static final String PROLONG =
      "return redis.call('GET', KEYS[1]) == ARGV[1]"
          + " and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0";
  private static final String RELEASE =
      "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0";

  private final StatefulRedisConnection<String, String> connection;
  private final String board;
  private final String lease;

  /// Not the instance alone, which may have begun two of them.
  private final String holder;

  private long number;
  private boolean lost;

  /// @param name of the board, the same for all instances of an installation
  RebuildBoard(RedisClient client, String name, String instance) {
    this.connection = client.connect();
    this.board = "_:" + name;
    this.lease = board + ":lease";
    this.holder = instance + "/" + UUID.randomUUID();
  }

  /// Takes the lease; false while another has it.
  boolean take() {
    if (connection.sync().exists(lease) == 1) {
      return false;
    }
    // Drawn first: one that is drawn with the lease in hand may be drawn when it has ended.
    long drawn = connection.sync().hincrby(board, "leases", 1);
    if (connection.sync().set(lease, holder, SetArgs.Builder.nx().px(LEASE.toMillis())) == null) {
      return false;
    }
    number = drawn;
    return true;
  }

  /// Number of the lease that is or was held.
  long number() {
    return number;
  }

  /// Keeps the lease; false when another has taken it, from then on for ever. One that is gone is
  /// taken again.
  boolean keep() {
    lost = lost || (!own(PROLONG, Long.toString(LEASE.toMillis())) && !take());
    return !lost;
  }

  void release() {
    own(RELEASE);
  }

  private boolean own(String script, String... more) {
    String[] arguments = new String[more.length + 1];
    arguments[0] = holder;
    System.arraycopy(more, 0, arguments, 1, more.length);
    Long done =
        connection.sync().eval(script, ScriptOutputType.INTEGER, new String[] {lease}, arguments);
    return done != null && done == 1;
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
