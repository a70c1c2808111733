package dev.nexus.executor.container;

/// What a call may do with the second socket of its container. `ask` is the status of an answer,
/// or what the connection came to.
enum ToolAbuse {
  OTHER_PATHS("guessing paths of other calls", "return ask('/mcp/0000000000000000', CALL)"),
  MANY_PATHS(
      "guessing a thousand paths",
      "return sorted({ask('/mcp/%016x' % n, CALL) for n in range(1000)})[0]"),
  NO_PATH("asking for what is there", "return ask('/', CALL)"),
  OTHER_METHODS("other methods than POST", "return ask(mine(), '', 'GET')"),
  LONG_MESSAGE("saying that a message is huge", "return ask(mine(), '', length=2 << 20)"),
  ENDLESS_MESSAGE(
      "a message without an end",
      "s = connected()\n  s.sendall(b'POST / HTTP/1.1\\r\\nContent-Length: 999999999999\\r\\n\\r\\n')\n  return flood(s, b'x' * 65536)"),
  ENDLESS_HEAD(
      "a head without an end",
      "s = connected()\n  s.sendall(b'POST / HTTP/1.1\\r\\n')\n  return flood(s, b'a: b\\r\\n' * 9999)"),
  NO_HTTP(
      "what is no HTTP", "s = connected()\n  s.sendall(b'\\0\\xff\\n\\n' * 9)\n  return status(s)"),
  CHUNKS(
      "a message of chunks",
      "s = connected()\n  s.sendall(f'POST {mine()} HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n'.encode())\n  return status(s)"),
  NEGATIVE_LENGTH("a length that is none", "return ask(mine(), '', length='-1')"),
  MANY_CONNECTIONS(
      "a hundred connections that say nothing, and end",
      "for s in [connected_or_none() for _ in range(100)]:\n    if s: s.close()\n  return ask(mine(), CALL)"),
  HALF_OPEN(
      "connections that it does not close",
      "kept.extend(connected_or_none() for _ in range(100))\n  return ask(mine(), CALL)"),
  HALF_A_MESSAGE(
      "half a message, and its end",
      "s = connected()\n  s.sendall(f'POST {mine()} HTTP/1.1\\r\\nContent-Length: 99\\r\\n\\r\\nx'.encode())\n  s.shutdown(socket.SHUT_WR)\n  return status(s)"),
  MANY_MESSAGES(
      "messages without an end",
      "while True:\n    said = ask(mine(), CALL)\n    if said != '200': return said"),
  UNLINK("removing it", "os.unlink('/run/nexus/mcp.sock')"),
  IN_ITS_PLACE(
      "another socket in its place", "socket.socket(socket.AF_UNIX).bind('/run/nexus/mcp.sock.2')"),
  LEFT_BEHIND(
      "a process that goes on asking behind its call",
      """
      path = mine()
        if os.fork() == 0:
          os.setsid()
          while True:
            try: ask(path, CALL.replace('mine', 'behind'))
            except OSError: pass
        return ask(path, CALL)\
      """);

  /// Names the call in what reaches the tools.
  private static final String HEAD =
      """
      import os, socket, time
      CALL = '{"method":"tools/call","params":{"name":"mine"}}'
      kept = []
      def connected():
        until = time.monotonic() + 2
        while True:
          s = socket.socket(socket.AF_UNIX)
          s.settimeout(2)
          try:
            s.connect('/run/nexus/mcp.sock')
            return s
          except BlockingIOError:
            s.close()
            if time.monotonic() > until: raise
      def connected_or_none():
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try: s.connect('/run/nexus/mcp.sock')
        except OSError: return s.close()
        return s
      def status(s):
        try: said = s.recv(4096).decode()
        except TimeoutError: return 'waits'
        except OSError: return 'ended'
        return said.split(' ')[1] if said else 'ended'
      def flood(s, data):
        try:
          for _ in range(1000): s.sendall(data)
        except TimeoutError: return 'waits'
        except OSError: pass
        return status(s)
      def ask(path, body, method='POST', length=None):
        try: s = connected()
        except (TimeoutError, BlockingIOError): return 'waits'
        with s:
          head = f'{method} {path} HTTP/1.1\\r\\nContent-Length: {len(body) if length is None else length}\\r\\n\\r\\n'
          s.sendall(head.encode() + body.encode())
          return status(s)
      def mine():
        return '/' + os.environ['MCP_ENDPOINT'].split('/', 3)[3]
      def handle(i):
        try: return tried()
        except OSError as error: return error.strerror
      def tried():
      """;

  private final String words;
  private final String body;

  ToolAbuse(String words, String body) {
    this.words = words;
    this.body = body;
  }

  String words() {
    return words;
  }

  String source() {
    return HEAD + "  " + body + "\n";
  }
}
