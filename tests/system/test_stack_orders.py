"""P14: the shipped stack, every ordering of its lines, every line left out, every control that an
administrator may write for ours: through libpam with the real module, nobody gets in without a
verified factor or past a refusal.

What no module can prevent is a stack that grants without asking it. Which those are is not said by
hand: an arrangement is `open anyway` if it lets the same login in with our line replaced by one of
the same length of jumps that says nothing at all. Everything else has to refuse; and once
our line was asked under a control that obeys it, so has that.

Sessions, changes of passwords and whole logins: test_stack_sessions.py.
"""
import itertools
import os
import sqlite3

import pytest

import hosts
import lab
from lab import PASSWORD, WRONG, add_user, uadmctl

LONG = True
SERVICE = '/etc/pam.d/orders'
MODULES = ('pam_localuser.so', 'pam_uadm.so', 'pam_unix.so', 'pam_deny.so', 'pam_permit.so')
SILENT = '[default=ignore] pam_deny.so'  # jumps count it; it decides nothing
ALL = os.environ.get('UADM_FAULTS') == 'all'
OBEYING = ('shipped', 'required', 'requisite')
IGNORING = ('sufficient', 'optional')  # what pam.conf(5) says of these: a failure counts for nothing


def block(kind, name):
    """The lines that `host enable` has written for one kind, without the kind: ours and the basic ones.
    debug has us write a line whenever we are asked."""
    with open(f'/etc/pam.d/common-{name}', encoding='utf-8') as f:
        lines = [line.split(None, 1)[1].strip() for line in f if line.startswith(kind)]
    lines = [line for line in lines if any(m in line for m in MODULES)]
    return [line + ' debug' if 'pam_uadm' in line else line for line in lines]


def controlled(line, control):
    """Our line under another control."""
    if 'pam_uadm' not in line or control == 'shipped':
        return line
    return f'{control} {line[line.index("pam_uadm"):]}'


def arrangements(lines):
    """Every ordering of every selection of the lines."""
    for count in range(1, len(lines) + 1):
        yield from itertools.permutations(lines, count)


def silenced(lines):
    return [SILENT if 'pam_uadm' in line else line for line in lines]


class Lab:
    def __init__(self):
        with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
            f.write('[hash]\nopslimit = 1\nmemlimit = 8388608\n')
        for name in ('ada', 'sus', 'exp', 'loc'):
            add_user(name)
        uadmctl('user', 'suspend', 'sus', rc=0)
        uadmctl('user', 'set', 'exp', '--expires', '2001-01-01', rc=0)
        lab.fail_logins('loc', 5)
        lab.run('useradd', '-M', 'shut', rc=0)
        lab.run('usermod', '-L', 'shut', rc=0)
        self.shipped = {kind: block(kind, kind) for kind in ('auth', 'account', 'session', 'password')}
        self.store = sqlite3.connect('/var/lib/uadm/store/uadm.db', isolation_level=None)
        self.host = hosts.Host()

    def stack(self, control='shipped', **kinds):
        with open(SERVICE, 'w', encoding='utf-8') as f:
            for kind, lines in {**self.shipped, **kinds}.items():
                f.writelines(f'{kind} {controlled(line, control)}\n' for line in lines)

    def login(self, case):
        """ada's failures are forgotten each time: her password is really looked at."""
        self.store.execute("DELETE FROM attempt WHERE uid = (SELECT uid FROM user WHERE name = 'ada')")
        self.store.execute("DELETE FROM lockout WHERE uid = (SELECT uid FROM user WHERE name = 'ada')")
        return self.host.login(service='orders', **case)

    def verifier(self, name):
        return self.store.execute('SELECT verifier FROM password JOIN user USING (uid) WHERE name = ?',
                                  (name,)).fetchone()[0]

    def close(self):
        self.host.close()
        self.store.close()


@pytest.fixture
def box(host):
    made = Lab()
    yield made
    made.close()


def won(login, phases):
    return login.codes == [0] * phases


class Tally:
    """What came of all arrangements, and the ones that break the rules."""

    def __init__(self):
        self.tried, self.asked, self.open, self.open_anyway, self.broken = 0, 0, 0, 0, []

    def judge(self, box, kind, lines, case, control='shipped', phases=1):
        """One arrangement under a login that must not get in."""
        box.stack(control, **{kind: lines})
        login = box.login(case)
        self.tried += 1
        self.asked += login.logged > 0
        if login.logged > 0 and control in OBEYING and won(login, phases):
            self.broken.append(f'{control}: asked, refused and in: {lines} {case} {login}')
        if not won(login, phases):
            return
        self.open += 1
        box.stack(**{kind: silenced(lines)})
        if won(box.login(case), phases):
            self.open_anyway += 1
        else:
            self.broken.append(f'{control}: open through us: {lines} {case} {login}')

    def sound(self):
        assert not self.broken, f'{len(self.broken)} of {self.tried}:\n' + '\n'.join(self.broken[:20])
        return self


AUTH = {
    'wrong password': {'user': 'ada', 'answers': [WRONG]},
    'empty password': {'user': 'ada', 'answers': ['']},
    'no conversation': {'user': 'ada', 'conv': 'none'},
    'conversation fails': {'user': 'ada', 'conv': 'fails'},
    'suspended': {'user': 'sus', 'answers': [PASSWORD]},
    'locked': {'user': 'loc', 'answers': [PASSWORD]},
    'unknown': {'user': 'nobodys', 'answers': [WRONG]},
    'local and locked': {'user': 'shut', 'answers': [WRONG]},
}


def test_right_password_gets_in(box):
    """What the others rest on: the same stack and the same program let in whom they should."""
    box.stack()
    assert won(box.login({'user': 'ada', 'answers': [PASSWORD], 'phases': 'auth,account,open'}), 3)


@pytest.mark.parametrize('what', AUTH)
def test_P14_auth(box, what):
    """In each of the 325. Nobody gets in but where the administrator has left out pam_deny and nothing
    that is asked decides: pam_permit alone does, and would without us."""
    tally, granting = Tally(), 0
    for lines in arrangements(box.shipped['auth']):
        before = tally.open
        tally.judge(box, 'auth', lines, {**AUTH[what], 'phases': 'auth'})
        if tally.open > before:
            granting += 1
            modules = ' '.join(lines)
            assert 'pam_permit' in modules and ('pam_deny' not in modules or what == 'local and locked'), lines
            assert 'pam_uadm' not in modules or what == 'local and locked', lines
    assert tally.sound().tried == 325 and tally.open == tally.open_anyway == granting > 0
    assert (tally.asked > 0) == (what != 'local and locked')


@pytest.mark.parametrize('control', (OBEYING[1:] + IGNORING)[::1 if ALL else 3])
@pytest.mark.parametrize('what', ['wrong password', 'suspended', 'no conversation'])
def test_P14_auth_under_other_controls(box, what, control):
    tally = Tally()
    for lines in arrangements(box.shipped['auth']):
        if any('pam_uadm' in line for line in lines):
            tally.judge(box, 'auth', lines, {**AUTH[what], 'phases': 'auth'}, control)
    assert tally.sound().tried == 261
    assert tally.open == 0 if control in OBEYING else tally.open > 0  # pam_permit, with pam_deny left out


@pytest.mark.parametrize('control', (OBEYING + IGNORING)[::1 if ALL else 3])
@pytest.mark.parametrize('user', ['sus', 'exp'])
def test_P14_account(box, user, control):
    """Account alone, as an ssh key or cron has it. Whoever lets pam_unix's success jump over us, or
    ignores what we say, is not refused here, but by the session."""
    tally = Tally()
    whole = []
    for lines in arrangements(box.shipped['account']):
        before = tally.open
        tally.judge(box, 'account', lines, {'user': user, 'phases': 'account'}, control)
        if control == 'shipped' and tally.open > before:  # refused there is refused as a whole
            box.stack(account=lines)
            login = box.login({'user': user, 'phases': 'account,open'})
            whole += [f'{lines} {login}'] if won(login, 2) else []
    assert tally.sound().tried == 325 and not whole, whole[:10]
    assert tally.open == tally.open_anyway
