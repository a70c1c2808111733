"""What PID 1 does to processes: it hides itself, starts those that run code, and ends everything that a
call left, so that nothing of one call is there in the next."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import stat
import sys
import time

PR_SET_DUMPABLE = 4
ENVIRONMENT = {
    'PATH': os.environ.get('PATH', '/usr/local/bin:/usr/bin:/bin'),
    'HOME': '/tmp',
    'TMPDIR': '/tmp',
    'LANG': 'C.UTF-8',
}
# Where code can leave something; the rest of a container is read-only.
WRITABLE = ('/tmp', '/dev/shm', '/dev/mqueue')
PATIENCE = 5.0
SHARED = (
    (resource.RLIMIT_SIGPENDING, 256),
    (resource.RLIMIT_MEMLOCK, 64 << 10),
    (resource.RLIMIT_MSGQUEUE, 0),
)
KINDS = sorted({value for name, value in vars(resource).items() if name.startswith('RLIMIT_')})


def hide():
    """Code has the same user. Without this it could write into this process, or answer by its
    descriptors."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl')


def limit():
    """What the kernel counts for all processes of a user, in other containers too. Linux lets everybody
    lower a limit. A kernel that a sandbox brings along, as gVisor's, may know none of these, and counts
    for its own container only."""
    for which, most in SHARED:
        hard = resource.getrlimit(which)[1]
        if hard == resource.RLIM_INFINITY or hard > most:
            try:
                resource.setrlimit(which, (most, most))
            except ValueError as error:
                print(f'limit {which} stays {hard}: {error}', file=sys.stderr, flush=True)


def start(program, fd, out, limits=()):
    """Starts a program in a session of its own, with fd as its descriptor 3 and out as what it prints
    to. It is exec'ed and not forked, so that it has nothing of this process in its memory."""
    pid = fork()
    if not pid:
        become(
            program,
            (out, out, fd),
            limits,
            ENVIRONMENT,
            lambda error: os.write(2, f'{program[0]}: {error}\n'.encode()),
        )
    return pid


def be_first_to_go():
    """If memory ends, this process is to end and not PID 1. Nobody may write that of one that hides, as a
    fork of this one does, so it stops hiding first: only what is trusted runs meanwhile."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
        with open('/proc/self/oom_score_adj', 'w') as file:
            file.write('1000')
    except BaseException:
        pass


def fork():
    for attempt in range(100):
        try:
            return os.fork()
        except OSError as error:
            # What was killed a moment ago may still count.
            if error.errno not in (errno.EAGAIN, errno.ENOMEM) or attempt == 99:
                raise
            time.sleep(0.01)


def become(program, descriptors, limits, environment, tell):
    """What a fork does: it ends as the program, whose descriptors are nothing to read and those given, or
    without a return."""
    try:
        os.setsid()
        null = os.open('/dev/null', os.O_RDWR)
        # Above 9 first, or one could be where another one is to be.
        sources = [fcntl.fcntl(given, fcntl.F_DUPFD_CLOEXEC, 10) for given in (null, *descriptors)]
        for target, source in enumerate(sources):
            os.dup2(source, target, inheritable=True)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        for which, value in limits:
            resource.setrlimit(which, value)
        os.chdir('/tmp')
        os.execve(program[0], program, environment)
    except BaseException as error:
        tell(error)
    finally:
        os._exit(127)


def has_others(known):
    """Whether there are processes besides this one and those known. The list goes from low numbers to high
    ones, so one that forks cannot be missed, but where numbers begin again. They do not do so twice."""
    for _ in range(2):
        if any(int(name) not in known for name in os.listdir('/proc') if name.isdigit()):
            return True
    return False


def is_well(pid):
    """Whether a process is there and neither stopped nor dead."""
    try:
        with open(f'/proc/{pid}/stat', 'rb') as file:
            return file.read().rpartition(b')')[2].split()[0] in (b'R', b'S', b'D')
    except OSError:
        return False


def limits_of(pid):
    """Its limits and how nice it is: where nothing else forbids it, code can change both."""
    try:
        with open(f'/proc/{pid}/limits', 'rb') as file:
            limits = file.read()
    except FileNotFoundError:
        # gVisor's kernel has no such file.
        limits = [resource.prlimit(pid, which) for which in KINDS]
    return limits, os.getpriority(os.PRIO_PROCESS, pid)


def reap():
    """Takes leave of all that ended: the exit status of each."""
    ended = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def end(pid):
    """Kills a child and waits for it. False if it was gone or does not go."""
    try:
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
            time.sleep(0.0005)
    except (ProcessLookupError, ChildProcessError):
        pass
    return False


def end_all():
    """Kills every other process at once, which ends one that only makes others too: the kernel goes
    through all of them while none can fork."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        reap()
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if time.monotonic() > until:
            sys.exit('a process of code does not end')
        time.sleep(0.0005)


def wipe():
    for place in WRITABLE:
        try:
            if os.listdir(place):
                _empty(place)
        except FileNotFoundError:
            pass


def _empty(place):
    """Deletes what is in a directory without following links. Directories in directories are moved up
    first, as a tree can be deeper than a path or a stack can be. Nothing else runs meanwhile."""
    root = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    moved = 0
    try:
        while True:
            names = os.listdir(root)
            if not names:
                return
            for name in names:
                if not stat.S_ISDIR(os.lstat(name, dir_fd=root).st_mode):
                    os.unlink(name, dir_fd=root)
                    continue
                os.chmod(name, 0o700, dir_fd=root)
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
                try:
                    for child in os.listdir(inner):
                        if stat.S_ISDIR(os.lstat(child, dir_fd=inner).st_mode):
                            # It has to be writable itself, as it learns of another parent.
                            os.chmod(child, 0o700, dir_fd=inner)
                            moved += 1
                            while _exists(f'{moved}', root):
                                moved += 1
                            os.rename(child, f'{moved}', src_dir_fd=inner, dst_dir_fd=root)
                        else:
                            os.unlink(child, dir_fd=inner)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=root)
    finally:
        os.close(root)


def _exists(name, directory):
    try:
        os.lstat(name, dir_fd=directory)
        return True
    except FileNotFoundError:
        return False
