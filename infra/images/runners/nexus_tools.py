"""tool(name, arguments) and state for code: a message of MCP by the second socket of the container. Where a call has
no tools it has no endpoint, and whoever is asked without one refuses."""

import json
import os
import socket
import time
import urllib.parse

VARIABLE = 'MCP_ENDPOINT'
SCHEME = 'http+unix://'
STATE = 'core.state.'
REFUSED = ' is not available: handle may depend on its input only, unless capabilities has '
BLOCK = 64 << 10
MOST_TOOLS = 50
MOST_NAME = 128
ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(',', ':'))


class ToolError(Exception):
    """A tool could not be called, or failed; problem is a word for machines, where there is one."""

    problem = None


class Tools:
    """The tools of one call. Its connection is made when it is first needed."""

    def __init__(self):
        self.endpoint = None
        self.connection = None
        self.asked = 0
        self.made = {}

    def begin(self, endpoint):
        """The same is told in a variable to code that has a client of MCP of its own."""
        self.endpoint = endpoint
        if endpoint:
            os.environ[VARIABLE] = endpoint

    def call(self, name, arguments=None):
        if not self.endpoint:
            raise PermissionError('state' + REFUSED + 'state' if str(name).startswith(STATE) else 'tool' + REFUSED + 'tools')
        self.asked += 1
        params = {'name': str(name), 'arguments': {} if arguments is None else arguments}
        message = {'jsonrpc': '2.0', 'id': self.asked, 'method': 'tools/call', 'params': params}
        body = ENCODER.encode(message).encode('utf-8')
        began = time.monotonic()
        try:
            return value_of(*self.send(body))
        finally:
            self.note(params['name'][:MOST_NAME], (time.monotonic() - began) * 1000)

    def note(self, name, millis):
        if name in self.made or len(self.made) < MOST_TOOLS:
            made = self.made.setdefault(name, {'count': 0, 'millis': 0})
            made['count'] += 1
            made['millis'] += millis

    def send(self, body):
        host, _, path = self.endpoint.removeprefix(SCHEME).partition('/')
        head = f'POST /{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
        try:
            if self.connection is None:
                self.connection = socket.socket(socket.AF_UNIX)
                self.connection.connect(urllib.parse.unquote(host))
            self.connection.sendall(f'{head}Content-Length: {len(body)}\r\n\r\n'.encode('ascii') + body)
            return self.receive()
        except OSError as error:
            raise ToolError(f'the platform does not answer: {error}') from None

    def receive(self):
        data = b''
        while b'\r\n\r\n' not in data:
            data += self.more()
        head, _, rest = data.partition(b'\r\n\r\n')
        lines = head.decode('ascii', 'replace').split('\r\n')
        length = next(int(line.split(':')[1]) for line in lines if line.lower().startswith('content-length:'))
        while len(rest) < length:
            rest += self.more()
        return int(lines[0].split(' ')[1]), rest[:length]

    def more(self):
        data = self.connection.recv(BLOCK)
        if not data:
            raise ConnectionError('the connection ended')
        return data


class State:
    """The runtime values of the application, which are tools too."""

    def __init__(self, tool):
        self.tool = tool

    def entry(self, key):
        found = self.tool('core.state.get', {'key': key})
        return found if found.pop('found') else None

    def get(self, key):
        found = self.entry(key)
        return None if found is None else found['value']

    def set(self, key, value, ttl_seconds=None, expected_version=None):
        terms = given(ttlSeconds=ttl_seconds, expectedVersion=expected_version)
        return self.tool('core.state.set', {'key': key, 'value': value, **terms})['version']

    def increment(self, key, by=1, ttl_seconds=None):
        return self.tool('core.state.increment', {'key': key, 'by': by, **given(ttlSeconds=ttl_seconds)})['value']

    def delete(self, key, expected_version=None):
        return self.tool('core.state.delete', {'key': key, **given(expectedVersion=expected_version)})['deleted']


def given(**arguments):
    return {name: value for name, value in arguments.items() if value is not None}


def value_of(status, body):
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    result = answer.get('result')
    if not isinstance(result, dict):
        said = answer.get('error', {}).get('message') or answer.get('detail')
        if status == 403 and REFUSED in str(said):
            raise PermissionError(said)
        raise ToolError(said or f'the platform answers with {status}')
    text = ''.join(part.get('text', '') for part in result.get('content', ()))
    if result.get('isError'):
        error = ToolError(text)
        error.problem = result.get('_meta', {}).get('dev.nexus/problem')
        raise error
    # A tool of the platform says what its text is; of others it is taken where nothing better came.
    form = result.get('_meta', {}).get('dev.nexus/output')
    if form == 'json':
        return json.loads(text)
    return text if form == 'text' else result.get('structuredContent', text)
