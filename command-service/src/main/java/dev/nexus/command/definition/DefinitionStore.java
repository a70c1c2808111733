package dev.nexus.command.definition;

import dev.nexus.event.TenantId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;

/// One bare Git repository an application, in the data directory. A version is first written as
/// objects nothing refers to; its branch moves when the log has it. Of a module Git has the bytes:
/// a clone of the repository has it as it was built.
public final class DefinitionStore {
  private static final String BRANCH = "refs/heads/main";

  private final Path directory;

  public DefinitionStore(Path directory) {
    IsolatedGit.install();
    this.directory = directory;
  }

  /// Who changed what, for Git's history.
  public record Change(String author, Instant at, String message) {}

  /// Writes a commit of the files after `parent` and returns its id; nothing refers to it yet. When
  /// the files are those of the parent, the parent is returned.
  public String write(
      TenantId tenant,
      String appId,
      SortedMap<String, String> files,
      Optional<String> parent,
      Change change) {
    try (Repository repository = openOrCreate(tenant, appId);
        ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId tree = tree(files, inserter);
      Optional<RevCommit> before = parent.flatMap(revision -> commit(repository, revision));
      if (before.isPresent() && before.get().getTree().getId().equals(tree)) {
        return before.get().name();
      }
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(tree);
      before.ifPresent(commit::setParentId);
      PersonIdent author = new PersonIdent(change.author(), "", change.at(), ZoneOffset.UTC);
      commit.setAuthor(author);
      commit.setCommitter(author);
      commit.setMessage(change.message());
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id.name();
    } catch (IOException e) {
      throw failure(tenant, appId, e);
    }
  }

  /// Moves the branch to a revision; false when this machine does not have it.
  public boolean move(TenantId tenant, String appId, String revision) {
    try (Repository repository = openOrCreate(tenant, appId)) {
      if (commit(repository, revision).isEmpty()) {
        return false;
      }
      RefUpdate update = repository.updateRef(BRANCH);
      update.setNewObjectId(ObjectId.fromString(revision));
      update.setForceUpdate(true);
      update.setRefLogMessage("published", false);
      return switch (update.update()) {
        case NEW, FORCED, FAST_FORWARD, NO_CHANGE -> true;
        case LOCK_FAILURE,
            IO_FAILURE,
            NOT_ATTEMPTED,
            REJECTED,
            REJECTED_CURRENT_BRANCH,
            REJECTED_MISSING_OBJECT,
            REJECTED_OTHER_REASON,
            RENAMED ->
            throw new IOException("branch did not move: " + update.getResult());
      };
    } catch (IOException e) {
      throw failure(tenant, appId, e);
    }
  }

  /// Whether this machine has a revision.
  public boolean has(TenantId tenant, String appId, String revision) {
    try (Repository repository = openOrCreate(tenant, appId)) {
      return commit(repository, revision).isPresent();
    } catch (IOException e) {
      throw failure(tenant, appId, e);
    }
  }

  /// Where the branch stands; empty before the first version.
  public Optional<String> branch(TenantId tenant, String appId) {
    try (Repository repository = openOrCreate(tenant, appId)) {
      return Optional.ofNullable(repository.exactRef(BRANCH))
          .map(Ref::getObjectId)
          .map(ObjectId::name);
    } catch (IOException e) {
      throw failure(tenant, appId, e);
    }
  }

  /// The files of a revision, by path; empty when this machine does not have it.
  public Map<String, String> files(TenantId tenant, String appId, String revision) {
    try (Repository repository = openOrCreate(tenant, appId)) {
      Map<String, String> files = new TreeMap<>();
      Optional<RevCommit> commit = commit(repository, revision);
      if (commit.isEmpty()) {
        return files;
      }
      try (TreeWalk walk = new TreeWalk(repository)) {
        walk.addTree(commit.get().getTree());
        walk.setRecursive(true);
        while (walk.next()) {
          byte[] bytes = repository.open(walk.getObjectId(0)).getBytes();
          files.put(walk.getPathString(), ModuleFile.text(walk.getPathString(), bytes));
        }
      }
      return files;
    } catch (IOException e) {
      throw failure(tenant, appId, e);
    }
  }

  private static ObjectId tree(SortedMap<String, String> files, ObjectInserter inserter)
      throws IOException {
    DirCache index = DirCache.newInCore();
    DirCacheBuilder builder = index.builder();
    for (Map.Entry<String, String> file : files.entrySet()) {
      DirCacheEntry entry = new DirCacheEntry(file.getKey());
      entry.setFileMode(FileMode.REGULAR_FILE);
      byte[] bytes = ModuleFile.bytes(file.getKey(), file.getValue());
      entry.setObjectId(inserter.insert(Constants.OBJ_BLOB, bytes));
      builder.add(entry);
    }
    builder.finish();
    return index.writeTree(inserter);
  }

  private static Optional<RevCommit> commit(Repository repository, String revision) {
    try (RevWalk walk = new RevWalk(repository)) {
      ObjectId id = ObjectId.fromString(revision);
      if (!repository.getObjectDatabase().has(id)) {
        return Optional.empty();
      }
      RevCommit commit = walk.parseCommit(id);
      walk.parseBody(commit);
      return Optional.of(commit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Repository openOrCreate(TenantId tenant, String appId) throws IOException {
    Path path = directory.resolve(tenant.value()).resolve(appId + ".git");
    FileRepositoryBuilder builder = new FileRepositoryBuilder();
    FileRepository repository =
        (FileRepository) builder.setGitDir(path.toFile()).setBare().setMustExist(false).build();
    synchronized (this) {
      if (!repository.getObjectDatabase().exists()) {
        repository.create(true);
      }
    }
    return repository;
  }

  private static UncheckedIOException failure(TenantId tenant, String appId, IOException e) {
    return new UncheckedIOException(
        "the Git repository of " + tenant + "/" + appId + " cannot be used: " + e.getMessage(), e);
  }
}
