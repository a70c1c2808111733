package dev.nexus.executor.wasm;

import dev.nexus.executor.code.CodeOutcome.Failure;
import dev.nexus.executor.code.Script;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Scripts as they are after loading, those that were used last. What it holds is bounded by bytes,
/// as one script may have filled its memory with tables and another one has none.
final class ScriptCache {
  private static final long BYTES_KEPT = 64L << 20;
  private static final int SCRIPTS_KEPT = 256;

  /// A script as it is after loading, or why it does not load.
  sealed interface Loaded {
    record Ready(MemorySnapshot snapshot) implements Loaded {}

    record Broken(Failure failure) implements Loaded {}
  }

  private final Map<Script, Loaded> loaded = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  synchronized @Nullable Loaded get(Script script) {
    return loaded.get(script);
  }

  synchronized void put(Script script, Loaded made) {
    Loaded before = loaded.put(script, made);
    bytes += bytes(script, made) - (before == null ? 0 : bytes(script, before));
    var eldest = loaded.entrySet().iterator();
    while ((bytes > BYTES_KEPT || loaded.size() > SCRIPTS_KEPT) && loaded.size() > 1) {
      Map.Entry<Script, Loaded> gone = eldest.next();
      bytes -= bytes(gone.getKey(), gone.getValue());
      eldest.remove();
    }
  }

  private static long bytes(Script script, Loaded made) {
    long own = made instanceof Loaded.Ready(var snapshot) ? snapshot.ownBytes() : 0;
    return own + 2L * script.source().length();
  }
}
