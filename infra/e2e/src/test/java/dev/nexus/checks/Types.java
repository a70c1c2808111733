package dev.nexus.checks;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// The named types that Java sources declare, nested ones included.
final class Types {

  /// A type, where it is declared, and the simple names of what it implements or extends.
  record Declared(JavaFile file, ClassTree tree, Set<String> supertypes) {
    String name() {
      return tree.getSimpleName().toString();
    }

    boolean isSealed() {
      ModifiersTree modifiers = tree.getModifiers();
      return modifiers.getFlags().contains(Modifier.SEALED);
    }
  }

  private Types() {}

  static List<Declared> in(Collection<JavaFile> files) {
    var found = new ArrayList<Declared>();
    for (JavaFile file : files) {
      file.tree().accept(new Collector(file, found), null);
    }
    return found;
  }

  /// Names of sealed types and of everything that belongs to one, directly or by a sealed subtype.
  static Set<String> sealedFamilies(Collection<Declared> types) {
    var names = new HashSet<String>();
    types.stream().filter(Declared::isSealed).map(Declared::name).forEach(names::add);
    types.stream()
        .filter(type -> type.supertypes().stream().anyMatch(names::contains))
        .map(Declared::name)
        .toList()
        .forEach(names::add);
    return names;
  }

  /// `List` of `java.util.List<String>`.
  static String simpleName(Object typeTree) {
    String bare = typeTree.toString().replaceAll("<.*", "");
    return bare.substring(bare.lastIndexOf('.') + 1);
  }

  private static final class Collector extends TreeScanner<Void, Void> {
    private final JavaFile file;
    private final List<Declared> found;

    private Collector(JavaFile file, List<Declared> found) {
      this.file = file;
      this.found = found;
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (!type.getSimpleName().isEmpty()) {
        var supertypes = new HashSet<String>();
        type.getImplementsClause().forEach(tree -> supertypes.add(simpleName(tree)));
        if (type.getExtendsClause() != null) {
          supertypes.add(simpleName(type.getExtendsClause()));
        }
        found.add(new Declared(file, type, supertypes));
      }
      return super.visitClass(type, null);
    }
  }
}
