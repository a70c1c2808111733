package dev.nexus.checks;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// A Java source with its syntax tree; names are not resolved.
record JavaFile(String path, String text, CompilationUnitTree tree, SourcePositions positions) {
  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();
  private static final List<JavaFile> ALL =
      parse(
          Repository.files("java").stream()
              .map(file -> new InMemory(file.path(), file.text()))
              .toList());

  /// Every Java source of the checkout, parsed once.
  static List<JavaFile> all() {
    return ALL;
  }

  static List<JavaFile> main() {
    return ALL.stream().filter(JavaFile::isMain).toList();
  }

  static JavaFile parse(String path, String text) {
    return parse(List.of(new InMemory(path, text))).getFirst();
  }

  /// One compiler for all of them: each has tables of its own that would outweigh the trees.
  private static List<JavaFile> parse(List<InMemory> sources) {
    try {
      var task =
          (JavacTask) JAVAC.getTask(null, null, _ -> {}, List.of("-proc:none"), null, sources);
      var files = new ArrayList<JavaFile>();
      // The compiler hands wrapped sources back: they are known by their URI.
      Map<URI, InMemory> byUri = new HashMap<>();
      sources.forEach(source -> byUri.put(source.toUri(), source));
      for (CompilationUnitTree tree : task.parse()) {
        InMemory source = byUri.get(tree.getSourceFile().toUri());
        files.add(
            new JavaFile(
                source.path, source.text, tree, Trees.instance(task).getSourcePositions()));
      }
      return List.copyOf(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isMain() {
    return path.contains("src/main/java/");
  }

  String packageName() {
    return tree.getPackageName() == null ? "" : tree.getPackageName().toString();
  }

  int firstLine(Tree part) {
    return line(positions.getStartPosition(tree, part));
  }

  int lastLine(Tree part) {
    return line(positions.getEndPosition(tree, part));
  }

  Violation violation(Tree part, String rule) {
    return new Violation(path, firstLine(part), rule);
  }

  private int line(long position) {
    return position < 0 ? 1 : (int) tree.getLineMap().getLineNumber(position);
  }

  private static final class InMemory extends SimpleJavaFileObject {
    private final String path;
    private final String text;

    private InMemory(String path, String text) {
      super(URI.create("memory:///" + path.replace(" ", "%20")), JavaFileObject.Kind.SOURCE);
      this.path = path;
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
