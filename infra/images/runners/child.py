"""A child of the zygote: it reads one call, runs the code of it and answers. What handlers commonly use is
imported here, once, before it is forked."""

import base64
import bisect
import collections.abc
import copy
import csv
import dataclasses
import datetime
import decimal
import enum
import errno
import fractions
import functools
import hashlib
import heapq
import html
import importlib
import io
import itertools
import json
import logging
import math
import operator
import os
import random
import re
import resource
import socket
import statistics
import string
import struct
import sys
import textwrap
import time
import types
import typing
import urllib.parse
import uuid
import zoneinfo

from nexus_tools import State, ToolError, Tools

# As they are now: code may give the names another meaning.
from builtins import BaseException, Exception, MemoryError, OSError, PermissionError, RecursionError
from builtins import SyntaxError, TypeError, UnicodeEncodeError
from builtins import bytes, bytearray, callable, getattr, isinstance, len, memoryview, min, str, type

APP = '/app'
TOOLS = Tools()
STATE = State(TOOLS.call)
FILES = 256
MESSAGE = 2048
REFUSALS = (errno.EPERM, errno.EACCES, errno.EROFS, errno.ENETUNREACH)
CALL = 3
OUT_OF_MEMORY = json.dumps({'code': 'MEMORY', 'message': 'out of memory'}).encode()


class Deopt(BaseException):
    """Not an Exception, so that code which catches those lets it through."""


def deopt(reason=None):
    raise Deopt('unspecified' if reason is None else str(reason))


class InvalidResult(Exception):
    pass


def child(call, log):
    code = 1
    try:
        os.setsid()
        null = os.open('/dev/null', os.O_RDWR)
        for source, target in ((null, 0), (log, 1), (log, 2), (call, CALL)):
            os.dup2(source, target)
        os.closerange(CALL + 1, 64)
        os.set_inheritable(CALL, False)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, errors='backslashreplace')
        while os.getppid() != 1:
            time.sleep(0.0001)
        write(str(os.getpid()).encode())
        call, value = read_call()
        kind, data = run(call, value)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:
                pass
        write(calls() + framed(kind, data))
        code = 0
    finally:
        os._exit(code)


def calls():
    try:
        return framed(b'M', ENCODER.encode(TOOLS.made).encode()) if TOOLS.made else b''
    except BaseException:
        return b''  # as there is no memory for it: the answer is worth more


def framed(kind, data):
    return kind + struct.pack('>I', len(data)) + data


def write(data):
    view = memoryview(data)
    while view:
        view = view[os.write(CALL, view) :]


def read(count):
    data = bytearray()
    while len(data) < count:
        got = os.read(CALL, count - len(data))
        if not got:
            os._exit(0)
        data += got
    return bytes(data)


def read_call():
    of_call, of_input = struct.unpack('>II', read(8))
    call = json.loads(read(of_call))
    seconds = -(-call['timeoutMs'] // 1000) + 1
    limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    limit(resource.RLIMIT_CORE, 0, 0)
    limit(resource.RLIMIT_NOFILE, FILES, FILES)
    value = read(of_input)
    limit(resource.RLIMIT_AS, call['memoryBytes'], call['memoryBytes'])
    return call, value


def limit(which, soft, hard):
    most = resource.getrlimit(which)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(which, (soft, hard))


ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(',', ':'))


def run(call, value, loads=json.loads, dumps=ENCODER.encode):
    try:
        random.seed()
        TOOLS.begin(call['tools'])
        handle = load(call)
        result = handle(loads(value))
        if isinstance(result, collections.abc.Awaitable):
            import asyncio

            result = asyncio.run(wait_for(result))
        return answer(result, dumps, call['outputBytes'])
    except Deopt as declined:
        return b'D', declined.args[0][:MESSAGE].encode('utf-8', 'replace')
    except MemoryError as error:
        error.__traceback__ = None  # which holds what there is no room beside
        return b'E', OUT_OF_MEMORY
    except BaseException as error:
        return b'E', failure(error)


async def wait_for(result):
    return await result


def load(call):
    if call['source'] is None:
        sys.path.insert(0, APP)
        module = importlib.import_module('handler')
    else:
        module = types.ModuleType('function')
        # Some of what a class may use looks its module up.
        sys.modules['function'] = module
        exec(compile(call['source'], 'function.py', 'exec'), module.__dict__)
    handle = getattr(module, call['function'], None)
    if not callable(handle):
        raise TypeError(f'a function {call["function"]}(input) is expected, found none')
    return handle


def answer(result, dumps, most):
    try:
        data = dumps(result).encode('utf-8')
    except MemoryError:
        raise
    except UnicodeEncodeError:
        raise InvalidResult('a text has half of a surrogate pair, which is no UTF-8') from None
    except RecursionError:
        raise InvalidResult('it is nested too deeply') from None
    except Exception as error:
        raise InvalidResult(words(error)) from None
    if len(data) > most:
        return b'E', told('OUTPUT', f'at most {most} bytes expected, found {len(data)}')
    return b'R', data


def told(code, message, **details):
    return json.dumps({'code': code, 'message': message[:MESSAGE], **details}).encode()


def failure(error):
    if isinstance(error, InvalidResult):
        return told('INVALID_RESULT', f'handle gave no JSON: {error}')
    if getattr(error, 'errno', None) == errno.ENOMEM:
        return OUT_OF_MEMORY
    kind, said = type(error).__name__, words(error)
    code = 'PERMISSION' if is_refusal(error) else 'CRASH'
    return told(code, f'{kind}: {said}' if said else kind, type=kind, line=line_of(error))


def is_refusal(error):
    """Also of an error that tells of another one, as those of urllib do."""
    for cause in (error, getattr(error, 'reason', None), error.__cause__):
        if isinstance(cause, PermissionError) or isinstance(cause, OSError) and cause.errno in REFUSALS:
            return True
    return False


def words(error):
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)
        return str(error)[:MESSAGE]
    except BaseException:
        return 'a text that cannot be shown'


def line_of(error):
    if isinstance(error, SyntaxError) and is_of_the_code(error.filename):
        return error.lineno
    line, place = None, error.__traceback__
    while place is not None:
        if is_of_the_code(place.tb_frame.f_code.co_filename):
            line = place.tb_lineno
        place = place.tb_next
    return line


def is_of_the_code(file):
    return file == 'function.py' or str(file).startswith(APP + '/')
