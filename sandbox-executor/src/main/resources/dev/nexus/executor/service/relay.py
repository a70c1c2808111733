"""The way to a service, which has no network: it shares the service's own and connects to the executor. One
connection waits there; a byte from the executor makes it one to the service's port, and is answered by + or -.

    python3 -I -S -c PROGRAM PORT"""

import socket
import sys
import threading

SOCKET = '/run/nexus/execute.sock'
PORT = int(sys.argv[1])
MOST = 64
BLOCK = 65536
CONNECTED_WITHIN = 5


def pass_on(source, target):
    try:
        while True:
            data = source.recv(BLOCK)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(executor, room):
    with room, executor, socket.socket() as service:
        try:
            service.settimeout(CONNECTED_WITHIN)
            service.connect(('127.0.0.1', PORT))
            service.settimeout(None)
            executor.sendall(b'+')
        except OSError:
            try:
                executor.sendall(b'-')
            except OSError:
                pass
            return
        answers = threading.Thread(target=pass_on, args=(service, executor), daemon=True)
        answers.start()
        pass_on(executor, service)
        try:
            service.shutdown(socket.SHUT_RDWR)  # who asked has gone, and a silent service would not notice
        except OSError:
            pass
        answers.join()


def main():
    threading.stack_size(128 << 10)
    room = threading.BoundedSemaphore(MOST)
    while True:
        with room:
            executor = socket.socket(socket.AF_UNIX)
            try:
                executor.connect(SOCKET)
                asked = executor.recv(1)
            except OSError:
                return
        if not asked:
            return
        threading.Thread(target=serve, args=(executor, room), daemon=True).start()


main()
