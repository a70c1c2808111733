"""PID 1 of a runner: it asks the host for nothing but one connection, and on that it is the server of
POST /execute and GET /health. Each call is run by a process of its own, which ends with it.

    python3 -I -S supervisor.py python|node

A single thread, as processes are made by forks. What a call sends or prints is read up to its limits
only, so that nothing a call does takes more of this process than another one."""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import command
import contract
import guests
import processes
from execution import Execution
from host import BODY_BYTES, Host, Limits

APP = '/app'
READY_SECONDS = 15


class Runner:
    def __init__(self, language):
        self.language = language
        self.guest = None
        self.is_ready = False
        self.calls = 0
        self.owes = False
        self.last = Limits({})
        self.mine = processes.limits_of(os.getpid())
        self.has_handler = any(os.path.exists(os.path.join(APP, name)) for name in language.handler)

    def prepare(self):
        self.guest = self.language.prepare(self.last)
        self.is_ready = False

    def ready(self, limits):
        """The guest that waits, which is made again where it does not fit or was ended."""
        self.last = limits
        for _ in range(3):
            if self.is_ready or self.guest.wait(READY_SECONDS):
                self.is_ready = True
                # Memory may have ended for one of them meanwhile.
                if self.language.fits(self.guest, limits) and not processes.reap():
                    return True
            self.clean(everything=True)
            self.prepare()
        return False

    def serve(self, host):
        while True:
            request = host.request()
            self.owes = True
            path = request.path.partition('?')[0]
            if path not in ('/execute', '/health'):
                host.refuse(404, 'there are POST /execute and GET /health')
            elif request.method != ('POST' if path == '/execute' else 'GET'):
                host.refuse(405, 'there are POST /execute and GET /health')
            elif path == '/health':
                self.health(host)
            elif request.body is None:
                host.refuse(413, f'at most {BODY_BYTES} bytes expected')
            elif request.came_early:
                host.refuse(429, 'a call is running: a container runs one at a time')
            else:
                self.execute(host, request)

    def health(self, host):
        if self.ready(self.last):
            host.send(200, json.dumps({'ready': True, 'calls': self.calls}).encode('ascii'))
        else:
            host.refuse(503, 'no process for a call can be started')

    def execute(self, host, request):
        try:
            limits = Limits(request.headers)
            kind = request.headers.get('content-type', '').partition(';')[0].strip().lower()
            if kind != 'application/json':
                raise contract.Malformed(f'Content-Type: application/json expected, found {kind[:60]!r}')
            call = contract.read(request.body)
            if request.headers.get('x-request-id') != call.request_id:
                raise contract.Malformed('X-Request-ID: the requestId of the body expected')
        except contract.Malformed as error:
            host.refuse(400, str(error))
            return
        if call.command is not None:
            self.run_command(host, call, limits)
            return
        problem = self.problem_of(call)
        if problem:
            self.answer(host, call, *contract.failure('INVALID_DEFINITION', problem), 0, '')
            return
        if not self.ready(limits):
            host.refuse(503, 'no process for a call can be started')
            return
        execution = Execution(self.guest, call, limits)
        self.run(host, call, execution)
        self.clean(has_ended=execution.status is not None)
        self.prepare()

    def run_command(self, host, call, limits):
        """Runs a program in place of code. The process that waits for code goes: nobody calls it any more,
        so what the program may do to it harms no one."""
        try:
            command.check(call.command['path'])
        except command.Refused as refused:
            self.answer(host, call, *contract.failure(refused.code, str(refused)), 0, '')
            return
        if not self.ready(self.last):
            host.refuse(503, 'no process for a call can be started')
            return
        waiting = self.guest.pid
        self.dismiss()
        execution = command.CommandExecution(call.command, limits)
        self.run(host, call, execution)
        processes.end(waiting)
        if execution.pid is not None and execution.status is None:
            processes.end(execution.pid)
        self.clean()
        self.prepare()

    def run(self, host, call, execution):
        outcome = execution.run(host)
        host.receive_unseen()
        self.answer(host, call, *outcome, execution.mcp_calls)
        self.calls += 1

    def problem_of(self, call):
        if call.source is None and not self.has_handler:
            return f'no code: the request has none, and the image no {APP}/{self.language.handler[0]}'
        if call.source is not None and call.language != self.language.language:
            return f'this runner runs {self.language.language}, the code is {call.language}'
        return None

    def answer(self, host, call, kind, data, millis, logs, mcp_calls=None):
        host.send(200, contract.answer(call.request_id, kind, data, millis, logs, mcp_calls))
        self.owes = False

    def dismiss(self):
        """Has the guest end, which it does by itself when nobody can call it any more."""
        if self.guest is not None:
            self.guest.close()
        self.guest = None

    def clean(self, everything=False, has_ended=False):
        """Nothing of a call is to be there in the next: no process, no file, no limit it changed."""
        guest = self.guest
        self.dismiss()
        if guest is not None and guest.pid is not None and not has_ended:
            processes.end(guest.pid)
        processes.reap()
        # In this order: when nobody is there any more, nobody changes the zygote behind the look at it.
        if everything or processes.has_others(self.language.known()) or not self.language.is_well():
            self.language.forget()
            processes.end_all()
        if processes.limits_of(os.getpid()) != self.mine:
            sys.exit('code changed the limits of the runner')
        processes.wipe()


def main():
    processes.hide()
    if os.getpid() != 1:
        sys.exit('this ends all processes that it may, and is to be PID 1 of a container')
    processes.limit()
    # From inside a container only signals with a handler reach PID 1, and Python has one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    runner = Runner(guests.Python() if sys.argv[1] == 'python' else guests.Node())
    runner.prepare()
    host = Host()
    try:
        runner.serve(host)
    except Exception as error:
        # Behind an answer it would be taken for that to the next call.
        if runner.owes:
            host.refuse(500, f'the runner failed: {type(error).__name__}')
        raise


if __name__ == '__main__':
    main()
