"""P1, P2, P3: two hundred at once, from processes of five services, against the stored hash and each
other. The hashes are counted in uadmd itself."""
import json
import os
import signal
import subprocess

import pytest

import lab
from lab import PAM_AUTH_ERR, PASSWORD, WRONG, add_user, show, uadmctl

SERVICES = ['sshd', 'login', 'sudo', 'sudo-i', 'cron']
GETS_IN, STAYS_OUT = [0, 0], [PAM_AUTH_ERR]


class Crowd:
    """Logins that go on beside each other: lists of (name, rhost, password), one for each service
    and in a process of its own."""

    def __init__(self, *lists):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'crowd.py')
        self.children = []
        for service, logins in zip(SERVICES, lists):
            child = subprocess.Popen(['/usr/bin/python3', '-B', program, service], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True, cwd='/')
            self.children.append((child, json.dumps(logins)))
        for child, logins in self.children:
            child.stdin.write(logins)
            child.stdin.close()

    def codes(self):
        found = []
        for child, _ in self.children:
            found += json.loads(child.stdout.read())
            assert child.wait(lab.SECONDS) == 0
        return found


@pytest.fixture
def quick(host):
    lab.quick_hashes()
    add_user('ada')
    add_user('eve')
    return lab.Preload()


def wrong(name, each=40):
    """200 wrong ones in all, each service's from a host of its own."""
    return [[(name, f'192.0.2.{n}', WRONG)] * each for n in range(len(SERVICES))]


@pytest.mark.parametrize('deny', [5, 1])
def test_P1_wrong_guesses(quick, deny):
    """As many verifications against the stored hash as `deny` says; the others cost a dummy."""
    uadmctl('policy', 'set', 'deny', str(deny), rc=0)
    assert Crowd(*wrong('ada')).codes() == [STAYS_OUT] * 200
    hashes = quick.hashes()
    assert hashes.count('v') == deny and len(hashes) == 200, hashes
    ada = show('ada')
    assert ada['status'] == 'locked' and ada['failed_attempts'] == deny
    assert lab.sql("SELECT count(*) FROM audit WHERE action = 'user.lock'") == '1'
    assert lab.pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.99') == STAYS_OUT
    assert quick.hashes().count('v') == deny


@pytest.mark.parametrize('own', ['--account acme', '--account acme --role viewer'])
def test_P1_of_an_account(quick, own):
    """As many as the user's principal account says, or their role there; not as the host does."""
    uadmctl('account', 'add', 'acme', rc=0)
    add_user('acmes', '--account', 'acme', '--role', 'viewer')
    uadmctl('policy', 'set', '--account', 'acme', 'deny', '2', rc=0)
    uadmctl('policy', 'set', *own.split(), 'deny', '3', rc=0)
    assert Crowd(*wrong('acmes')).codes() == [STAYS_OUT] * 200
    hashes = quick.hashes()
    assert hashes.count('v') == 3 and len(hashes) == 200, hashes
    assert show('acmes')['status'] == 'locked' and show('acmes')['failed_attempts'] == 3
    assert Crowd(*wrong('ada')).codes() == [STAYS_OUT] * 200
    assert quick.hashes().count('v') == 3 + 5 and show('ada')['failed_attempts'] == 5


def test_P1_one_source_is_blocked(quick):
    """The limit of a source holds in parallel as well, and so does that of this host."""
    uadmctl('policy', 'set', 'source-limit', '2', rc=0)
    here = ['127.0.0.1', '::1', 'localhost', '127.1.2.3', '::ffff:127.0.0.1']
    assert Crowd([('ada', '192.0.2.1', WRONG)] * 60, [('ada', rhost, WRONG) for rhost in here * 8]).codes() \
        == [STAYS_OUT] * 100
    assert quick.hashes().count('v') == 2 + 3
    ada = show('ada')
    assert ada['status'] == 'active' and [(s['source'], s['failures'], s['blocked']) for s in ada['failed_sources']] \
        == [('192.0.2.1', 2, True), ('this host', 3, True)]


@pytest.mark.parametrize('deny', [5, 1])
@pytest.mark.parametrize('sources', [1, 200])
def test_P2_right_logins(quick, sources, deny):
    """All get in, and nobody is locked: also where one has to wait for the other."""
    uadmctl('policy', 'set', 'deny', str(deny), rc=0)
    logins = [('ada', f'192.0.2.{n % sources}', PASSWORD) for n in range(200)]
    assert Crowd(*(logins[n::5] for n in range(5))).codes() == [GETS_IN] * 200
    assert show('ada')['failed_attempts'] == 0 and show('ada')['status'] == 'active'
    assert quick.hashes() == 'v' * 200


def test_P1_P2_together(quick):
    """Whoever is being guessed at is not in the way of another user's logins."""
    guesses = Crowd(*wrong('ada'))
    logins = Crowd(*([('eve', f'192.0.2.{n}', PASSWORD)] * 20 for n in range(100, 105)))
    assert logins.codes() == [GETS_IN] * 100
    assert guesses.codes() == [STAYS_OUT] * 200
    assert quick.hashes().count('v') == 5 + 100
    assert show('ada')['status'] == 'locked' and show('eve')['failed_attempts'] == 0


def uadmds():
    return [int(pid) for pid in lab.run('pgrep', '-x', 'uadmd').out.split()]


def test_P3_right_but_late(host):
    """A right guess whose hash is ready when the lock has fallen."""
    add_user('ada')
    lab.slow_hashes()
    late = Crowd([('ada', '192.0.2.200', PASSWORD)])
    lab.poll(lambda: lab.sql('SELECT count(*) FROM attempt') == '1', 'it to be charged')
    pid, = uadmds()
    os.kill(pid, signal.SIGSTOP)
    lab.quick_hashes()
    # What does not end in time has failed, so the fifth of them meets a lock.
    guesses = Crowd([('ada', '192.0.2.1', WRONG)] * 5)
    assert guesses.codes() == [STAYS_OUT] * 5
    assert show('ada')['status'] == 'locked'
    lock = lab.sql('SELECT * FROM lockout')
    os.kill(pid, signal.SIGCONT)
    assert late.codes() == [STAYS_OUT]
    assert show('ada')['status'] == 'locked'
    assert lab.sql('SELECT * FROM lockout') == lock
    assert lab.sql("SELECT count(*) FROM attempt WHERE source = 'host:192.0.2.1'") == '4'


def test_P28_unknown_names_fill_nothing(quick):
    """Hundreds of them leave a row each in one of 4096 buckets, never more than `deny`, and nothing
    that they chose; and that is forgotten."""
    names = [f'nobody{n}' for n in range(140)] + ['x' * 255, '\x1b[2J', "'; DROP TABLE user", '\udcff', '../..']
    logins = [(name, f'192.0.2.{n}', WRONG) for n, name in enumerate(names)] + [('nosuch', '192.0.2.1', WRONG)] * 15
    assert Crowd(*(logins[n::5] for n in range(5))).codes() == [STAYS_OUT] * len(logins)
    assert quick.hashes() == 'd' * len(logins)
    assert lab.sql('SELECT count(*) FROM bucket') == '256'
    rows = 'FROM attempt WHERE uid BETWEEN 1 << 31 AND (1 << 31) + 4095'
    assert len(names) <= int(lab.sql(f'SELECT count(*) {rows}')) <= len(names) + 5
    assert lab.sql(f'SELECT max(n) FROM (SELECT count(*) AS n {rows} GROUP BY uid)') == '5'
    assert lab.sql(f'SELECT count(*) {rows} AND length(source) > 10 OR service IS NOT NULL') == '0'
    assert lab.sql('SELECT count(*) FROM last_login') == '0'
    assert sum(f.stat().st_size for f in os.scandir('/var/lib/uadm/store')) < 4 << 20
    assert not any('nobody' in line or 'nosuch' in line for line in uadmctl('audit', 'list', rc=0).out.splitlines())
    lab.sql('UPDATE attempt SET started = started - 900000; UPDATE lockout SET since = since - 900000')
    uadmctl('maintain', rc=0)
    assert lab.sql('SELECT (SELECT count(*) FROM attempt) + (SELECT count(*) FROM lockout)') == '0'
