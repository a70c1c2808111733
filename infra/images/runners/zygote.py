"""The zygote of Python: an interpreter that has imported what handlers commonly use, and forks itself for
each call. It never reads a call: its children do, one each."""

import builtins
import ctypes
import gc
import os
import signal
import socket
import sys

HOME = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HOME)

import child

sys.path.remove(HOME)
PR_SET_DUMPABLE = 4


def serve():
    # If memory ends, something here is to end and not PID 1.
    try:
        with open('/proc/self/oom_score_adj', 'w') as file:
            file.write('1000')
    except OSError:
        pass
    # Code has the same user, and must not read or write this process.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    # Python would print where it was when code sends this signal; any other ends it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    builtins.deopt = child.deopt
    builtins.tool = child.TOOLS.call
    builtins.ToolError = child.ToolError
    builtins.state = child.STATE
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=3)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not data:
            return
        between = os.fork()
        if between == 0:
            # Forked twice, so that PID 1 is the parent of the child and learns how it ends.
            if os.fork():
                os._exit(0)
            control.detach()
            child.child(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(between, 0)
        if 'asyncio' not in sys.modules:
            # It takes as long as all others: the first call does not wait for it.
            import asyncio

            gc.collect()
            gc.freeze()


if __name__ == '__main__':
    serve()
