package dev.nexus.executor.wasm;

import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.Language;
import java.util.Set;

/// What code may try that means harm, in each language. Where a language has nothing to try it
/// with, it asks for what others would take: that it is not there is an outcome too.
public enum Abuse {
  LOOP("an endless loop", "function handle(i) { for (;;); }", "def handle(i):\n  while True: pass"),
  LOOP_THAT_CATCHES(
      "an endless loop that catches what stops it",
      "function handle(i) { for (;;) try { for (;;); } catch (e) {} finally { for (;;); } }",
      """
      def handle(i):
        while True:
          try:
            while True: pass
          except BaseException: pass
          finally:
            while True: pass
      """),
  LOOP_AT_LOAD(
      "an endless loop before there is a function",
      "for (;;); function handle(i) {}",
      "while True: pass"),
  PROMISES(
      "jobs that make jobs",
      "async function handle(i) { for (;;) await null; }",
      """
      class Turn:
        def __await__(self): yield
      async def again():
        while True: await Turn()
      def handle(i):
        turns = again()
        while True: turns.send(None)
      """),
  REGEX(
      "a regular expression that backtracks for ever",
      "function handle(i) { return /^(a+)+$/.test('a'.repeat(50) + 'b'); }",
      "import re\ndef handle(i): return re.match('(a+)+$', 'a' * 50 + 'b')"),
  SORT(
      "a sort that never ends",
      "function handle(i) { const a = new Array(3e5).fill(0); for (;;) a.sort(() => 1); }",
      "def handle(i):\n  a = list(range(300000))\n  while True: a.sort(key=lambda x: -x)"),
  NATIVE(
      "a calculation inside one step",
      "function handle(i) { return [].indexOf.call({ length: 2 ** 53 - 1 }, 1); }",
      "def handle(i): return sum(range(10 ** 15))"),
  SLEEP(
      "waiting",
      "function handle(i) { return Atomics.wait(new Int32Array(4), 0, 0); }",
      "import time\ndef handle(i):\n  time.sleep(10 ** 6)\n  while True: pass"),
  ERROR_THAT_LOOPS(
      "an error whose text never ends",
      "function handle(i) { throw { toString() { for (;;); } }; }",
      """
      class E(Exception):
        def __str__(self):
          while True: pass
      def handle(i): raise E()
      """),

  ONE_ALLOCATION(
      "one huge allocation",
      "function handle(i) { return new Uint8Array(1 << 30).fill(1).length; }",
      "def handle(i): return len(bytearray(1 << 30))"),
  STRINGS(
      "a text that doubles",
      "function handle(i) { let s = 'x'; for (;;) s += s; }",
      "def handle(i):\n  s = 'x'\n  while True: s += s"),
  ARRAYS(
      "arrays that grow",
      "function handle(i) { const a = []; for (;;) a.push(new Array(100000).fill(a)); }",
      "def handle(i):\n  a = []\n  while True: a.append([a] * 10000)"),
  MEMORY_AT_LOAD(
      "a huge allocation before there is a function",
      "const x = new Uint8Array(1 << 30).fill(1); function handle(i) { return 1; }",
      "x = bytearray(1 << 30)\ndef handle(i): return 1"),
  RECURSION(
      "recursion without an end",
      "function handle(i) { const f = () => f() + 1; return f(); }",
      "def handle(i): return handle(i) + 1"),
  NESTED_TEXT(
      "reading deeply nested JSON",
      "function handle(i) { return JSON.parse('['.repeat(200000)); }",
      "import json\ndef handle(i): return json.loads('[' * 200000)"),

  RESULT_HUGE(
      "a huge result",
      "function handle(i) { return 'x'.repeat(20000); }",
      "def handle(i): return 'x' * 20000"),
  RESULT_DEEP(
      "a deeply nested result",
      "function handle(i) { let a = []; for (let n = 0; n < 1e5; n++) a = [a]; return a; }",
      "def handle(i):\n  a = []\n  for _ in range(100000): a = [a]\n  return a"),
  RESULT_CYCLIC(
      "a result that contains itself",
      "function handle(i) { const a = []; a.push(a); return a; }",
      "def handle(i):\n  a = []\n  a.append(a)\n  return a"),
  RESULT_NOT_JSON(
      "a result that is no JSON",
      "function handle(i) { return NaN; }",
      "def handle(i): return float('nan')"),
  RESULT_NOT_UTF8(
      "a result that is no UTF-8",
      "function handle(i) { return '\\ud800'; }",
      "def handle(i): return '\\ud800'"),
  NO_RESULT(
      "no result at all",
      "function handle(i) { return new Promise(() => {}); }",
      "import os\ndef handle(i): os._exit(0)"),
  PRINTS(
      "a flood of prints",
      "function handle(i) { for (;;) console.log('x'.repeat(1000)); }",
      "def handle(i):\n  while True: print('x' * 1000)"),
  ERROR_HUGE(
      "a huge error",
      "function handle(i) { throw new Error('x'.repeat(1000000)); }",
      "def handle(i): raise ValueError('x' * 1000000)"),

  PROTOTYPES(
      "changing what all code uses",
      "function handle(i) { Object.prototype.evil = 1; Array.prototype.map = null; return 1; }",
      "import builtins\ndef handle(i):\n  builtins.len = lambda x: 7\n  return 1"),
  CODEC(
      "changing how results are written",
      "function handle(i) { JSON.stringify = () => '\"evil\"'; return 1; }",
      "import json\ndef handle(i):\n  json.JSONEncoder.encode = lambda *a: '\"evil\"'\n  return 1"),
  RUNNER(
      "changing what calls it",
      "function handle(i) { globalThis.__nexus = { run() {} }; handle = null; return 1; }",
      "import sys\ndef handle(i):\n  sys.modules['guest']._handle = None\n  return 1"),
  FORGED(
      "a forged answer",
      "function handle(i) { return globalThis.java_invoke('result', '', '1'); }",
      "import trino\ndef handle(i): return trino.return_error(1, 'x')"),
  OTHER_CALLS("reading what other calls left", LeftBehind.JAVASCRIPT, LeftBehind.PYTHON),
  CLOCK(
      "the clock",
      "function handle(i) { return Date.now(); }",
      "import time\ndef handle(i): return time.time()"),
  CHANCE(
      "chance",
      "function handle(i) { return Math.random(); }",
      "import os\ndef handle(i): return os.urandom(8).hex()"),

  ENVIRONMENT(
      "the environment",
      "function handle(i) { return process.env.PATH; }",
      "import os\ndef handle(i): return os.environ['PATH']"),
  FILES(
      "a file of the host",
      "import fs from 'fs'; function handle(i) { return fs.readFileSync('/etc/passwd'); }",
      "def handle(i): return open('/etc/passwd').read()"),
  PATHS(
      "a path that leads out",
      "function handle(i) { return import('../../etc/passwd'); }",
      "def handle(i): return open('/guest/../../etc/passwd').read()"),
  WRITES(
      "filling the disk",
      "function handle(i) { return Javy.IO.writeSync(3, new Uint8Array(10)); }",
      "def handle(i):\n  with open('/tmp/x', 'w') as f:\n    while True: f.write('x' * 10 ** 6)"),
  DESCRIPTORS(
      "descriptors of the process",
      "function handle(i) { return Javy.IO.readSync(3, new Uint8Array(10)); }",
      "import os\ndef handle(i): return os.read(3, 10).hex()"),
  PROC(
      "/proc",
      "import p from '/proc/self/environ'; function handle(i) { return p; }",
      "def handle(i): return open('/proc/self/environ').read()"),
  SYMLINK(
      "a link to somewhere else",
      "function handle(i) { return require('fs').symlinkSync('/etc', '/x'); }",
      "import os\ndef handle(i): return os.symlink('/etc', '/guest/x')"),
  FORK(
      "processes that make processes",
      "function handle(i) { return require('child_process').fork('x'); }",
      "import os\ndef handle(i):\n  while True: os.fork()"),
  THREADS(
      "threads that make threads",
      "function handle(i) { return new Worker('x'); }",
      "import _thread\ndef handle(i):\n  while True: _thread.start_new_thread(print, ())"),
  SIGNALS(
      "a signal to its parent",
      "function handle(i) { return process.kill(process.ppid, 9); }",
      "import os\ndef handle(i): return os.kill(os.getppid(), 9)"),
  SYSTEM_CALLS(
      "system calls (ptrace, mount, io_uring)",
      "function handle(i) { return new WebAssembly.Module(new Uint8Array(8)); }",
      "import ctypes\ndef handle(i): return ctypes.CDLL(None).ptrace(0, 0, 0, 0)"),
  HOST_NETWORK(
      "the network: host, gateway, metadata",
      "function handle(i) { return fetch('http://169.254.169.254/'); }",
      "import socket\ndef handle(i): return socket.create_connection(('169.254.169.254', 80))"),
  NAMES(
      "names of the network",
      "function handle(i) { return new XMLHttpRequest().open('GET', 'http://example.org/'); }",
      "import socket\ndef handle(i): return socket.gethostbyname('example.org')"),
  DOCKER(
      "the socket of Docker",
      "function handle(i) { return require('net').connect('/var/run/docker.sock'); }",
      "def handle(i): return open('/var/run/docker.sock').read()");

  private final String words;
  private final String javaScript;
  private final String python;

  Abuse(String words, String javaScript, String python) {
    this.words = words;
    this.javaScript = javaScript;
    this.python = python;
  }

  public String words() {
    return words;
  }

  /// Whether only a limit ends it, so that waiting for it is of no use.
  public boolean isEndless() {
    return switch (this) {
      case LOOP,
          LOOP_THAT_CATCHES,
          LOOP_AT_LOAD,
          PROMISES,
          REGEX,
          SORT,
          NATIVE,
          ERROR_THAT_LOOPS,
          PRINTS ->
          true;
      default -> false;
    };
  }

  /// What alone may come of it as a call, in every home; empty where all that harms nobody may.
  public Set<FailureClass> ends() {
    if (isEndless()) {
      return Set.of(FailureClass.TIMEOUT);
    }
    return switch (this) {
      case ONE_ALLOCATION, STRINGS, ARRAYS, MEMORY_AT_LOAD -> Set.of(FailureClass.MEMORY);
      case RESULT_HUGE -> Set.of(FailureClass.OUTPUT);
      case RESULT_CYCLIC, RESULT_NOT_JSON, RESULT_NOT_UTF8 -> Set.of(FailureClass.INVALID_RESULT);
      case RECURSION, NESTED_TEXT, NO_RESULT, ERROR_HUGE -> Set.of(FailureClass.CRASH);
      default -> Set.of();
    };
  }

  public String source(Language language) {
    return switch (language) {
      case JAVASCRIPT -> javaScript;
      case PYTHON -> python;
    };
  }
}
