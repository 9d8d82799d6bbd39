"""P10: whatever is wrong with a login, it looks and costs the same: prompts, lines, code, full
hashes, commits, waits for the disk, delay. What it costs is counted by a preload (standin/count.c)."""
import contextlib
import os
import re

import pytest

import lab
from lab import PASSWORD, WRONG, add_user, uadmctl

SHIPPED_HASHES = True
COUNTER = '/usr/lib/uadm-count.so'
STORE = '/var/lib/uadm/store/uadm.db'
# What was asked, and with which password: all of these must look like the first.
CLASSES = {
    'wrong': WRONG, 'other': WRONG, 'unknown': WRONG, 'noname': PASSWORD, 'suspend': WRONG, 'expired': WRONG,
    'notyet': WRONG, 'locked': WRONG, 'lockedok': PASSWORD, 'blocked': WRONG, 'blockok': PASSWORD,
    'member': WRONG, 'stricter': WRONG, 'lockedby': PASSWORD, 'service': WRONG, 'nopass': WRONG, 'change': WRONG, 'empty': '', 'latin': 'caf\udce9', 'long': 'x' * 600}
NOT_THERE = ('unknown', 'noname')


def sql(query):
    return lab.run('sqlite3', '-cmd', '.timeout 5000', STORE, query, rc=0).out


def hash_of(password, kind='-6'):
    return lab.run('openssl', 'passwd', kind, '-salt', 'saltsalt', password, rc=0).out.strip()


def add_imported(name, hashed):
    uadmctl('user', 'add', name, '--create-home', '--hash-stdin', input=hashed + '\n', rc=0)


def everybody(source):
    """A user for each class; `source` makes one wrong guess at a name."""
    sql("INSERT INTO policy (account, key, value) VALUES (0, 'source-limit', 1), (0, 'local-source-limit', 1)")
    for name in CLASSES:
        if name not in NOT_THERE and name not in ('service', 'nopass', 'expired', 'notyet', 'change', 'member', 'stricter', 'lockedby'):
            add_user(name)
    # Whose account has a policy of its own, which is one more to read.
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    for name, account in (('member', 'beta'), ('stricter', 'acme'), ('lockedby', 'acme')):
        add_user(name, '--account', account, '--role', 'viewer')
    uadmctl('policy', 'set', '--account', 'acme', 'deny', '2', 'lock-time', '0', 'min-length', '20', 'max-age', '9d', rc=0)
    uadmctl('policy', 'set', '--account', 'acme', '--role', 'viewer', 'deny', '3', 'interval', '2h', rc=0)
    lab.fail_logins('lockedby', 3)
    assert lab.show('lockedby')['status'] == 'locked'
    add_user('nopass', password=None)
    add_user('expired', '--expires', '2020-01-01')
    add_user('notyet', '--valid-from', '2099-01-01')
    add_user('change', '--must-change')
    uadmctl('user', 'add', 'service', '--kind', 'service', '--reason', 'x', '--owner', 'root',
            '--review-by', '2099-01-01', rc=0)
    uadmctl('user', 'suspend', 'suspend', rc=0)
    for name in ('locked', 'lockedok'):
        lab.fail_logins(name, 5)
        assert lab.show(name)['status'] == 'locked'
    for name in ('blocked', 'blockok'):
        source(name)


@pytest.fixture
def counts(host):
    """A function: what one call cost, as its lines in order."""
    lab.run('gcc', '-O2', '-Wall', '-shared', '-fPIC', '-o', COUNTER,
            f'{os.path.dirname(os.path.abspath(__file__))}/standin/count.c', rc=0)
    with open('/etc/ld.so.preload', 'w', encoding='ascii') as f:
        f.write(COUNTER + '\n')

    def count(call):
        with open('/run/counts', 'w', encoding='ascii'):
            os.chmod('/run/counts', 0o666)
        result = call()
        with open('/run/counts', encoding='ascii') as f:
            return result, f.read().split('\n')[:-1]

    yield count
    os.unlink('/etc/ld.so.preload')
    with contextlib.suppress(FileNotFoundError):
        os.unlink('/run/counts')


def ask(name, password, rhost='192.0.2.50'):
    """The code, and all that the user was shown."""
    done = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', name, rhost, 'auth', password)
    assert done.rc == 0, done
    return int(done.out), [line.rstrip() for line in done.err.splitlines() if not line.startswith('delay:')]


PROMPT = ['prompt: Password:']
COST = ['argon2id m=65536,t=2', 'commit', 'delay 2000000', 'nobody found']


def empty_log():
    """SQLite's log is written back every hundred pages, whoever asks then, which costs more of the disk: not now.
    The shell does it at its end, if nobody else has the store open: the uadmd before may just be going."""
    lab.poll(lambda: sql('SELECT count(*) FROM meta') and not os.path.exists(f'{STORE}-wal'), 'the log to be written back')


def without_syncs(lines):
    return sorted(line for line in lines if line != 'sync')


@pytest.mark.parametrize('kind', [None, '-6', '-5'])
def test_P10_costs_and_looks_the_same(counts, kind):
    """Through libpam; with nobody imported, and with somebody, whom all have to pay for."""
    everybody(lambda name: ask(name, WRONG))
    extra = []
    if kind is not None:
        add_imported('import', hash_of(PASSWORD, kind))
        add_imported('implock', hash_of(PASSWORD, kind))
        lab.fail_logins('implock', 5)
        extra = [f'crypt ${kind[1]}$']
    counts(lambda: ask('wrong2', WRONG))
    syncs, grown = None, {}
    for name, password in [*CLASSES.items(), *([('import', WRONG), ('implock', PASSWORD)] if kind else [])]:
        empty_log()
        (code, said), cost = counts(lambda: ask(name, password))
        assert (code, said) == (lab.PAM_AUTH_ERR, PROMPT), name
        assert without_syncs(cost) == sorted([*COST, *extra, 'commit']), (name, cost)
        syncs = syncs or cost.count('sync')
        assert cost.count('sync') == syncs >= 2, (name, cost)
        grown.setdefault('lock' in name, set()).add(os.path.getsize(f'{STORE}-wal'))
    # Or it would show in how many guesses at a name the next writing back takes.
    assert [len(sizes) for sizes in grown.values()] == [1, 1], grown
    # The right password of the imported one costs the making of the new hash, and the next the usual.
    if kind is not None:
        uadmctl('user', 'delete', 'implock', '--yes', rc=0)
        (code, said), cost = counts(lambda: ask('import', PASSWORD, '192.0.2.51'))
        assert (code, said, cost.count('made')) == (0, PROMPT, 1), cost
        (code, said), cost = counts(lambda: ask('import', PASSWORD, '192.0.2.51'))
        assert (code, said) == (0, PROMPT) and not [c for c in cost if 'crypt' in c or 'made' in c], cost


def test_P10_an_account_of_another_setting(counts):
    """Of two settings each check pays for one: the own, or the first in the store."""
    add_imported('first', hash_of(PASSWORD, '-5'))
    add_imported('second', hash_of(PASSWORD, '-6'))
    add_user('third')
    for name, want in (('first', '$5$'), ('second', '$6$'), ('third', '$5$'), ('nobodys', '$5$')):
        (code, _), cost = counts(lambda: ask(name, WRONG))
        assert code == lab.PAM_AUTH_ERR and [c for c in cost if c.startswith('crypt')] == [f'crypt {want}'], cost


def test_P10_the_reason_after_the_right_password(host):
    """One line each, and none for a lock."""
    everybody(lambda name: ask(name, WRONG))
    told = {}
    for name in ('suspend', 'expired', 'notyet', 'lockedok', 'blockok', 'nopass', 'service', 'unknown'):
        code, said = ask(name, PASSWORD)
        assert said[:1] == PROMPT and code != 0, (name, said)
        told[name] = (code, said[1:])
    assert told == {
        'suspend': (lab.PAM_PERM_DENIED, ['Your access is suspended. Ask your administrator.']),
        'expired': (lab.PAM_ACCT_EXPIRED, ['Your access has expired. Ask your administrator.']),
        'notyet': (lab.PAM_PERM_DENIED, ['Your access has not begun yet.']),
        **{name: (lab.PAM_AUTH_ERR, []) for name in ('lockedok', 'blockok', 'nopass', 'service', 'unknown')}}


def test_P10_through_sshd(counts, sshd):
    """The client of keyboard-interactive sees and hears the same, to the byte, in its debug output too."""
    server = sshd()

    def log_in(name):
        return server.login(name, CLASSES.get(name, WRONG), options=['-o', 'LogLevel=DEBUG2'])

    def clean(name, text):
        # Of the debug output: no times, and none of the connection's own numbers and keys.
        text = text.replace(f'{name}@', 'X@').replace(f"'{name}'", "'X'").replace(f'as user {name}', 'as user X')
        return [re.sub(r'\d+\.\d+ seconds|port \d+|bytes per second.*|sent \d+.*', '', line) for line in text.split('\r\n')
                if 'rtt' not in line and 'Transferred' not in line]

    everybody(lambda name: server.login(name, WRONG))
    add_imported('import', hash_of(PASSWORD))
    counts(lambda: server.login('wrong2', WRONG))
    seen = {}
    for name in [*(n for n in CLASSES if n not in ('latin', 'long')), 'import']:
        done, cost = counts(lambda: log_in(name))
        seen[name] = (done.rc, clean(name, done.text))
        assert done.rc == 255 and 'denied' in done.text, done
        assert seen[name] == seen['wrong'], name
        assert without_syncs(cost) == sorted([*COST, 'crypt $6$', 'commit']), (name, cost)
