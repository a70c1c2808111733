package dev.nexus.executor.wasm;

import dev.nexus.executor.code.Program;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/// Programs as they are after loading, those that were used last, or why they do not load. What it
/// holds is bounded by bytes, as one script may have filled its memory with tables and another one
/// has none.
///
/// @param <P> what they are known by: tenant and text, so that nothing is shared between tenants
/// @param <L> what is kept of one
final class ProgramCache<P extends Program, L> {
  private static final long BYTES_KEPT = 64L << 20;
  private static final int PROGRAMS_KEPT = 256;

  private final Map<P, L> loaded = new LinkedHashMap<>(16, 0.75f, true);
  private final ToLongBiFunction<P, L> size;
  private long bytes;

  ProgramCache(ToLongBiFunction<P, L> size) {
    this.size = size;
  }

  synchronized @Nullable L get(P program) {
    return loaded.get(program);
  }

  synchronized void put(P program, L made) {
    L before = loaded.put(program, made);
    bytes +=
        size.applyAsLong(program, made) - (before == null ? 0 : size.applyAsLong(program, before));
    var eldest = loaded.entrySet().iterator();
    while ((bytes > BYTES_KEPT || loaded.size() > PROGRAMS_KEPT) && loaded.size() > 1) {
      Map.Entry<P, L> gone = eldest.next();
      bytes -= size.applyAsLong(gone.getKey(), gone.getValue());
      eldest.remove();
    }
  }
}
