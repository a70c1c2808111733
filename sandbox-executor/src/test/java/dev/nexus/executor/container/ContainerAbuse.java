package dev.nexus.executor.container;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.nexus.event.task.FailureClass;
import dev.nexus.executor.code.Language;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What code may try that finds a system around it: a kernel, other processes, sockets. What would
/// do harm says `HARM`, which no outcome may contain.
public enum ContainerAbuse {
  FORK_BOMB(
      "processes that make processes, without an end",
      "try { require('child_process').execFileSync('/bin/sh', ['-c', 'b() { b | b & }; b; wait']); } catch (e) {} for (;;);",
      "while True:\n    try: os.fork()\n    except OSError: pass"),
  THREAD_BOMB(
      "threads without an end",
      """
      const { Worker } = require('worker_threads');
      const more = () => { try { new Worker('for (;;);', { eval: true }).on('error', () => {}); } catch (e) {} };
      for (let n = 0; n < 200; n++) more();
      return new Promise(() => setInterval(more, 10));
      """,
      "import threading\n  def spin():\n    while True: pass\n  while True:\n    try: threading.Thread(target=spin, daemon=True).start()\n    except RuntimeError: pass"),
  MEMORY_IN_A_CHILD(
      "a child that takes all memory",
      "return require('child_process').spawnSync('python3', ['-c', 'x = bytearray(1 << 30); print(\"HARM\")']).stdout.toString();",
      "return subprocess.run(['python3', '-c', 'x = bytearray(1 << 30); print(\"HARM\")'], capture_output=True).stdout.decode()"),
  FILL_MEMORY(
      "memory that its language does not count",
      "return Buffer.alloc(1 << 30, 1).length;",
      "return len(bytearray(b'x') * (1 << 30))"),
  FILL_TMP(
      "filling /tmp",
      "for (let n = 0; ; n++) require('fs').writeFileSync('/tmp/' + n, Buffer.alloc(1 << 20));",
      "with open('/tmp/x', 'wb') as f:\n    while True: f.write(b'x' * (1 << 20))"),
  FILL_SHARED_MEMORY(
      "filling /dev/shm",
      "for (let n = 0; ; n++) require('fs').writeFileSync('/dev/shm/' + n, Buffer.alloc(1 << 20));",
      "with open('/dev/shm/x', 'wb') as f:\n    while True: f.write(b'x' * (1 << 20))"),
  WRITE_THE_IMAGE(
      "writing into the image",
      "require('fs').writeFileSync('/opt/harm', 'x'); return 'HARM';",
      "open('/opt/harm', 'w').write('x')\n  return 'HARM'"),
  RUN_WHAT_IT_WROTE(
      "running a program that it wrote",
      "require('fs').copyFileSync('/bin/true', '/tmp/p'); require('fs').chmodSync('/tmp/p', 0o755); require('child_process').execFileSync('/tmp/p'); return 'HARM';",
      "shutil.copy('/bin/true', '/tmp/p')\n  subprocess.run(['/tmp/p'], check=True)\n  return 'HARM'"),
  BECOME_ROOT(
      "becoming root", "process.setuid(0); return 'HARM';", "os.setuid(0)\n  return 'HARM'"),
  FORGE_BY_DESCRIPTORS(
      "writing an answer through the descriptors of the runner",
      "for (let n = 0; n < 64; n++) { try { require('fs').writeFileSync('/proc/1/fd/' + n, 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\n\"HARM\"'); return 'HARM'; } catch (e) { if (e.code !== 'ENOENT') throw e; } }",
      "for p in (1, os.getppid()):\n    for n in range(64):\n      try: open(f'/proc/{p}/fd/{n}', 'wb').write(b'HARM')\n      except FileNotFoundError: continue\n      return 'HARM'"),
  FORGE_BY_ITS_OWN(
      "writing to every descriptor that it has",
      "for (let n = 3; n < 64; n++) { try { require('fs').writeSync(n, '\"HARM\"\\n'); } catch (e) {} } return 1;",
      "for n in range(3, 64):\n    try: os.write(n, b'\"HARM\"\\n')\n    except OSError: pass\n  return 1"),
  READ_THE_RUNNER(
      "reading the memory and the environment of the runner",
      "require('fs').readFileSync('/proc/1/environ'); return 'HARM';",
      "for p in (1, os.getppid()):\n    open(f'/proc/{p}/mem', 'rb').read(1)\n  return 'HARM'"),
  UNLINK_THE_SOCKET(
      "removing the socket of the host",
      "require('fs').rmSync('/run/nexus', { recursive: true }); return 'HARM';",
      "open('/run/nexus/x', 'w')\n  return 'HARM'"),
  CONNECT_AGAIN(
      "connecting to the host as a second runner",
      "return new Promise((yes, no) => require('net').connect('/run/nexus/execute.sock', () => yes('HARM')).on('error', no));",
      "socket.socket(socket.AF_UNIX).connect('/run/nexus/execute.sock')\n  return 'HARM'"),
  KILL_THE_RUNNER(
      "killing the runner, and everything else",
      "process.kill(1, 'SIGKILL'); process.kill(1, 'SIGTERM'); process.kill(1, 'SIGINT'); process.kill(-1, 'SIGKILL');",
      "for s in range(1, 65):\n    try: os.kill(1, s)\n    except OSError: pass\n  os.kill(-1, 9)"),
  STOP_EVERYTHING(
      "stopping everything, itself too",
      "process.kill(process.ppid, 'SIGSTOP'); process.kill(-1, 'SIGSTOP'); process.kill(process.pid, 'SIGSTOP'); for (;;);",
      "os.kill(os.getppid(), signal.SIGSTOP)\n  os.kill(-1, signal.SIGSTOP)\n  os.kill(os.getpid(), signal.SIGSTOP)\n  while True: pass"),
  LIVE_ON(
      "a process that leaves and lives on",
      "require('child_process').spawn('/bin/sh', ['-c', 'trap \"\" HUP TERM INT; while :; do :; done'], { detached: true, stdio: 'ignore' }).unref(); return 1;",
      "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n      while True: pass\n    os._exit(0)\n  return 1"),
  PTRACE("following another process (ptrace)", null, "return call(101, 16, 1, 0, 0)"),
  IO_URING("io_uring", null, "return call(425, 4, 0, 0, 0)"),
  MOUNT("mounting", null, "return call(165, 0, 0, 0, 0)"),
  NAMESPACES("namespaces of its own (unshare)", null, "return call(272, 0x10000000, 0, 0, 0)"),
  BPF("programs for the kernel (bpf)", null, "return call(321, 0, 0, 0, 0)"),
  KEYS("keys of the kernel (keyctl)", null, "return call(250, 0, -3, 1, 0)"),
  USERFAULTFD("page faults (userfaultfd)", null, "return call(323, 0, 0, 0, 0)"),
  SHARED_SEGMENTS("shared memory that stays (shmget)", null, "return call(29, 7, 4096, 0o1666, 0)"),
  OTHER_MEMORY(
      "memory of other processes (process_vm_readv)", null, "return call(310, 1, 0, 0, 0)"),
  THE_HOST(
      "the host, the gateway, the metadata address",
      "return new Promise((yes, no) => require('net').connect(80, '172.17.0.1', () => yes('HARM')).on('error', no));",
      "for a in ('172.17.0.1', '169.254.169.254', '10.0.0.1'):\n    try: socket.create_connection((a, 80), 2)\n    except OSError as e: last = e\n    else: return 'HARM'\n  raise last"),
  NAMES(
      "names of the network",
      "return new Promise((yes, no) => { const s = require('dgram').createSocket('udp4'); s.on('error', no); s.send('x', 53, '9.9.9.9', (e) => e ? no(e) : yes('HARM')); });",
      "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('9.9.9.9', 53))\n  return 'HARM'"),
  OTHER_CONTAINERS(
      "other containers, by broadcast",
      "return new Promise((yes, no) => { const s = require('dgram').createSocket('udp4'); s.on('error', no); s.bind(0, () => { s.setBroadcast(true); s.send('x', 9999, '172.17.255.255', (e) => e ? no(e) : yes('HARM')); }); });",
      "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n  s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n  s.sendto(b'x', ('172.17.255.255', 9999))\n  return 'HARM'"),
  DOCKER(
      "the socket of Docker",
      "return new Promise((yes, no) => require('net').connect('/var/run/docker.sock', () => yes('HARM')).on('error', no));",
      "socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')\n  return 'HARM'"),
  LINKS(
      "a link that leads out",
      "require('fs').symlinkSync('/proc/1/root/etc/shadow', '/tmp/l'); return require('fs').readFileSync('/tmp/l').toString() && 'HARM';",
      "os.symlink('/proc/1/root/etc/shadow', '/tmp/l')\n  open('/tmp/l').read()\n  return 'HARM'"),
  DEVICES(
      "making a device",
      "require('child_process').execFileSync('/bin/mknod', ['/tmp/d', 'b', '8', '0']); return 'HARM';",
      "os.mknod('/tmp/d', 0o60666, os.makedev(8, 0))\n  return 'HARM'"),
  CLOSE_EVERYTHING(
      "closing every descriptor",
      "for (let n = 0; n < 64; n++) { try { require('fs').closeSync(n); } catch (e) {} } return 1;",
      "os.closerange(0, 256)\n  return 1");

  private static final String PYTHON_HEAD =
      """
      import ctypes, os, shutil, signal, socket, subprocess
      def call(number, *args):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(number, *args) < 0:
          n = ctypes.get_errno()
          raise OSError(n, os.strerror(n))
        return 'HARM'
      """;

  private final String words;
  private final String javaScript;
  private final String python;

  /// @param javaScript body of `handle`; null where Node has no way to try it but Python's
  ContainerAbuse(String words, @Nullable String javaScript, String python) {
    this.words = words;
    this.python = PYTHON_HEAD + "def handle(i):\n  " + python + "\n";
    this.javaScript =
        "function handle(i) { "
            + (javaScript == null
                ? "const p = "
                    + TextNode.valueOf(this.python + "print(handle(1))")
                    + "; return require('child_process').execFileSync('python3', ['-c', p]).toString();"
                : javaScript)
            + " }";
  }

  public String words() {
    return words;
  }

  /// Whether only a limit ends it.
  public boolean isEndless() {
    return switch (this) {
      case FORK_BOMB, STOP_EVERYTHING -> true;
      default -> false;
    };
  }

  /// What alone may come of it as a call or a command; empty where all that harms nobody may.
  Set<FailureClass> ends() {
    return switch (this) {
      case FORK_BOMB -> Set.of(FailureClass.TIMEOUT);
      // Where it may stop nobody it may be told so.
      case STOP_EVERYTHING -> Set.of(FailureClass.TIMEOUT, FailureClass.CRASH);
      case FILL_MEMORY -> Set.of(FailureClass.MEMORY);
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
