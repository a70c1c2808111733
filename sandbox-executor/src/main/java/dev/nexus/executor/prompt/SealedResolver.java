package dev.nexus.executor.prompt;

import com.hubspot.jinjava.el.ext.JinjavaBeanELResolver;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.objects.collections.PyMap;
import com.hubspot.jinjava.util.ForLoop;
import java.util.Set;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.MethodNotFoundException;
import jinjava.javax.el.PropertyNotFoundException;
import org.jspecify.annotations.Nullable;

/// Lets templates reach the properties of `loop` and the reading methods of maps, and no other
/// Java object: everything else a template touches is data.
final class SealedResolver extends JinjavaBeanELResolver {
  private static final Set<String> READING = Set.of("items", "keys", "values", "get");

  SealedResolver() {
    super(true);
  }

  @Override
  public @Nullable Object getValue(ELContext context, Object base, Object property) {
    if (base instanceof ForLoop) {
      return super.getValue(context, base, property);
    }
    if (base == null) {
      return null;
    }
    throw new PropertyNotFoundException(
        "a " + nameOf(base) + " has no property '" + property + "'");
  }

  @Override
  public @Nullable Object invoke(
      ELContext context, Object base, Object method, Class<?>[] types, Object[] arguments) {
    boolean allowed =
        base instanceof Filter
            || base instanceof ExpTest
            || (base instanceof PyMap && READING.contains(String.valueOf(method)));
    if (!allowed) {
      throw new MethodNotFoundException("templates cannot call '" + method + "'; use a filter");
    }
    return super.invoke(context, base, method, types, arguments);
  }

  private static String nameOf(Object base) {
    return switch (base) {
      case String _ -> "text";
      case Number _ -> "number";
      case Boolean _ -> "boolean";
      default -> "value";
    };
  }
}
