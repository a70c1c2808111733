"""One call in one process: what it is sent, what it answers, and what it means that it does not."""

import json
import os
import re
import select
import signal
import struct
import time

import contract

CLOSED_SECONDS = 0.2
EARLY_BYTES = 16 << 10
LOG_BYTES = 64 << 10
TAIL_BYTES = 4 << 10
FAILURE_BYTES = 32 << 10
CALLS_BYTES = 64 << 10
BLOCK = 64 << 10
OUT_OF_MEMORY = re.compile(rb'out of memory|MemoryError|bad_alloc|Cannot allocate memory')
TOLD = ('MEMORY', 'OUTPUT', 'PERMISSION', 'CRASH', 'INVALID_RESULT')


class Prints:
    """What code prints: its beginning for who reads it, its end to see what it died of."""

    def __init__(self):
        self.kept = bytearray()
        self.tail = b''
        self.is_cut = False

    def take(self, descriptor):
        """False when nothing will come any more."""
        try:
            data = os.read(descriptor, BLOCK)
        except BlockingIOError:
            return True
        room = LOG_BYTES - len(self.kept)
        self.kept += data[:room]
        self.is_cut = self.is_cut or len(data) > room
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        return bool(data)

    def text(self):
        text = self.kept.decode('utf-8', 'replace')
        return text + f'\n[cut off after {LOG_BYTES} bytes]\n' if self.is_cut else text


class Execution:
    """One call in one guest, until there is an answer or can be none."""

    def __init__(self, guest, call, limits):
        self.guest = guest
        self.limits = limits
        self.prints = Prints()
        self.received = bytearray()
        self.begin = 0
        self.mcp_calls = None
        self.outcome = None
        self.status = None
        self.cpu_seconds = 0
        asked = json.dumps({
            'source': call.source,
            'function': call.function,
            'tools': call.tools,
            'timeoutMs': limits.millis,
            'outputBytes': limits.output,
            'memoryBytes': limits.memory,
        }).encode('ascii')  # fmt: skip
        value = json.dumps(call.input, separators=(',', ':')).encode('ascii')
        self.unsent = memoryview(struct.pack('>II', len(asked), len(value)) + asked + value)

    def run(self, host):
        began = time.monotonic()
        until = began + self.limits.millis / 1000
        poll = select.poll()
        poll.register(host.socket, select.POLLIN)
        poll.register(self.guest.call, select.POLLIN | select.POLLOUT)
        poll.register(self.guest.log, select.POLLIN)
        ended = pidfd(self.guest.pid)
        if ended is not None:
            poll.register(ended, select.POLLIN)
        is_silent = False
        try:
            while self.outcome is None:
                left = until - time.monotonic()
                if left <= 0:
                    # An answer that came in time counts, though this process was slow to look.
                    self.take_the_rest()
                    self.outcome = self.outcome or self.timeout()
                    break
                if ended is None or is_silent:
                    left = min(left, 0.02)
                for descriptor, event in poll.poll(left * 1000 + 1):
                    if descriptor == host.socket.fileno():
                        host.receive_early()
                        if host.early > EARLY_BYTES:
                            poll.unregister(host.socket)
                    elif descriptor == self.guest.log:
                        if not self.prints.take(self.guest.log):
                            poll.unregister(self.guest.log)
                    elif descriptor == self.guest.call.fileno():
                        if event & select.POLLOUT and self.unsent:
                            self.send()
                            if not self.unsent:
                                poll.modify(self.guest.call, select.POLLIN)
                        if event & ~select.POLLOUT and not self.receive():
                            poll.unregister(self.guest.call)
                            is_silent = True
                if self.outcome is None and self.has_ended():
                    self.take_the_rest()
                    self.outcome = self.outcome or self.end()
                elif self.outcome is None and is_silent:
                    # Nobody has the other end: the process is about to end, or has closed it.
                    patience = time.monotonic() + CLOSED_SECONDS
                    while not self.has_ended() and time.monotonic() < patience:
                        time.sleep(0.001)
                    self.outcome = self.end() if self.has_ended() else self.closed()
        finally:
            if ended is not None:
                os.close(ended)
        millis = round((time.monotonic() - began) * 1000, 3)
        for _ in range(4):
            if not self.prints.take(self.guest.log):
                break
        return (*self.outcome, millis, self.prints.text())

    def send(self):
        try:
            self.unsent = self.unsent[self.guest.call.send(self.unsent[: 1 << 20]) :]
        except BlockingIOError:
            pass
        except OSError:
            self.unsent = memoryview(b'')

    def receive(self):
        try:
            data = self.guest.call.recv(BLOCK)
        except BlockingIOError:
            return True
        except OSError:
            data = b''
        self.received += data
        self.outcome = self.outcome or self.read_answer()
        return bool(data)

    def take_the_rest(self):
        while self.outcome is None:
            before = len(self.received)
            if not self.receive() or len(self.received) == before:
                return

    def has_ended(self):
        if self.status is None:
            pid, status, usage = os.wait4(self.guest.pid, os.WNOHANG)
            if pid:
                self.status = status
                self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return self.status is not None

    def read_answer(self):
        """A letter, a length and so many bytes: the first that is whole counts. In front of it may be which
        tools were called."""
        body = self.begin + 5
        if len(self.received) < body:
            return None
        kind, length = chr(self.received[self.begin]), struct.unpack('>I', self.received[self.begin + 1 : body])[0]
        if kind == 'M' and self.mcp_calls is None and length <= CALLS_BYTES:
            if len(self.received) < body + length:
                return None
            self.mcp_calls = contract.calls(bytes(self.received[body : body + length]))
            if self.mcp_calls is not None:
                self.begin = body + length
                return self.read_answer()
        if kind not in 'RED':
            return contract.failure('CRASH', 'the answer of the process is not one of the runner')
        if length > (self.limits.output if kind == 'R' else FAILURE_BYTES):
            return contract.failure('OUTPUT', f'at most {self.limits.output} bytes expected, found {length}')
        if len(self.received) < body + length:
            return None
        data = bytes(self.received[body : body + length])
        if kind == 'R':
            return self.result(data)
        if kind == 'D':
            return contract.failure('DEOPT', data.decode('utf-8', 'replace'))
        return self.told(data)

    def result(self, data):
        try:
            value = contract.parse(data)
            contract.text_of(value)
        except contract.NotJson as error:
            return contract.failure('INVALID_RESULT', f'handle gave no JSON: {error}')
        return 'generic', value

    def told(self, data):
        try:
            said = contract.parse(data)
            code, message = said['code'], said['message']
            line, kind = said.get('line'), said.get('type')
        except (contract.NotJson, TypeError, KeyError, AttributeError):
            code = message = line = kind = None
        if code not in TOLD or not isinstance(message, str):
            return contract.failure('CRASH', 'the answer of the process is not one of the runner')
        line = line if type(line) is int and 0 < line < 1 << 31 else None
        place = '' if line is None else f' (line {line})'
        message = message[: contract.MESSAGE - len(place)] + place
        return contract.failure(code, message, type=kind[:100] if isinstance(kind, str) else None, line=line)

    def timeout(self):
        return contract.failure('TIMEOUT', f'no answer of the code within {self.limits.millis} ms')

    def closed(self):
        return contract.failure('CRASH', 'the process closed what it answers by')

    def end(self):
        """What it means that the process ended without an answer."""
        if os.WIFEXITED(self.status):
            code = os.WEXITSTATUS(self.status)
            # Node ends so where a signal ended it.
            if code == 128 + signal.SIGABRT and OUT_OF_MEMORY.search(self.prints.tail):
                return contract.failure('MEMORY', 'out of memory', exitCode=code)
            message = f'the process ended without an answer, with exit code {code}'
            return contract.failure('CRASH', message, exitCode=code)
        number = os.WTERMSIG(self.status)
        # The kernel ends by the second one who does not listen to the first.
        used_up = number == signal.SIGKILL and self.cpu_seconds > self.limits.seconds() + 1
        if number == signal.SIGXCPU or used_up:
            return self.timeout()
        self.prints.take(self.guest.log)
        fatal = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL)
        if number == signal.SIGKILL or number in fatal and OUT_OF_MEMORY.search(self.prints.tail):
            return contract.failure('MEMORY', 'out of memory', signal=number)
        return contract.failure('CRASH', f'the process ended without an answer, by signal {number}', signal=number)


def pidfd(pid):
    """Tells when a process ends. Where the system has none, it is asked now and then."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
