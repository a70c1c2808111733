"""Processes that wait for one call each. A guest is made when nothing of the call before it is left, and
before its own call is read: it has nothing of another call in its memory, and nobody could change it."""

import os
import resource
import shutil
import socket
import sys

import processes

MIB = 1 << 20
FILES = 256
HOME = os.path.dirname(os.path.abspath(__file__))


class Guest:
    """One prepared process: what it is asked through, and what it prints to."""

    def __init__(self):
        self.pid = None
        self.call, self.its_call = socket.socketpair()
        self.log, self.its_log = os.pipe()
        os.set_blocking(self.log, False)

    def is_handed_over(self):
        self.its_call.close()
        os.close(self.its_log)

    def wait(self, seconds):
        """Until it has said who it is, which the program here does before any code is in it."""
        self.call.settimeout(seconds)
        try:
            said = self.call.recv(16)
        except OSError:
            said = b''
        self.call.setblocking(False)
        if said.isdigit():
            self.pid = int(said)
        return self.pid is not None

    def close(self):
        self.call.close()
        os.close(self.log)


class Python:
    """Forks a warm interpreter, the zygote, which was started before any call was read, or anew."""

    language = 'python'
    handler = ('handler.py',)

    def __init__(self):
        self.zygote = None
        self.control = None
        self.limits = None

    def prepare(self, call_limits):
        if self.zygote is None:
            self.control, its_control = socket.socketpair()
            program = [sys.executable, '-I', os.path.join(HOME, 'zygote.py')]
            self.zygote = processes.start(program, its_control.fileno(), 2)
            its_control.close()
            self.limits = None
        guest = Guest()
        try:
            # Read when the zygote has imported what it imports.
            socket.send_fds(self.control, [b'1'], [guest.its_call.fileno(), guest.its_log])
        except OSError:
            pass
        guest.is_handed_over()
        return guest

    def fits(self, guest, call_limits):
        return True

    def known(self):
        return {os.getpid(), self.zygote}

    def is_well(self):
        """Whether the zygote is as it was: code has its user, and may send it signals."""
        try:
            if not processes.is_well(self.zygote):
                return False
            limits = processes.limits_of(self.zygote)
        except OSError:
            return False
        self.limits = self.limits or limits
        return self.limits == limits

    def forget(self):
        if self.control is not None:
            self.control.close()
        self.zygote = self.control = None


class Node:
    """Starts a Node ahead: one cannot be forked. What it may use is said when it starts, so it is
    started for limits as those of the call before."""

    language = 'javascript'
    handler = ('handler.js', 'handler.mjs')

    def __init__(self):
        self.program = shutil.which('node', path=processes.ENVIRONMENT['PATH'])
        if self.program is None:
            sys.exit('there is no node in this image')

    def prepare(self, call_limits):
        guest = Guest()
        guest.heap, guest.seconds = self.needs(call_limits)
        program = [
            self.program,
            f'--max-old-space-size={guest.heap}',
            '--v8-pool-size=1',
            '--no-warnings',
            os.path.join(HOME, 'child.js'),
        ]
        limits = [
            (resource.RLIMIT_CPU, (guest.seconds, guest.seconds + 1)),
            (resource.RLIMIT_CORE, (0, 0)),
            (resource.RLIMIT_NOFILE, (FILES, FILES)),
        ]
        processes.start(program, guest.its_call.fileno(), guest.its_log, limits)
        guest.is_handed_over()
        return guest

    def needs(self, call_limits):
        # Beside the heap of V8 there are its code, buffers and what Node itself has.
        heap = max(32, call_limits.memory // MIB - 32)
        # In steps, so that calls with other limits of time find a process that waits.
        seconds = 4
        while seconds < call_limits.seconds() + 1:
            seconds *= 2
        return heap, seconds

    def fits(self, guest, call_limits):
        heap, seconds = self.needs(call_limits)
        return guest.heap == heap and guest.seconds >= seconds

    def known(self):
        return {os.getpid()}

    def is_well(self):
        return True

    def forget(self):
        pass
