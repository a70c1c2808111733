"""The connection to the host: HTTP/1.1 with a Content-Length both ways, one request after the other."""

import json
import socket
import sys
import time

import contract

SOCKET = '/run/nexus/execute.sock'
CONNECT_SECONDS = 5
HEAD_BYTES = 16 << 10
BODY_BYTES = 4 << 20
BLOCK = 64 << 10
REASONS = {
    200: 'OK',
    400: 'Bad Request',
    404: 'Not Found',
    405: 'Method Not Allowed',
    413: 'Content Too Large',
    429: 'Too Many Requests',
    500: 'Internal Server Error',
    503: 'Service Unavailable',
}


def header_number(headers, name, otherwise, least, most):
    text = headers.get(name.lower())
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 15 or not least <= int(text) <= most:
        raise contract.Malformed(f'{name}: a number from {least} to {most} expected, found {text[:60]!r}')
    return int(text)


class Limits:
    """What one call may use."""

    def __init__(self, headers):
        self.millis = header_number(headers, 'X-Nexus-Timeout-Ms', 2000, 1, 3600_000)
        self.output = header_number(headers, 'X-Nexus-Output-Bytes', 256 << 10, 1, 4 << 20)
        self.memory = header_number(headers, 'X-Nexus-Memory-Bytes', 128 << 20, 32 << 20, 64 << 30)

    def seconds(self):
        return -(-self.millis // 1000)


class Request:
    """What was asked; without a body where that is too long to be read."""

    def __init__(self, method, path, headers, body, came_early):
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.came_early = came_early


class Host:
    """The one connection. When it ends so does this process, and with it the container."""

    def __init__(self):
        self.unread = bytearray()
        self.early = 0
        until = time.monotonic() + CONNECT_SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(SOCKET)
                return
            except OSError as error:
                self.socket.close()
                if time.monotonic() > until:
                    sys.exit(f'{SOCKET}: {error}')
                time.sleep(0.01)

    def receive(self, flags=0):
        data = self.socket.recv(BLOCK, flags)
        if not data:
            sys.exit(0)
        self.unread += data

    def receive_early(self):
        """While a call runs: bytes of a next request, which is then refused."""
        self.receive()
        self.early = len(self.unread)

    def receive_unseen(self):
        """As a call ends: what is there by now came while it ran, also with its own request, and also
        where the end of the call was seen first."""
        try:
            self.receive(socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
        self.early = len(self.unread)

    def request(self):
        while b'\r\n\r\n' not in self.unread:
            if len(self.unread) > HEAD_BYTES:
                self.refuse_and_end(400, 'the head of the request is too long')
            self.receive()
        head, _, rest = bytes(self.unread).partition(b'\r\n\r\n')
        try:
            lines = head.decode('ascii').split('\r\n')
            method, path, version = lines[0].split(' ')
            headers = {}
            for line in lines[1:]:
                name, colon, value = line.partition(':')
                if not colon or not name or name != name.strip() or name.lower() in headers:
                    raise ValueError(f'the header {line[:60]!r}')
                headers[name.lower()] = value.strip()
            length = headers.get('content-length', '0')
            if version != 'HTTP/1.1' or not length.isdigit() or 'transfer-encoding' in headers:
                raise ValueError('HTTP/1.1 with a Content-Length expected')
        except ValueError as error:
            self.refuse_and_end(400, f'no request: {error}')
        length = int(length[:12])
        came_early = self.early > 0
        self.unread = bytearray(rest)
        self.early = max(0, self.early - len(head) - 4 - length)
        if length > BODY_BYTES:
            self.skip(length)
            return Request(method, path, headers, None, came_early)
        while len(self.unread) < length:
            self.receive()
        body = bytes(self.unread[:length])
        del self.unread[:length]
        return Request(method, path, headers, body, came_early)

    def skip(self, length):
        while length > len(self.unread):
            length -= len(self.unread)
            self.unread.clear()
            self.receive()
        del self.unread[:length]

    def send(self, status, body, headers=''):
        kind = 'application/json' if status == 200 else 'application/problem+json'
        head = f'HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\n{headers}'
        head += f'Content-Length: {len(body)}\r\n\r\n'
        try:
            self.socket.sendall(head.encode('ascii') + body)
        except OSError:
            sys.exit(0)

    def refuse(self, status, detail, headers=''):
        problem = {'type': 'about:blank', 'title': REASONS[status], 'status': status, 'detail': detail}
        self.send(status, json.dumps(problem).encode('ascii'), headers)

    def refuse_and_end(self, status, detail):
        self.refuse(status, detail, 'Connection: close\r\n')
        sys.exit(0)
