"""A command: a program of the image that is run as it is, by its path and its arguments. There is no shell
between, nothing is read from where it stands, and what it prints is the result."""

import codecs
import errno
import json
import os
import resource
import select
import signal
import stat
import time

import contract
import processes
from execution import BLOCK, EARLY_BYTES, LOG_BYTES, pidfd

FILES = 256
# Where nothing of an image is, or where a call before may have put something.
NOT_OF_THE_IMAGE = ('/dev', '/proc', '/run', '/sys', '/tmp', '/var/run', '/var/tmp')
MANY_IN_ONE = ('busybox', 'toybox')
SHELLS = ('ash', 'bash', 'csh', 'dash', 'fish', 'ksh', 'ksh93', 'mksh', 'rbash', 'sh', 'tcsh', 'zsh')
ENVIRONMENT = {name: processes.ENVIRONMENT[name] for name in ('PATH', 'HOME', 'LANG')}
# What the rest of a result takes, beside its two texts.
FRAME = 96
CLOSING_BLOCKS = 32


class Refused(Exception):
    """There is no such program, or none that may be run."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def check(path):
    """That a path is one of a program of the image, wherever its links lead."""
    real = os.path.realpath(path)
    for place in (path, real):
        if any(os.path.commonpath((place, there)) == there for there in NOT_OF_THE_IMAGE):
            raise Refused('PERMISSION', f'a program of the image expected, and {_both(path, real)} is none')
    if os.path.basename(path) in SHELLS + MANY_IN_ONE or os.path.basename(real) in SHELLS:
        raise Refused('PERMISSION', f'no shell is run, and {_both(path, real)} is one')
    try:
        mode = os.stat(real).st_mode
    except OSError as error:
        raise Refused('INVALID_DEFINITION', f'there is no program {path}: {error.strerror}') from None
    if not stat.S_ISREG(mode) or not os.access(real, os.X_OK):
        raise Refused('INVALID_DEFINITION', f'{_both(path, real)} is no file that can be run')


def _both(path, real):
    return path if path == real else f'{path}, which is {real},'


class Stream:
    """What a command writes: its beginning, and whether there was more."""

    def __init__(self, most):
        self.most = most
        self.ours, self.its = os.pipe()
        os.set_blocking(self.ours, False)
        self.kept = bytearray()
        self.is_cut = False

    def is_handed_over(self):
        os.close(self.its)

    def take(self):
        """How much came; None when nothing did, and 0 when nothing will any more."""
        try:
            data = os.read(self.ours, BLOCK)
        except BlockingIOError:
            return None
        room = self.most - len(self.kept)
        self.kept += data[:room]
        self.is_cut = self.is_cut or len(data) > room
        return len(data)

    def text(self):
        """As much of it as JSON has room for: a control character takes six bytes there."""
        # The first bytes of a character whose others were cut off are no invalid ones: they are left out.
        text = codecs.getincrementaldecoder('utf-8')('replace').decode(self.kept, not self.is_cut)
        if _length(text) <= self.most:
            return text
        self.is_cut = True
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _length(text[:middle]) <= self.most else (low, middle - 1)
        return text[:low]


def _length(text):
    return len(json.dumps(text, ensure_ascii=False).encode('utf-8')) - 2


def killed_for_memory():
    """How many processes of this container the kernel has ended as there was no memory for them."""
    for place in ('/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'):
        try:
            with open(place, encoding='ascii') as file:
                told = dict(line.split() for line in file)
            return int(told.get('oom_kill', '0'))
        except (OSError, ValueError):
            pass
    return 0


class CommandExecution:
    """One command, until it ends or has to."""

    mcp_calls = None  # a program has no `tool` that would count them

    def __init__(self, command, limits):
        self.program = [command['path'], *command['args']]
        self.limits = limits
        most = max(0, (limits.output - FRAME) // 2)
        self.out, self.err = Stream(most), Stream(most)
        # Of all its threads together, so that those of one program do not use up its time by their number.
        self.cpu_most = (limits.seconds() + 1) * (os.cpu_count() or 1)
        self.killed_before = 0
        self.pid = None
        self.status = None
        self.cpu_seconds = 0

    def start(self):
        """Starts the program. What keeps it from starting comes through a pipe that its start closes."""
        told, its_told = os.pipe()
        limits = [
            (resource.RLIMIT_CPU, (self.cpu_most, self.cpu_most + 1)),
            (resource.RLIMIT_CORE, (0, 0)),
            (resource.RLIMIT_NOFILE, (FILES, FILES)),
        ]
        self.killed_before = killed_for_memory()
        self.pid = processes.fork()
        if not self.pid:
            processes.be_first_to_go()
            processes.become(
                self.program,
                (self.out.its, self.err.its),
                limits,
                ENVIRONMENT,
                lambda error: os.write(its_told, str(getattr(error, 'errno', None) or errno.EIO).encode()),
            )
        os.close(its_told)
        self.out.is_handed_over()
        self.err.is_handed_over()
        with os.fdopen(told, 'rb') as pipe:
            said = pipe.read()
        if said:
            raise Refused('INVALID_DEFINITION', f'{self.program[0]} cannot be run: {os.strerror(int(said))}')

    def run(self, host):
        began = time.monotonic()
        until = began + self.limits.millis / 1000
        try:
            self.start()
            outcome = self.wait(host, until)
        except Refused as refused:
            outcome = contract.failure(refused.code, str(refused))
        finally:
            os.close(self.out.ours)
            os.close(self.err.ours)
        # Without a result what was printed is all there is to see what went wrong by.
        logs = '' if outcome[0] == 'generic' else (self.out.text() + self.err.text())[: LOG_BYTES // 4]
        return (*outcome, round((time.monotonic() - began) * 1000, 3), logs)

    def wait(self, host, until):
        poll = select.poll()
        poll.register(host.socket, select.POLLIN)
        poll.register(self.out.ours, select.POLLIN)
        poll.register(self.err.ours, select.POLLIN)
        ended = pidfd(self.pid)
        if ended is not None:
            poll.register(ended, select.POLLIN)
        try:
            while not self.has_ended():
                left = until - time.monotonic()
                if left <= 0:
                    return self.timeout()
                if ended is None:
                    left = min(left, 0.02)
                for descriptor, _ in poll.poll(left * 1000 + 1):
                    if descriptor == host.socket.fileno():
                        host.receive_early()
                        if host.early > EARLY_BYTES:
                            poll.unregister(host.socket)
                    elif descriptor in (self.out.ours, self.err.ours):
                        stream = self.out if descriptor == self.out.ours else self.err
                        if stream.take() == 0:
                            poll.unregister(descriptor)
        finally:
            if ended is not None:
                os.close(ended)
        return self.end()

    def has_ended(self):
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.status = status
                self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return self.status is not None

    def timeout(self):
        return contract.failure('TIMEOUT', f'{self.program[0]} did not end within {self.limits.millis} ms')

    def end(self):
        """The result. What the command left running may go on to write, so a little is read, and no more."""
        for stream in (self.out, self.err):
            for _ in range(CLOSING_BLOCKS):
                if not stream.take():
                    break
        if os.WIFEXITED(self.status):
            code = os.WEXITSTATUS(self.status)
        else:
            number = os.WTERMSIG(self.status)
            # The kernel ends by the second one who does not listen to the first.
            used_up = number == signal.SIGKILL and self.cpu_seconds > self.cpu_most
            if number == signal.SIGXCPU or used_up:
                return self.timeout()
            if number == signal.SIGKILL and killed_for_memory() > self.killed_before:
                return contract.failure('MEMORY', 'out of memory', signal=number)
            code = 128 + number
        result = {'stdout': self.out.text(), 'stderr': self.err.text(), 'exit_code': code}
        if self.out.is_cut or self.err.is_cut:
            result['truncated'] = True
        return 'generic', result
