"""What POST /execute takes and answers. What it does not know is refused, with its place: a field that
nobody reads is a mistake of who sent it."""

import json

# No document of use is deeper, and readers of the answer have limits of their own.
DEPTH = 512
MESSAGE = 2048
MOST_TOOLS = 50
LANGUAGES = ('python', 'javascript')


class Malformed(Exception):
    """Answered with 400."""


class NotJson(Exception):
    """A text that a strict reader would refuse."""


# --- JSON, strictly ------------------------------------------------------------------------------


def _refuse(constant):
    raise NotJson(f'{constant} is no JSON')


def _finite(text):
    value = float(text)
    if value in (float('inf'), float('-inf')):
        raise NotJson(f'the number {text[:40]} is out of range')
    return value


def parse(data, depth=DEPTH):
    """The value of UTF-8 bytes. What Python takes besides, as NaN, is refused."""
    try:
        value = json.loads(data.decode('utf-8'), parse_constant=_refuse, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise NotJson(f'byte {error.start} is no UTF-8') from None
    except RecursionError:
        raise NotJson('it is nested too deeply') from None
    except ValueError as error:
        raise NotJson(str(error)[:200]) from None
    level = [value]
    while level:
        if depth < 0:
            raise NotJson('it is nested too deeply')
        depth -= 1
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
    return value


def text_of(value):
    """JSON as bytes; fails where a text has half of a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(',', ':'))
    try:
        return text.encode('utf-8')
    except UnicodeEncodeError:
        raise NotJson('a text has half of a surrogate pair, which is no UTF-8') from None


# --- Shapes ----------------------------------------------------------------------------------------


def _shown(value):
    if isinstance(value, dict):
        return 'an object'
    if isinstance(value, list):
        return 'a list'
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:60] + '…'


def _fail(at, expected, value):
    raise Malformed(f'{at}: {expected} expected, found {_shown(value)}')


def anything(at, value):
    pass


def text(at, value):
    if not isinstance(value, str):
        _fail(at, 'a text', value)


def name(at, value):
    if not isinstance(value, str) or not value or len(value) > 256:
        _fail(at, 'a text of 1 to 256 characters', value)


def text_or_null(at, value):
    if value is not None:
        text(at, value)


def flag(at, value):
    if not isinstance(value, bool):
        _fail(at, 'true or false', value)


def one_of(*allowed):
    def check(at, value):
        if not isinstance(value, str) or value not in allowed:
            _fail(at, 'one of ' + ', '.join(allowed), value)

    return check


def list_of(check_item):
    def check(at, value):
        if not isinstance(value, list):
            _fail(at, 'a list', value)
        for i, item in enumerate(value):
            check_item(f'{at}[{i}]', item)

    return check


def map_of(check_value):
    def check(at, value):
        if not isinstance(value, dict):
            _fail(at, 'an object', value)
        for key, item in value.items():
            check_value(f'{at}.{key[:60]}', item)

    return check


def text_or_list(at, value):
    if not isinstance(value, str):
        list_of(text)(at, value)


def identifier(at, value):
    if not isinstance(value, str) or not value.isascii() or not value.isidentifier():
        _fail(at, 'the name of a function', value)


def record(required, **optional):
    known = {**required, **optional}

    def check(at, value):
        if not isinstance(value, dict):
            _fail(at, 'an object', value)
        for key in value:
            if key not in known:
                raise Malformed(f'{at}.{key[:60]}: no such field; there are {", ".join(known)}')
        for key in required:
            if key not in value:
                raise Malformed(f'{at}.{key}: missing')
        for key, item in value.items():
            known[key](f'{at}.{key}', item)

    return check


ANY_OBJECT = map_of(anything)
HEADERS = map_of(text_or_list)
ENCODING = one_of('utf8', 'base64')

SOURCES = {
    'internal': (
        'internalDetails',
        record(
            {'input': anything},
            code=record({'language': one_of(*LANGUAGES), 'source': text}, function=identifier),
        ),
    ),
    'http': (
        'httpDetails',
        record(
            {'method': one_of('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'), 'path': text},
            routePattern=text,
            pathParameters=map_of(text),
            queryParameters=map_of(text_or_list),
            headers=HEADERS,
            body=text_or_null,
            bodyEncoding=ENCODING,
        ),
    ),
    'trigger': ('triggerDetails', record({'sourceAppId': name, 'triggerEvent': name}, payload=anything)),
    'callback': (
        'callbackDetails',
        record({'callbackUrl': text}, headers=HEADERS, body=text_or_null, bodyEncoding=ENCODING),
    ),
    'queue': ('queueDetails', record({'queueName': name, 'messageId': name}, payload=anything)),
    'cron': ('cronDetails', record({'jobId': name, 'scheduledTime': name})),
}


def argument(at, value):
    """What a system can pass on to a program."""
    text(at, value)
    if '\0' in value or value != _writable(value):
        _fail(at, 'a text of UTF-8 without NUL', value)


def path(at, value):
    argument(at, value)
    if not value.startswith('/') or len(value) > 255:
        _fail(at, 'the full path of a program', value)


COMMAND = record({'path': path, 'args': list_of(argument)})


def configuration(at, value):
    """Anything, in which a command is one."""
    ANY_OBJECT(at, value)
    if 'command' in value:
        COMMAND(f'{at}.command', value['command'])


CONTEXT = record(
    {'appId': name, 'componentId': name},
    workflowInfo=record({'workflowId': name}, startAt=text),
    mcp_endpoint=text,
    userInfo=record({'id': name}, roles=list_of(text), isAuthenticated=flag, claims=ANY_OBJECT),
    sessionId=text,
    configuration=configuration,
    applicationInfo=record({}, deploymentMode=one_of('production', 'development', 'staging')),
    # The two spellings that UHLP has of it.
    stateConfig=record({'type': name}, readTool=text, writeTool=text),
    state_config=record({'type': name}, params=ANY_OBJECT),
)

BODY = record({'requestId': name, 'requestData': anything, 'context': CONTEXT})


class Call:
    """What of a request its execution needs."""

    def __init__(self, request_id, value, code, context):
        self.request_id = request_id
        self.tools = context.get('mcp_endpoint')
        self.command = context.get('configuration', {}).get('command')
        self.input = value
        self.language = code['language'] if code else None
        self.source = code['source'] if code else None
        self.function = code.get('function', 'handle') if code else 'handle'


def read(data):
    """The call that the body of a request asks for."""
    try:
        body = parse(data, DEPTH + 3)
    except NotJson as error:
        raise Malformed(f'the body: JSON expected, {error}') from None
    BODY('body', body)
    asked = body['requestData']
    if not isinstance(asked, dict):
        _fail('body.requestData', 'an object', asked)
    source = asked.get('source')
    one_of(*SOURCES)('body.requestData.source', source)
    field, details = SOURCES[source]
    record({'source': text, field: details})('body.requestData', asked)
    command = body['context'].get('configuration', {}).get('command')
    if command is not None and (source != 'internal' or 'code' in asked[field]):
        raise Malformed('body.context.configuration.command: goes with source internal and without code')
    if source == 'internal':
        return Call(body['requestId'], asked[field]['input'], asked[field].get('code'), body['context'])
    return Call(body['requestId'], asked[field], None, body['context'])


# --- Answers ---------------------------------------------------------------------------------------


def _writable(text):
    """Without halves of surrogate pairs, as code may have put some into what it threw."""
    return text.encode('utf-8', 'replace').decode('utf-8') if isinstance(text, str) else text


def failure(code, message, **details):
    told = {key: _writable(value) for key, value in details.items() if value is not None}
    return 'error', {'code': code, 'message': _writable(message[:MESSAGE]), 'details': told}


def calls(data):
    """What a process says of the tools that its code has called; None where it is not as the runner writes it."""
    try:
        said = parse(data, 2)
    except NotJson:
        return None
    if not isinstance(said, dict) or len(said) > MOST_TOOLS:
        return None
    told = []
    for tool, made in said.items():
        count, millis = (made.get('count'), made.get('millis')) if isinstance(made, dict) else (None, None)
        if type(count) is not int or type(millis) not in (int, float):
            return None
        if len(tool) > 256 or not 0 < count < 1 << 31 or not 0 <= millis < 1 << 42:
            return None
        told.append({'tool': _writable(tool), 'count': count, 'total_duration_ms': round(millis, 3)})
    return told


def answer(request_id, kind, data, millis, logs, mcp_calls=None):
    body = {
        'requestId': request_id,
        'resultType': kind,
        'data': data,
        'metrics': {'execution_time_ms': millis, 'mcp_calls': mcp_calls or []},
    }
    if logs:
        body['logs'] = logs
    return text_of(body)
