"""P18: uadmd is killed at every system call of a password change. The old password or the new one is
complete, never none, never both; past, trail and must_change go with it."""
import contextlib
import os
import re
import sqlite3

import pytest

import lab
from lab import add_user, uadmctl

UADMD, REAL, TRACE = '/usr/libexec/uadm/uadmd', '/usr/libexec/uadm/uadmd.real', '/tmp/trace'
FIRST = '/tmp/first-pass'
PAST = 4  # kept beside the current one, as shipped
WRITES = ('pwrite64', 'fdatasync', 'ftruncate')


def interpose(*strace):
    """The second pass, which writes, runs under strace; the first one as ever."""
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(FIRST)
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write(f'#!/bin/sh\n/bin/mkdir {FIRST} 2>/dev/null && exec {REAL}\n'
                f'exec /usr/bin/strace -o {TRACE} {" ".join(strace)} {REAL}\n')
    os.chmod(UADMD, 0o755)


def traced():
    """How often each process made each system call: {pid: {name: count}}; without -f the pid is ''."""
    counts = {}
    with open(TRACE, encoding='utf-8', errors='replace') as f:
        for line in f:
            found = re.match(r'(\d*) *(\w+)\(', line)
            if found:
                calls = counts.setdefault(found[1], {})
                calls[found[2]] = calls.get(found[2], 0) + 1
    return counts


def look():
    """What a change changes, all of it, read with a connection of its own."""
    with contextlib.closing(sqlite3.connect('/var/lib/uadm/store/uadm.db')) as db:
        (verifier, at, due), = db.execute('SELECT verifier, changed_at, must_change FROM password JOIN user USING (uid)')
        past = [v for v, in db.execute('SELECT verifier FROM old_password ORDER BY id')]
        (changes,), = db.execute("SELECT count(*) FROM audit WHERE action = 'user.change-password'")
    return {'verifier': verifier, 'at': at, 'due': due, 'past': past, 'changes': changes}


def make_due():
    with contextlib.closing(sqlite3.connect('/var/lib/uadm/store/uadm.db')) as db, db:
        db.execute('UPDATE user SET must_change = 1')


def change(old, new):
    """As sshd does it: by root, with CHANGE_EXPIRED. True: PAM says that it is done."""
    return lab.pam('sshd', 'ada', 'chauthtok-expired', answers=[old, new, new], seconds=60) == [0]


def works(password):
    interpose()
    return lab.pam('sshd', 'ada', 'auth', answers=[password]) == [0]


def went_through(before, done):
    """Was the change made? It was, wholly, or nothing of it was; and what PAM has told is so."""
    uadmctl('user', 'show', 'ada', rc=0)  # the first to open the store after the kill
    after = look()
    if after['verifier'] == before['verifier']:
        assert not done and after == before
        return False
    assert after['past'] == [*before['past'], before['verifier']][-PAST:]
    assert after['due'] == 0 and after['changes'] == before['changes'] + 1
    return True


@pytest.fixture
def ada(host):
    """Cheap hashes; and those who are killed leave reservations, which become failures (P4)."""
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[hash]\nopslimit = 1\nmemlimit = 8388608\n')
    uadmctl('policy', 'set', 'deny', '1000', 'source-limit', '1000', 'local-source-limit', '1000', rc=0)
    add_user('ada', '--must-change', password='Fresh-Words-0000')
    os.rename(UADMD, REAL)
    return host


def words():
    n = 0
    while True:
        n += 1
        yield f'Fresh-Words-{n:04}'


def test_P18_killed_at_every_call(ada):
    fresh, current = words(), 'Fresh-Words-0000'
    for _ in range(PAST + 1):  # the past is full: each change trims it as well
        make_due()
        interpose()
        new = next(fresh)
        assert change(current, new)
        current = new
    calls = traced()['']
    kept = made = 0
    assert calls['pwrite64'] > 20 and calls['fdatasync'] >= 2, calls
    for name in calls:
        n, survived = 0, False
        while not survived:
            # At each one that changes something; of those that only look, an eighth.
            n += 1 if name in WRITES or n < 2 else 8
            make_due()
            interpose(f'-e inject={name}:signal=KILL:when={n}')
            before, new = look(), next(fresh)
            done = change(current, new)
            with open(TRACE, encoding='utf-8', errors='replace') as f:
                survived = 'killed by SIGKILL' not in f.read()[-200:]
            assert done or not survived, (name, n)
            if went_through(before, done):
                made += 1
                assert n % 24 != 1 or (works(new) and not works(current)), (name, n)
                current = new
            else:
                kept += 1
                assert n % 24 != 1 or (works(current) and not works(new)), (name, n)
        # It was killed at all of them; how often it has to poll is the host's doing.
        assert name not in WRITES or n > calls[name] - 3, (name, n, calls[name])
    assert made > len(calls) and kept > 100, (made, kept)
    assert uadmctl('store', 'check').rc == 0 and uadmctl('audit', 'verify').rc == 0


def test_P18_dictionary_killed(ada):
    """Whatever ends the process that asks the dictionary: no answer is no new password."""
    current = 'Fresh-Words-0000'
    interpose('-f')
    assert change(current, 'Fresh-Words-0001')
    counts = traced()
    assert len(counts) == 2, counts
    main, child = sorted(counts.values(), key=lambda calls: 'wait4' not in calls)
    only = sorted(set(child) - set(main))
    assert 'alarm' in only and 'lseek' in only, only
    for name in only:
        make_due()
        before = look()
        interpose('-f', f'-e inject={name}:signal=KILL:when=1')
        assert not went_through(before, change('Fresh-Words-0001', 'Fresh-Words-0002')), name
    interpose()
    assert change('Fresh-Words-0001', 'Fresh-Words-0002')
