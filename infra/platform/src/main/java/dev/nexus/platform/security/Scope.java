package dev.nexus.platform.security;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A permission a key carries: `operator` for everything, or `app:<id>:invoke`, `app:<id>:read`,
/// `app:<id>:apply`, where `*` as id means every application of the tenant.
public sealed interface Scope {
  Pattern TEXT = Pattern.compile("app:(\\*|[a-z0-9][a-z0-9._-]{0,63}):(invoke|read|apply)");

  /// Whether this scope alone allows the action.
  boolean allows(Action action, Resource resource);

  record Operator() implements Scope {
    @Override
    public boolean allows(Action action, Resource resource) {
      return true;
    }

    @Override
    public String toString() {
      return "operator";
    }
  }

  record OnApplication(String appId, Action action) implements Scope {
    @Override
    public boolean allows(Action wanted, Resource resource) {
      return wanted == action
          && switch (resource) {
            case Resource.Application(var id) -> appId.equals("*") || appId.equals(id);
            case Resource.AllApplications() -> appId.equals("*");
            case Resource.Installation() -> false;
            case Resource.Tenants() -> false;
            case Resource.Log() -> false;
          };
    }

    @Override
    public String toString() {
      return "app:" + appId + ":" + action.word();
    }
  }

  /// Reads a scope; throws `IllegalArgumentException` that says what is expected.
  static Scope parse(String text) {
    if (text.equals("operator")) {
      return new Operator();
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected operator or app:<id>:<invoke|read|apply> (id * for all), found '" + text + "'");
    }
    return new OnApplication(
        matcher.group(1),
        switch (matcher.group(2)) {
          case "invoke" -> Action.INVOKE;
          case "read" -> Action.READ;
          default -> Action.APPLY;
        });
  }
}
