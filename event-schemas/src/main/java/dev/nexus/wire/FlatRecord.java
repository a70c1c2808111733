package dev.nexus.wire;

import dev.nexus.event.Doc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record class seen as columns: nested records are flattened, so that a topic reads as a table.
/// `take` spreads an instance over its columns, `make` builds one from them.
final class FlatRecord {

  /// One column of the record, in the order of its components.
  record Column(String name, Scalar scalar, String doc) {}

  private sealed interface Part {
    record Leaf(MethodHandle getter) implements Part {}

    record Nested(MethodHandle getter, FlatRecord record) implements Part {}
  }

  private final Class<?> type;
  private final MethodHandle constructor;
  private final List<Part> parts = new ArrayList<>();
  private final List<Column> columns = new ArrayList<>();

  FlatRecord(Class<?> type) {
    this.type = type;
    RecordComponent[] components = type.getRecordComponents();
    try {
      var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      for (RecordComponent component : components) {
        MethodHandle getter =
            lookup
                .unreflect(component.getAccessor())
                .asType(java.lang.invoke.MethodType.methodType(Object.class, Object.class));
        add(component, getter);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      this.constructor =
          lookup
              .unreflectConstructor(type.getDeclaredConstructor(types))
              .asSpreader(Object[].class, components.length)
              .asType(java.lang.invoke.MethodType.methodType(Object.class, Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read record " + type.getName(), e);
    }
  }

  private void add(RecordComponent component, MethodHandle getter) {
    Class<?> raw = component.getType();
    boolean nested = raw.isRecord() && !isScalar(raw);
    if (nested) {
      FlatRecord record = new FlatRecord(raw);
      parts.add(new Part.Nested(getter, record));
      columns.addAll(record.columns);
      return;
    }
    if (raw == List.class
        && !(component.getGenericType() instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] == String.class)) {
      throw new IllegalStateException(
          type.getName() + "." + component.getName() + ": only List<String> is a column");
    }
    Scalar scalar = Scalar.of(raw);
    Doc doc = component.getAnnotation(Doc.class);
    if (doc == null) {
      throw new IllegalStateException(
          type.getName() + "." + component.getName() + " needs a @Doc, its column's documentation");
    }
    parts.add(new Part.Leaf(getter));
    columns.add(new Column(scalar.column(component.getName()), scalar, doc.value()));
  }

  private static boolean isScalar(Class<?> type) {
    return type.getPackageName().equals("dev.nexus.event")
        && (type.getSimpleName().endsWith("Id") || type.getSimpleName().equals("Json"));
  }

  Class<?> type() {
    return type;
  }

  List<Column> columns() {
    return columns;
  }

  /// Writes the values of `instance` into `values` from `at`; gives the next free index.
  int take(Object instance, @Nullable Object[] values, int at) {
    try {
      int next = at;
      for (Part part : parts) {
        switch (part) {
          case Part.Leaf(var getter) -> values[next++] = getter.invokeExact(instance);
          case Part.Nested(var getter, var record) -> {
            Object inner = getter.invokeExact(instance);
            next = record.take(inner, values, next);
          }
        }
      }
      return next;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot read " + type.getName(), e);
    }
  }

  /// Builds an instance from column values; reads from `from[0]` on and advances it.
  Object make(Object[] values, int[] from) {
    Object[] arguments = new Object[parts.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] =
          switch (parts.get(i)) {
            case Part.Leaf leaf -> values[from[0]++];
            case Part.Nested(var getter, var record) -> record.make(values, from);
          };
    }
    try {
      return constructor.invokeExact(arguments);
    } catch (IllegalArgumentException e) {
      throw new UnreadableRecordException(type.getSimpleName() + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot build " + type.getName(), e);
    }
  }
}
