"""P12, P18: uadmd is killed at every system call of setting a password with a code. Either the code is good still and nothing
is changed, or the new password is there, whole, and the code is used up with what it was an invitation to."""
import contextlib
import json
import os
import re
import sqlite3

import pytest

import lab
from lab import add_user, uadmctl

LONG = True
UADMD, REAL, TRACE, PASSES = '/usr/libexec/uadm/uadmd', '/usr/libexec/uadm/uadmd.real', '/tmp/trace', '/tmp/passes'
WRITES = ('pwrite64', 'fdatasync', 'ftruncate')


def interpose(*strace):
    """The fourth call (auth, account, the first pass, the second) runs under strace; the others as ever."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(PASSES)
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write(f'#!/bin/sh\necho >>{PASSES}\n[ $(wc -l <{PASSES}) = 4 ] || exec {REAL}\n'
                f'exec /usr/bin/strace -o {TRACE} {" ".join(strace)} {REAL}\n')
    os.chmod(UADMD, 0o755)


def look():
    with contextlib.closing(sqlite3.connect('/var/lib/uadm/store/uadm.db')) as db:
        return {'verifier': db.execute('SELECT verifier FROM password').fetchall(),
                'codes': db.execute('SELECT kind, hash FROM code').fetchall(),
                'invited': db.execute('SELECT count(*) FROM invitation').fetchall(),
                'state': db.execute('SELECT state FROM membership').fetchall(),
                'trail': db.execute("SELECT count(*) FROM audit WHERE action = 'user.accept'").fetchall()}


def invited_again():
    """As before the first login: pending, with a code and without a password."""
    with contextlib.closing(sqlite3.connect('/var/lib/uadm/store/uadm.db')) as db, db:
        db.executescript("DELETE FROM password; DELETE FROM proof; UPDATE membership SET state = 'pending'")
    row, = uadmctl('invite', 'resend', 'ada', '--json', rc=0).json
    return row['code']


@pytest.fixture
def ada(host):
    uadmctl('policy', 'set', 'deny', '1000', 'source-limit', '1000', 'local-source-limit', '1000', 'dictionary', 'no', rc=0)
    uadmctl('account', 'add', 'acme', '--require-acceptance', 'yes', rc=0)
    add_user('ada', '--account', 'acme', '--no-invite', password=None)
    os.rename(UADMD, REAL)
    interpose()
    return host


def login(code, new):
    """True: PAM says that the password is set."""
    codes = lab.pam('sshd', 'ada', 'auth', 'account!', 'chauthtok-expired', answers=[code, new, new], seconds=60)
    assert codes[:2] == [0, 12], codes
    return codes[2] == 0


def test_P12_P18_killed_at_every_call(ada):
    code = invited_again()
    interpose()
    assert login(code, 'Fresh-Words-0000')
    with open(TRACE, encoding='utf-8', errors='replace') as f:
        names = re.findall(r'^(\w+)\(', f.read(), re.M)
    calls = {name: names.count(name) for name in names}
    assert calls['pwrite64'] > 10 and calls['fdatasync'] >= 1, json.dumps(calls)
    kept = made = 0
    for name, times in calls.items():
        # At each one that changes something; of those that only look, some.
        for n in range(1, times + 1, 1 if name in WRITES else max(3, times // 6)):
            code = invited_again()
            before = look()
            interpose(f'-e inject={name}:signal=KILL:when={n}')
            done = login(code, f'Fresh-Words-{n:04}')
            uadmctl('user', 'show', 'ada', rc=0)  # the first to open the store after the kill
            after = look()
            if after['verifier'] == before['verifier']:
                assert not done and after == before, (name, n)
                kept += 1
                continue
            assert (after['codes'], after['invited'], after['state']) == ([], [(0,)], [('active',)]), (name, n)
            assert after['trail'] == [(before['trail'][0][0] + 1,)], (name, n)
            made += 1
    assert made > 3 and kept > 20, (made, kept)
    assert uadmctl('store', 'check').rc == 0 and uadmctl('audit', 'verify').rc == 0
