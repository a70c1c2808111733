package dev.nexus.command.definition;

import java.io.IOException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/// Keeps JGit away from the Git settings of the machine and of the user: neither are they read, nor
/// is anything written to the user's home.
final class IsolatedGit extends SystemReader.Delegate {
  private IsolatedGit(SystemReader machine) {
    super(machine);
  }

  /// Takes effect for the whole process; repeating it changes nothing.
  static synchronized void install() {
    SystemReader present = SystemReader.getInstance();
    if (!(present instanceof IsolatedGit)) {
      SystemReader.setInstance(new IsolatedGit(present));
    }
  }

  @Override
  public StoredConfig getUserConfig() {
    return nothing(null, FS.DETECTED);
  }

  @Override
  public StoredConfig getSystemConfig() {
    return nothing(null, FS.DETECTED);
  }

  @Override
  public StoredConfig getJGitConfig() {
    return nothing(null, FS.DETECTED);
  }

  @Override
  public FileBasedConfig openUserConfig(Config parent, FS fs) {
    return nothing(parent, fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    return nothing(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fs) {
    return nothing(parent, fs);
  }

  private static FileBasedConfig nothing(@org.jspecify.annotations.Nullable Config parent, FS fs) {
    return new Nothing(parent, fs);
  }

  private static final class Nothing extends FileBasedConfig {
    @SuppressWarnings(
        "NullAway") // JGit takes a config without a file; it only lacks the annotation.
    Nothing(@org.jspecify.annotations.Nullable Config parent, FS fs) {
      super(parent, null, fs);
    }

    @Override
    public void load() {}

    @Override
    public void save() throws IOException {}

    @Override
    public boolean isOutdated() {
      return false;
    }
  }
}
