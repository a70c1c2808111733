package dev.nexus.executor.code;

import dev.nexus.event.TenantId;
import java.util.List;

/// What is to be run: something with a function `handle(input)`, a module that is one, or a program
/// that the image of a pool has.
public sealed interface Program {
  /// Whose it is: what is kept of a program between calls is never shared with others.
  TenantId tenant();

  /// Code that defines `handle`.
  record Script(TenantId tenant, Language language, String source) implements Program {}

  /// A WebAssembly module, which reads its input and writes its output.
  ///
  /// @param base64 its bytes: the text of the definition as it is, so that calls need not decode it
  record Module(TenantId tenant, String base64) implements Program {
    /// What a definition names as the language of one.
    public static final String LANGUAGE = "wasm";
  }

  /// What the image of a pool brings along as its handler.
  record ImageHandler(TenantId tenant) implements Program {}

  /// A program in the image of a pool, which is run as it is and knows nothing of the input.
  ///
  /// @param path full path
  record Command(TenantId tenant, String path, List<String> args) implements Program {
    public Command {
      args = List.copyOf(args);
    }
  }
}
