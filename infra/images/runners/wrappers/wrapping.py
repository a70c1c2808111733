"""What the wrappers share. A wrapper takes the options it knows, one by one and in full, refuses the rest,
and becomes the program that it wraps. It runs with -I -S: nothing around it says what it imports."""

import os
import stat
import sys

USAGE = 64
TEXT_BYTES = 64 << 10
NOT_OF_THE_IMAGE = ('/dev', '/proc', '/run', '/sys')


def refuse(message):
    name = os.path.basename(sys.argv[0])
    sys.stderr.write(f'{name}: {message}\n')
    sys.exit(USAGE)


def options(arguments, flags, valued):
    """The options in front, as pairs of a name and a value, and what is behind them. Those that are given
    together, as -ni, or with their value, as -e1, are not taken apart: they are refused."""
    found = []
    rest = list(arguments)
    while rest and rest[0].startswith('-'):
        name = rest.pop(0)
        if name == '--':
            break
        if name in flags:
            found.append((name, None))
        elif name in valued:
            if not rest:
                refuse(f'{name}: a value expected')
            found.append((name, rest.pop(0)))
        else:
            refuse(f'{name} is not allowed: one of {", ".join([*flags, *valued])} expected')
    return found, rest


def file(path):
    """A path of a file of the image, as an argument that no program takes for anything else."""
    real = os.path.realpath(path)
    if not path.startswith('/') or any(os.path.commonpath((real, at)) == at for at in NOT_OF_THE_IMAGE):
        refuse(f'{path}: the full path of a file of the image expected')
    try:
        mode = os.stat(real).st_mode
    except OSError as error:
        refuse(f'{path}: {error.strerror}')
    if not stat.S_ISREG(mode):
        refuse(f'{path}: a file expected')
    return real


def text(value):
    """Has a text read as what the program is given, in place of files."""
    data = value.encode('utf-8', 'surrogateescape')
    if len(data) > TEXT_BYTES:
        refuse(f'--text: at most {TEXT_BYTES} bytes expected')
    ours, its = os.pipe()
    os.set_blocking(its, False)
    if data:
        os.write(its, data)
    os.close(its)
    os.dup2(ours, 0)


def become(program, arguments):
    path = next((at for at in (f'/usr/bin/{program}', f'/bin/{program}') if os.access(at, os.X_OK)), None)
    if path is None:
        refuse(f'there is no {program} in this image')
    os.execv(path, [program, *arguments])
