"""faults.py - what the sweeps of test_faults*.py share: the preload that makes the N-th call fail, the
host that it is tried on, and how a login is judged."""
import collections
import mmap
import os
import sqlite3
import struct

import hosts
import lab
from lab import add_user, uadmctl

STORE = '/var/lib/uadm/store/uadm.db'
ORDERS, SITE = struct.Struct('<14I36s64s4x'), struct.Struct('<Q36s4x')
SITES_MOST = 20000
UADMD, HOST = 1, 2
SUCCESS, USER_UNKNOWN, IGNORE = 0, lab.PAM_USER_UNKNOWN, 25
# What has more than one way to fail: no memory, no file, no space, too short, somebody else's turn.
WAYS = {'open': 2, 'openat': 2, 'open64': 2, 'fopen': 2, 'fopen64': 2, 'read': 3, 'pread64': 3, 'pwrite64': 2,
        'write': 3, 'recv': 3, 'sendmsg': 2, 'poll': 2, 'flock': 2, 'fcntl64': 2, 'sqlite3_step': 2,
        'sqlite3_exec': 2, 'sqlite3_prepare_v3': 2, 'sqlite3_open_v2': 2, 'lstat': 2, 'fstatat': 2, 'access': 2,
        'faccessat': 2, 'connect': 2, 'waitpid': 2, 'crypto_pwhash_str_needs_rehash': 2}
LASTING = {'open', 'openat', 'open64', 'fopen', 'mmap', 'mmap64', 'read', 'pread64', 'pwrite64',
           'fsync', 'fdatasync', 'ftruncate64', 'fstat', 'fstat64', 'getpwnam', 'clock_gettime', 'poll', 'recv',
           'sendmsg', 'nanosleep', 'sqlite3_step', 'sqlite3_column_text', 'pam_get_item', 'close'}


MEMORY = {'malloc', 'calloc', 'realloc'}


class Faults:
    """The shared file: what is to fail, and what came of it."""

    def __init__(self):
        size = ORDERS.size + SITES_MOST * SITE.size
        with open('/run/faults', 'wb') as f:
            f.truncate(size)
        with open('/run/faults', 'r+b') as f:
            self.memory = mmap.mmap(f.fileno(), size)

    def order(self, who=0, process=1, name='', call=0, way=0, sticky=False, record=False):
        ORDERS.pack_into(self.memory, 0, who, process, call, way, sticky, record, *[0] * 8, name.encode(), b'')

    def seen(self):
        names = ('processes', 'met', 'failed', 'crashed', 'verified', 'unsynced', 'hashed', 'sites', 'name', 'where')
        values = dict(zip(names, ORDERS.unpack_from(self.memory)[6:]))
        return {k: v.rstrip(b'\0').decode() if isinstance(v, bytes) else v for k, v in values.items()}

    def places(self):
        """(name, which call of it) of the first call from each place."""
        known, found, calls = set(), [], collections.Counter()
        assert self.seen()['sites'] < SITES_MOST
        for i in range(self.seen()['sites']):
            stack, name = SITE.unpack_from(self.memory, ORDERS.size + i * SITE.size)
            name = name.rstrip(b'\0').decode()
            calls[name] += 1
            if (stack, name) not in known or os.environ.get('UADM_FAULTS') == 'all':
                known.add((stack, name))
                found.append((name, calls[name]))
        return found


def conf(memory, rest=''):
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write(f'[hash]\nopslimit = 1\nmemlimit = {memory}\n{rest}')


def make_users():
    conf(9 << 20)
    add_user('old')
    conf(8 << 20, '[ids]\nuid-max = 70000\n')
    add_user('far', '--uid', '70000')
    conf(8 << 20)
    for name in ('ada', 'sus', 'exp', 'loc'):
        add_user(name)
    add_user('due', '--must-change')
    uadmctl('user', 'suspend', 'sus', rc=0)
    uadmctl('user', 'suspend', 'far', rc=0)
    uadmctl('user', 'set', 'exp', '--expires', '2001-01-01', rc=0)
    lab.fail_logins('loc', 5)
    assert lab.show('loc')['status'] == 'locked'
    with open('/etc/pam.d/only', 'w', encoding='ascii') as f:
        f.writelines(f'{kind} required pam_uadm.so\n' for kind in ('auth', 'account', 'session', 'password'))


def start():
    """The preload in its place, and a program that logs in under it; stop() ends both."""
    seen = Faults()
    preload = hosts.build('faults', '-shared', '-fPIC', '-fvisibility=hidden', '-fno-builtin', '-ldl')
    hosts.build('pam_host', '-lpam', '-ldl')
    with open('/etc/ld.so.preload', 'w', encoding='ascii') as f:
        f.write(preload + '\n')
    return seen, hosts.Host()


def stop(host):
    os.unlink('/etc/ld.so.preload')
    host.close()


class Bench:
    """The host with its users, the store to come back to, and a program that logs in."""

    def __init__(self):
        db = sqlite3.connect(STORE)
        assert db.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()[0] == 0
        db.close()
        with open(STORE, 'rb') as f:
            self.store = f.read()
        self.faults, self.host = start()

    def restore(self):
        for end in ('-wal', '-shm'):
            if os.path.exists(STORE + end):
                os.unlink(STORE + end)
        with open(STORE, 'r+b') as f:
            f.write(self.store)
            f.truncate()

    def ask(self, query, *values):
        db = sqlite3.connect(STORE)
        try:
            return db.execute(query, values).fetchone()[0]
        finally:
            db.close()

    def verifier(self, name):
        return self.ask('SELECT verifier FROM password JOIN user USING (uid) WHERE name = ?', name)

    def attempts(self, name):
        return self.ask('SELECT count(*) FROM attempt JOIN user USING (uid) WHERE name = ?', name)

    def close(self):
        stop(self.host)


def bench_of(machine):
    """In the state after make_users(); the caller closes it."""
    if 'faults' not in machine.states:
        machine.restore('bare')
        uadmctl('host', 'enable', '--yes', rc=0)
        make_users()
        machine.save('faults')
    machine.restore('faults')
    return Bench()


class Case:
    """A login, and whether it may succeed when something fails. Of the places where memory is
    asked for, three times `thin` leaves out all but each so-manieth, and of the others one of four, above 8 one of twelve:
    what they share with other cases is tried there."""

    def __init__(self, user, phases, answers=(), may=False, process=1, uid=None, charged=True, thin=1):
        self.thin = thin
        self.user, self.phases, self.answers, self.may = user, phases, answers, may
        self.process, self.uid, self.charged = process, uid, charged

    def run(self, bench):
        return bench.host.login(service='only', user=self.user, phases=self.phases, answers=self.answers,
                                **({'as': self.uid} if self.uid else {}))


def judge(bench, case, login):
    """What is wrong with the way this login ended, or None."""
    seen, code = bench.faults.seen(), login.codes[-1]
    done = len(login.codes) == len(case.phases.split(',')) and code == SUCCESS
    if seen['crashed'] and not seen['where'].startswith(
            'libsodium.so' if seen['name'] in RANDOMNESS else NOT_OURS):
        return f'uadmd died of signal {seen["crashed"]} in {seen["where"]}'
    if code == IGNORE:
        return 'PAM_IGNORE'
    if done and not case.may:
        return 'PAM_SUCCESS'
    if code == USER_UNKNOWN and case.user != 'nobodys':
        return 'PAM_USER_UNKNOWN: the rest of the stack would decide'
    if seen['unsynced']:
        return 'a password was verified before the attempt was on disk'
    if case.charged and bench.attempts(case.user) < seen['verified']:
        return f'{seen["verified"]} verified, {bench.attempts(case.user)} charged'
    return None


# Who ends uadmd, which is a refusal: libsodium where it gets no randomness; libeconf 0.5, which does
# not look at what malloc() answers; glibc and systemd in a lookup without memory.
RANDOMNESS = {'getrandom', 'getentropy', 'open', 'read', 'poll', 'fstat', 'fcntl'}
NOT_OURS = ('libeconf.so', "libc's NSS", 'libnss_systemd.so')


def sweep(bench, case, who=UADMD, extra=lambda bench, login: None):
    bench.restore()
    bench.faults.order(who, case.process, record=True)
    case.run(bench)
    places = bench.faults.places()
    assert len(places) > 30, places
    wrong, runs, unmet = [], 0, collections.Counter()
    if case.thin > 1 and os.environ.get('UADM_FAULTS') != 'all':
        memory = [place for place in places if place[0] in MEMORY]
        others = [place for place in places if place[0] not in MEMORY]
        places = others[::18 if case.thin > 8 else 6] + memory[::3 * case.thin]
    for name, call in places:
        tries = [(way, False) for way in range(WAYS.get(name, 1))] + [(0, True)] * (name in LASTING or name in MEMORY and call % 8 == 1)
        for way, sticky in tries:
            bench.restore()
            bench.faults.order(who, case.process, name, call, way, sticky)
            login = case.run(bench)
            runs += 1
            seen = bench.faults.seen()
            if not seen['failed']:
                unmet[name] += 1
            problem = judge(bench, case, login) or extra(bench, login)
            if problem:
                wrong.append(f'{name} {call} way {way}{" and on" if sticky else ""}: {problem}; {login}')
    bench.faults.order()
    bench.restore()
    print(f'{len(places)} places, {runs} runs; not met again: {dict(unmet)}')
    assert unmet.total() < 10 + runs // 20, unmet
    assert not wrong, f'{len(wrong)} of {runs}:\n' + '\n'.join(wrong[:40])
    return runs


