package dev.nexus.command.peer;

import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Setting;
import java.net.URI;
import java.net.URISyntaxException;

/// A service that answers for this one.
///
/// @param name for people, and in the kind of the problem when it does not answer
/// @param under what it answers: this path and everything below; `*` stands for one part of it
/// @param setting that names its address
/// @param base its address, without a path
record Peer(String name, String under, Setting setting, URI base) {
  Peer {
    String host = base.getHost();
    if (host == null
        || !("http".equals(base.getScheme()) || "https".equals(base.getScheme()))
        || !(base.getRawPath().isEmpty() || base.getRawPath().equals("/"))
        || base.getRawQuery() != null) {
      throw wrong(setting, base.toString());
    }
  }

  static Peer of(String name, String under, Setting setting, String base) {
    try {
      return new Peer(name, under, setting, new URI(base));
    } catch (URISyntaxException e) {
      throw wrong(setting, base);
    }
  }

  private static InvalidSettingException wrong(Setting setting, String found) {
    return new InvalidSettingException(
        setting.variable() + ": expected http://host:port, found '" + found + "'");
  }

  /// The same path and query there, letter by letter: what is escaped stays so.
  URI at(URI asked) {
    String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
    return URI.create(
        base.getScheme() + "://" + base.getRawAuthority() + asked.getRawPath() + query);
  }

  boolean answers(String path) {
    String[] wanted = under.split("/");
    String[] found = path.split("/");
    if (found.length < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (!wanted[i].equals("*") && !wanted[i].equals(found[i])) {
        return false;
      }
    }
    return true;
  }
}
