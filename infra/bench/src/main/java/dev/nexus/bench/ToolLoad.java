package dev.nexus.bench;

import dev.nexus.executor.code.Tools;
import java.nio.charset.StandardCharsets;

/// The measured function, which asks for its result: what is left is the way to a tool and back.
final class ToolLoad {
  static final String JAVA_SCRIPT =
      "async function handle(input) { return await tool('sum', input); }";
  static final String PYTHON = "def handle(input):\n  return tool('sum', input)";

  private static final byte[] ANSWER =
      """
      {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"%s"}],"isError":false,
       "_meta":{"dev.nexus/output":"json"}}}
      """
          .formatted(SandboxBenchmark.OUTPUT.text().replace("\"", "\\\""))
          .getBytes(StandardCharsets.UTF_8);

  /// A tool that knows the answer.
  static final Tools AT_ONCE = (_, _, _, _) -> new Tools.Reply(200, ANSWER);

  private ToolLoad() {}
}
