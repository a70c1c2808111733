"""Evaluated once, before any script. What a script gets: deopt(reason), and modules that are imported
already. What it loses: chance, because handle(input) may depend on its input only; the clock, and
random bytes of the system, end the call where it asks for them."""

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


class _Deopt(BaseException):
    pass


def _deopt(reason=None):
    raise _Deopt('unspecified' if reason is None else str(reason))


def _unavailable(name):
    def refuse(*_, **__):
        raise RuntimeError(f'random.{name} is not available: handle may depend on its input only')

    return refuse


# A generator with a seed of its own depends on that alone, and stays.
for _name in dir(random):
    if getattr(getattr(random, _name), '__self__', None) is random._inst:
        setattr(random, _name, _unavailable(_name))


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
    scope = {'__name__': 'function', '__builtins__': builtins, 'deopt': _deopt}
    exec(compile(source, 'function.py', 'exec'), scope)
    _handle = scope.get('handle')
    if not callable(_handle):
        raise TypeError('a function handle(input) is expected, found none')
    return 'L'


def run(what, text):
    try:
        if what == 'load':
            return _load(text)
        return 'R' + _dumps(_handle(_loads(text)))
    except _Deopt as declined:
        return 'D' + declined.args[0]
    except MemoryError:
        return 'Eout of memory'
    except BaseException as error:
        return 'E' + _words(error)
