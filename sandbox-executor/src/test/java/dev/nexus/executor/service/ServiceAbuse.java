package dev.nexus.executor.service;

import dev.nexus.executor.wasm.Abuse;
import java.util.Optional;

/// What a service may try besides what other code does: what only it has, and what is of others.
/// What would do harm says `HARM`, which no answer may contain.
enum ServiceAbuse {
  ALL_MEMORY("taking all memory", "x = []\n  while True: x.append(b'x' * (1 << 20))"),
  ALL_FILES("opening files without an end", "x = []\n  while True: x.append(open('/etc/passwd'))"),
  FLOOD("printing lines without an end", "while True: os.write(1, b'x' * 99 + b'\\n')"),
  ONE_LONG_LINE("printing a line without an end", "while True: os.write(1, b'x' * 9999)"),
  MUCH_IN_ITS_VOLUME(
      "writing 64 MiB into its volume",
      "with open('/data/x', 'wb') as f:\n    for _ in range(64): f.write(b'x' * (1 << 20))\n  os.remove('/data/x')"),
  A_PROGRAM_IN_ITS_VOLUME(
      "becoming root by a file of its volume",
      "import shutil\n  shutil.copy('/usr/bin/id', '/data/id')\n  os.chown('/data/id', 0, 0)\n  return 'HARM'"),
  SETTINGS(
      "settings of the platform in its environment",
      "return 'HARM' if any('NEXUS' in k or 'DOCKER' in k for k in os.environ) else 1"),
  OTHER_PROCESSES(
      "processes of others",
      "return 'HARM' if any(p.isdigit() and int(p) > 1 and int(p) != os.getpid() for p in os.listdir('/proc')) else 1"),
  OTHER_VOLUMES(
      "volumes of other services", "os.listdir('/var/lib/docker/volumes')\n  return 'HARM'"),
  OTHER_PORTS(
      "the port of its neighbour",
      "socket.create_connection(('127.0.0.1', 8001), 2)\n  return 'HARM'"),
  OTHER_NAMES(
      "its neighbour by name", "socket.create_connection(('neighbour', 8001), 2)\n  return 'HARM'"),
  EXECUTOR_SOCKETS("sockets of the executor", "os.listdir('/run/nexus')\n  return 'HARM'"),
  EXECUTOR_DIRECTORY("the executor's directory", "os.listdir('%s')\n  return 'HARM'"),
  SOCKET_NAMES(
      "sockets by the names that the system tells",
      "for line in open('/proc/net/unix'):\n    path = line.split()[-1]\n    if path.endswith('.sock'): socket.socket(socket.AF_UNIX).connect(path)\n    else: continue\n    return 'HARM'\n  raise ConnectionRefusedError(111, 'none')"),
  KERNEL_SETTINGS(
      "settings of the kernel",
      "open('/proc/sys/kernel/core_pattern', 'w').write('|/tmp/x')\n  return 'HARM'"),
  OWN_LIMITS(
      "raising its own limits",
      "import resource\n  resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999))\n  return 'HARM'");

  private static final String NO_RESULT = "does not apply: a service gives no results of calls";

  private final String words;
  private final String python;

  ServiceAbuse(String words, String body) {
    this.words = words;
    this.python = "import os, socket\ndef handle(i):\n  " + body + "\n";
  }

  String words() {
    return words;
  }

  /// @param directory of the executor
  String source(String directory) {
    return python.replace("%s", directory);
  }

  /// Why an abuse of calls is none of a service, where it is none.
  static Optional<String> without(Abuse abuse) {
    return switch (abuse) {
      case RESULT_HUGE,
          RESULT_DEEP,
          RESULT_CYCLIC,
          RESULT_NOT_JSON,
          RESULT_NOT_UTF8,
          NO_RESULT,
          ERROR_HUGE,
          ERROR_THAT_LOOPS,
          PROTOTYPES,
          CODEC,
          RUNNER,
          FORGED ->
          Optional.of(NO_RESULT);
      case OTHER_CALLS -> Optional.of("does not apply: what a service has is there until it ends");
      case THREADS -> Optional.of("as threads without an end");
      case LOOP,
          LOOP_THAT_CATCHES,
          LOOP_AT_LOAD,
          PROMISES,
          REGEX,
          SORT,
          NATIVE,
          SLEEP,
          ONE_ALLOCATION,
          STRINGS,
          ARRAYS,
          MEMORY_AT_LOAD,
          RECURSION,
          NESTED_TEXT,
          PRINTS,
          CLOCK,
          CHANCE,
          ENVIRONMENT,
          FILES,
          PATHS,
          WRITES,
          DESCRIPTORS,
          PROC,
          SYMLINK,
          FORK,
          SIGNALS,
          SYSTEM_CALLS,
          HOST_NETWORK,
          NAMES,
          DOCKER ->
          Optional.empty();
    };
  }
}
