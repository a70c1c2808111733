/// QuickJS in WebAssembly: a script is loaded once, its memory is frozen, and every call runs in a
/// new instance over a copy-on-write view of it. Depends on `code` and the WebAssembly runtime.
@NullMarked
package dev.nexus.executor.wasm;

import org.jspecify.annotations.NullMarked;
