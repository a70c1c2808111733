package dev.nexus.projector.store;

/// What the contents of a partition are called outside of Redis, where each name has a head and
/// every field, member and element is an item of its own. An item's name says what it is, so that
/// each can be taken without looking for its head.
///
/// @param kind [#HEAD] or one of the parts
/// @param part the field or member, or the element's number
public record ItemName(Key key, char kind, String part) {
  public static final char HEAD = 'H';

  /// A field of a hash.
  public static final char FIELD = 'F';

  /// A member of a sorted set; its value is the score.
  public static final char SCORED = 'Z';

  /// A member of a set.
  public static final char MEMBER = 'S';

  /// An element of a list, by number.
  public static final char ELEMENT = 'L';

  /// A member of a set that is cut, by the number in which it goes.
  public static final char ORDER = 'O';

  static final char BETWEEN = '\0';

  public static String head(Key key) {
    return key.tenant() + BETWEEN + key.name();
  }

  public static String part(Key key, char kind, String part) {
    return head(key) + BETWEEN + kind + part;
  }

  public static String part(Key key, char kind, long number) {
    return part(key, kind, Long.toString(number));
  }

  /// What the names of all parts of a kind begin with.
  public static String prefix(Key key, char kind) {
    return head(key) + BETWEEN + kind;
  }

  public static boolean isHead(String item) {
    return item.indexOf(BETWEEN, item.indexOf(BETWEEN) + 1) < 0;
  }

  /// Takes a name apart.
  public static ItemName parse(String item) {
    int tenant = item.indexOf(BETWEEN);
    int name = item.indexOf(BETWEEN, tenant + 1);
    if (tenant < 0 || (name >= 0 && name + 1 >= item.length())) {
      throw new IllegalArgumentException("no name of an item: " + item.replace(BETWEEN, ' '));
    }
    return name < 0
        ? new ItemName(new Key(item.substring(0, tenant), item.substring(tenant + 1)), HEAD, "")
        : new ItemName(
            new Key(item.substring(0, tenant), item.substring(tenant + 1, name)),
            item.charAt(name + 1),
            item.substring(name + 2));
  }
}
