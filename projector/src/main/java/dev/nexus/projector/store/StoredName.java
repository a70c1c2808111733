package dev.nexus.projector.store;

import java.util.Optional;

/// A name as it stands in Redis, taken apart; see the package.
///
/// @param generation "" for what belongs to all of them: the positions
public record StoredName(Slot slot, String generation, Key key) {

  /// Empty for what is no name of a partition.
  public static Optional<StoredName> parse(String name) {
    int open = name.indexOf(":{");
    int close = name.indexOf("}:", open + 2);
    if (open < 0 || close < 0 || name.indexOf(ItemName.BETWEEN) >= 0) {
      return Optional.empty();
    }
    String tag = name.substring(open + 2, close);
    int slash = tag.lastIndexOf('/');
    if (slash < 0 || !tag.substring(slash + 1).matches("[0-9]{1,9}")) {
      return Optional.empty();
    }
    Slot slot = new Slot(tag.substring(0, slash), Integer.parseInt(tag.substring(slash + 1)));
    String tenant = name.substring(0, open);
    String rest = name.substring(close + 2);
    int colon = rest.indexOf(':');
    return Optional.of(
        colon < 0
            ? new StoredName(slot, "", new Key(tenant, rest))
            : new StoredName(
                slot, rest.substring(0, colon), new Key(tenant, rest.substring(colon + 1))));
  }

  /// Whether it is one of the two positions of its partition.
  public boolean isPosition() {
    return generation.isEmpty()
        && (key.equals(Key.ofPartition(Track.LIVE.word()))
            || key.equals(Key.ofPartition(Track.SHADOW.word())));
  }
}
