package dev.nexus.executor.wasm;

import dev.nexus.event.Json;
import dev.nexus.executor.code.Language;
import java.util.List;

/// Code that tells what an earlier call of it has left, and leaves as much as it can, in every way
/// there is. Of the input `"twice"` it looks at what it left itself: or nobody would know that it
/// finds anything.
public final class LeftBehind {
  static final String JAVASCRIPT =
      """
      let left = 0;
      const inNode = typeof require === 'function';
      const fs = inNode ? require('fs') : null;
      const ways = {
        variable: [() => left === 1, () => { left = 1; }],
        global: [() => globalThis.left === 1, () => { globalThis.left = 1; }],
        prototype: [() => [].left === 1, () => { Array.prototype.left = 1; }],
        builtin: [() => JSON.left === 1, () => { JSON.left = 1; }],
      };
      if (inNode) {
        ways.module = [() => fs.left === 1, () => { fs.left = 1; }];
        ways.environment = [() => process.env.LEFT === '1', () => { process.env.LEFT = '1'; }];
        ways.directory = [() => process.cwd() === '/usr', () => process.chdir('/usr')];
        ways.file = [() => fs.existsSync('/tmp/left'), () => fs.writeFileSync('/tmp/left', 'x')];
        ways['shared memory'] =
          [() => fs.existsSync('/dev/shm/left'), () => fs.writeFileSync('/dev/shm/left', 'x')];
        ways.process = [
          () => fs.readdirSync('/proc').some((pid) =>
            tried(() => fs.readFileSync(`/proc/${pid}/cmdline`).includes('sleep\\0' + '98765'))),
          () => require('child_process').spawn('/bin/sleep', ['98765'], { detached: true, stdio: 'ignore' }),
        ];
      }
      const tried = (what) => { try { return what(); } catch (e) { return false; } };
      const look = () => Object.keys(ways).filter((way) => tried(ways[way][0]));
      function handle(i) {
        const found = look();
        Object.values(ways).forEach((way) => tried(way[1]));
        return i === 'twice' ? look() : found.map((way) => 'HARM: ' + way);
      }
      """;

  static final String PYTHON =
      """
      import builtins, json, os, sys, types
      LEFT = []
      def written(path):
          with open(path, 'w') as file: file.write('x')
      def begun():
          import subprocess
          subprocess.Popen(['/bin/sleep', '98765'], start_new_session=True)
      def runs():
          for pid in os.listdir('/proc'):
              try:
                  with open(f'/proc/{pid}/cmdline', 'rb') as file:
                      if b'sleep\\0' + b'98765' in file.read(): return True
              except OSError:
                  pass
          return False
      WAYS = {
          'variable': (lambda: len(LEFT) > 0, lambda: LEFT.append(1)),
          'builtin': (lambda: hasattr(builtins, 'left'), lambda: setattr(builtins, 'left', 1)),
          'module': (lambda: 'left' in sys.modules, lambda: sys.modules.update(left=types.ModuleType('left'))),
          'attribute': (lambda: hasattr(json, 'left'), lambda: setattr(json, 'left', 1)),
          'environment': (lambda: 'LEFT' in os.environ, lambda: os.environ.update(LEFT='1')),
          'directory': (lambda: os.getcwd() == '/usr', lambda: os.chdir('/usr')),
          'mask': (lambda: os.umask(0o77) == 0o70, lambda: os.umask(0o70)),
          'file': (lambda: os.path.exists('/tmp/left'), lambda: written('/tmp/left')),
          'shared memory': (lambda: os.path.exists('/dev/shm/left'), lambda: written('/dev/shm/left')),
          'process': (runs, begun),
      }
      def tried(what):
          try: return what()
          except Exception: return False
      def look(): return [name for name, way in WAYS.items() if tried(way[0])]
      def handle(i):
          found = look()
          for way in WAYS.values(): tried(way[1])
          return look() if i == 'twice' else ['HARM: ' + name for name in found]
      """;

  /// An input of which it looks at what the same call left.
  public static final Json TWICE = new Json("\"twice\"");

  private LeftBehind() {}

  public static String source(Language language) {
    return switch (language) {
      case JAVASCRIPT -> JAVASCRIPT;
      case PYTHON -> PYTHON;
    };
  }

  /// What it finds in this process where it was left.
  static List<String> ways(Language language) {
    return switch (language) {
      case JAVASCRIPT -> List.of("variable", "global", "prototype", "builtin");
      case PYTHON -> List.of("variable", "builtin", "module", "attribute", "environment");
    };
  }

  /// What it finds in a container where it was left. There is no shared memory to leave any in.
  public static List<String> waysInContainers(Language language) {
    return switch (language) {
      case JAVASCRIPT ->
          List.of(
              "variable",
              "global",
              "prototype",
              "builtin",
              "module",
              "environment",
              "directory",
              "file",
              "process");
      case PYTHON ->
          List.of(
              "variable",
              "builtin",
              "module",
              "attribute",
              "environment",
              "directory",
              "mask",
              "file",
              "process");
    };
  }
}
