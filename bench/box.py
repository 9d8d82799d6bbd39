"""box.py - what every part of `make bench` needs in its box: the two hosts, commands, rows."""
import contextlib
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time

import results

DISK = '/disk'
ETC, LOCAL_ETC = f'{DISK}/etc', f'{DISK}/etc-local'
BIN = os.environ.get('BENCH_BIN', '')
QUICK = os.environ.get('BENCH_QUICK', '') not in ('', '0')
LONGEST = 120  # seconds that one command may take
BUDGET = 8 if QUICK else 25  # seconds for all rounds of one command

rows = []


def note(text):
    print(f'  {text}', flush=True)


def add(part, case, users, who, unit, median, best, rounds, remark=''):
    row = results.Row(part, case, users, who, unit, median, best, rounds, remark)
    rows.append(row)
    note(f'{case:24} {who:16} {results.shown(row)}')


def add_times(part, case, users, who, ms, remark=''):
    if ms:
        add(part, case, users, who, 'ms', statistics.median(ms), min(ms), len(ms), remark)


def add_nothing(part, case, users, who, why):
    """What could not be measured is in the table as well."""
    add(part, case, users, who, 'ms', None, None, 0, why)


def do(*command, stdin=None):
    """Preparation: has to work, and what it says is of interest only when it does not."""
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          **({} if stdin is not None else {'stdin': subprocess.DEVNULL}))
    if done.returncode != 0:
        sys.exit(f'bench: {" ".join(command)}: exit status {done.returncode}\n{done.stdout[-2000:]}')
    return done.stdout


SILENT = [(os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0),
          (os.POSIX_SPAWN_OPEN, 2, '/disk/stderr', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
PATHS = {}


def spawn_ms(command, expect=0):
    """Wall time of one command; None when it took longer than LONGEST and was ended."""
    program = PATHS.setdefault(command[0], shutil.which(command[0]))
    begin = time.perf_counter_ns()
    pid = os.posix_spawn(program, command, {'PATH': os.environ['PATH'], 'LANG': 'C.UTF-8'}, file_actions=SILENT)
    fd = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    late = not poll.poll(LONGEST * 1000)
    if late:
        signal.pidfd_send_signal(fd, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    end = time.perf_counter_ns()
    os.close(fd)
    if late:
        return None
    if status != expect:
        with open('/disk/stderr', encoding='utf-8', errors='replace') as f:
            sys.exit(f'bench: {" ".join(command)}: exit status {status}\n{f.read()[-1000:]}')
    return (end - begin) / 1e6


@contextlib.contextmanager
def local_host():
    """The host whose users are all in /etc/passwd; uadm is not in its nsswitch.conf."""
    do('mount', '--bind', LOCAL_ETC, '/etc')
    try:
        yield
    finally:
        do('umount', '/etc')
