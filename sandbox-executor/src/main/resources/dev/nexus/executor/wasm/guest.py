"""Evaluated once, before any script. What a script gets: deopt(reason), and modules that are imported
already, tool(name, arguments), and state. What it loses: chance, because handle(input) may depend on its
input only, unless its component grants it; the clock, and random bytes of the system, end the call
where it asks for them and has no grant. The host says what is granted, in each call anew: nothing
is while a script is loaded."""

import base64
import bisect
import builtins
import calendar
import collections
import copy
import csv
import dataclasses
import datetime
import decimal
import difflib
import enum
import fractions
import functools
import hashlib
import heapq
import html
import io
import ipaddress
import itertools
import json
import logging
import math
import operator
import os
import random
import re
import selectors
import statistics
import string
import textwrap
import threading
import time
import traceback
import typing
import unicodedata
import urllib.parse
import uuid

_loads = json.loads
_dumps = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(',', ':')).encode
_frames = traceback.extract_tb
_handle = None
_granted = ()
_seeded = False


class _Deopt(BaseException):
    pass


def _deopt(reason=None):
    raise _Deopt('unspecified' if reason is None else str(reason))


class ToolError(Exception):
    """A tool could not be called, or failed; problem is a word for machines, where there is one."""

    problem = None


def _refused(what, capability):
    return PermissionError(
        f'{what} is not available: handle may depend on its input only, unless capabilities has {capability}'
    )


def _tool(name, arguments=None, write=os.write, read=os.read, dumps=_dumps, loads=_loads):
    needed = 'state' if str(name).startswith('core.state.') else 'tools'
    if needed not in _granted:
        raise _refused('state' if needed == 'state' else 'tool', needed)
    asked = {'name': str(name), 'arguments': {} if arguments is None else arguments}
    write(3, (dumps(asked) + '\n').encode())
    line = b''
    while not line.endswith(b'\n'):
        part = read(3, 65536)
        if not part:
            raise ToolError('no answer')
        line += part
    answer = loads(line)
    if 'error' in answer:
        error = ToolError(answer['error'])
        error.problem = answer.get('problem')
        raise error
    return answer['value']


def _given(**arguments):
    return {name: value for name, value in arguments.items() if value is not None}


class _State:
    """The runtime values of the application, which are tools too."""

    __slots__ = ()

    def entry(self, key):
        found = _tool('core.state.get', {'key': key})
        return found if found.pop('found') else None

    def get(self, key):
        found = self.entry(key)
        return None if found is None else found['value']

    def set(self, key, value, ttl_seconds=None, expected_version=None):
        given = _given(ttlSeconds=ttl_seconds, expectedVersion=expected_version)
        return _tool('core.state.set', {'key': key, 'value': value, **given})['version']

    def increment(self, key, by=1, ttl_seconds=None):
        return _tool('core.state.increment', {'key': key, 'by': by, **_given(ttlSeconds=ttl_seconds)})['value']

    def delete(self, key, expected_version=None):
        return _tool('core.state.delete', {'key': key, **_given(expectedVersion=expected_version)})['deleted']


def _granted_only(name, use, seed=random._inst.seed, chance=os.urandom):
    def guarded(*positional, **named):
        global _seeded
        if 'random' not in _granted:
            raise _refused(f'random.{name}', 'random')
        if not _seeded:
            _seeded = True
            seed(chance(16))
        return use(*positional, **named)

    return guarded


# A generator with a seed of its own depends on that alone, and stays.
for _name in dir(random):
    _use = getattr(random, _name)
    if getattr(_use, '__self__', None) is random._inst:
        setattr(random, _name, _granted_only(_name, _use))


def _words(error):
    text = type(error).__name__
    try:
        said = str(error)
    except BaseException:
        said = 'a text that cannot be shown'
    if said:
        text += ': ' + said
    if isinstance(error, SyntaxError):
        return text
    lines = [frame.lineno for frame in _frames(error.__traceback__) if frame.filename == 'function.py']
    return f'{text} (function.py:{lines[-1]})' if lines else text


def _load(source):
    global _handle
    scope = {
        '__name__': 'function',
        '__builtins__': builtins,
        'deopt': _deopt,
        'tool': _tool,
        'ToolError': ToolError,
        'state': _State(),
    }
    exec(compile(source, 'function.py', 'exec'), scope)
    _handle = scope.get('handle')
    if not callable(_handle):
        raise TypeError('a function handle(input) is expected, found none')
    return 'L'


def run(what, text):
    global _granted
    try:
        if what == 'load':
            return _load(text)
        _granted = tuple(what.removeprefix('call ').split(','))
        result = _handle(_loads(text))
        try:
            output = _dumps(result)
            if not output.isascii():
                output.encode()  # half of a surrogate pair is no text
            return 'R' + output
        except MemoryError:
            raise
        except Exception as error:
            return 'I' + _words(error)
    except _Deopt as declined:
        return 'D' + declined.args[0]
    except MemoryError:
        return 'Eout of memory'
    except BaseException as error:
        return 'E' + _words(error)
