"""P4: uadmd killed at every system call that an authentication makes: never more hashes than attempts
that were counted, and never a login that was not settled."""
import collections
import json
import os
import re

import pytest

import lab
from lab import PASSWORD, WRONG, add_user, show, uadmctl

UADMD = '/usr/libexec/uadm/uadmd'
WRAPPER = '''#!/bin/sh
read call n </run/preload/kill
[ "$call" = none ] && exec strace -qq -o /run/preload/trace {0}.real
exec strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" {0}.real
'''


@pytest.fixture
def sweep(host):
    lab.quick_hashes()
    add_user('ada')
    # Nothing locks: each of them is a guess against the stored hash.
    uadmctl('policy', 'set', 'deny', '1000', 'source-limit', '1000', rc=0)
    lab.Preload()
    os.rename(UADMD, f'{UADMD}.real')
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write(WRAPPER.format(UADMD))
    os.chmod(UADMD, 0o755)


def killed(password, points, *fresh):
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'killed.py')
    return json.loads(lab.run('/usr/bin/python3', '-B', program, 'sshd', 'ada', password, *fresh, rc=0, seconds=400,
                              input=''.join(f'{call} {n}\n' for call, n in points)).out)


def every_call():
    """(name, how often so far) of each system call of the traced run, in order."""
    seen, points = collections.Counter(), []
    with open('/run/preload/trace', encoding='utf-8', errors='replace') as f:
        for line in f:
            name = re.match(r'([a-z0-9_]+)\(', line)
            if name:
                seen[name[1]] += 1
                points.append((name[1], seen[name[1]]))
    return points


def test_P4_wrong_password(sweep):
    assert killed(WRONG, [('none', 0)]) == [['none', 0, lab.PAM_AUTH_ERR, 1, 1, 0]]
    points = every_call()
    assert len(points) > 150, points
    found, before = killed(WRONG, points), (1, 1)
    for call, n, code, attempts, hashes, proofs in found:
        assert code != lab.PAM_SUCCESS and proofs == 0, (call, n)
        assert attempts - before[0] >= hashes - before[1], (call, n)
        before = attempts, hashes
    # The sweep went all the way: some died before the charge, some while they hashed, some after.
    assert 1 < before[1] < len(points) and {f[2] for f in found} >= {lab.PAM_AUTHINFO_UNAVAIL, lab.PAM_AUTH_ERR}
    lab.poll(lambda: show('ada')['failed_attempts'] == before[0], 'each that was left to become a failure')
    uadmctl('store', 'check', rc=0)
    uadmctl('audit', 'verify', rc=0)


def test_P4_right_password(sweep):
    """Killed before it is settled it is no login, and counts; it gets in only with the books closed."""
    assert killed(PASSWORD, [('none', 0)]) == [['none', 0, lab.PAM_SUCCESS, 0, 1, 1]]
    points = every_call()
    found, before = killed(PASSWORD, points, 'fresh'), 1
    for call, n, code, attempts, hashes, proofs in found:
        if proofs == 1:
            assert (attempts, hashes - before) == (0, 1), (call, n)
        else:
            assert code != lab.PAM_SUCCESS and attempts >= hashes - before, (call, n)
        before = hashes
    codes = [(code == lab.PAM_SUCCESS, proofs) for _, _, code, _, _, proofs in found]
    assert {(False, 0), (False, 1), (True, 1)} == set(codes)
