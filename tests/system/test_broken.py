"""Whatever is broken in us: root and local users get in, managed ones don't (P5, P15), lookups say
UNAVAIL at once, and nothing hangs or crashes."""
import contextlib
import os
import sqlite3

import pytest

import faults
import lab
from lab import LOCAL, LOCAL_PASSWORD, PASSWORD, add_user, uadmctl

LONG = True
STORE, DATABASE = '/var/lib/uadm/store', '/var/lib/uadm/store/uadm.db'
DIRECTORY, PUBLISHED = '/var/lib/uadm/directory', '/var/lib/uadm/directory/directory'
UADMD = '/usr/libexec/uadm/uadmd'


def run(*command):
    lab.run(*command, rc=0)


def corrupt(path, start=0):
    with open(path, 'r+b') as f:
        size = f.seek(0, os.SEEK_END)
        f.seek(start)
        f.write(b'\xa5' * (size - start))


def corrupt_store():
    for name in os.listdir(STORE):
        corrupt(os.path.join(STORE, name))


def half_store():
    for name in ('uadm.db-wal', 'uadm.db-shm'):
        if os.path.exists(os.path.join(STORE, name)):
            os.unlink(os.path.join(STORE, name))
    with open(DATABASE, 'r+b') as f:
        f.truncate(8192)


def store_is_a_fifo():
    os.unlink(DATABASE)
    os.mkfifo(DATABASE)


def fill(pages, keep_log=False):
    """The store on a file system of its own, on which so many pages are left."""
    db = sqlite3.connect(DATABASE)
    db.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()
    if keep_log:
        # Some of it, none of which has been moved to the store and could be written over.
        lab.uadmctl('group', 'add', 'afterwards', rc=0)
        db.execute('SELECT count(*) FROM user').fetchone()  # a reader keeps it, as a crash would
    run('mkdir', '/tmp/was')
    run('sh', '-c', f'cp -a {STORE}/. /tmp/was')
    db.close()
    if not keep_log:
        run('sh', '-c', 'rm -f /tmp/was/*-wal /tmp/was/*-shm')
    run('mount', '-t', 'tmpfs', '-o', 'size=4m,mode=700', 'store', STORE)
    run('sh', '-c', f'cp -a /tmp/was/. {STORE}; rm -r /tmp/was')
    lab.run('dd', 'if=/dev/zero', f'of={STORE}/filler', 'bs=4096')
    if pages:
        os.truncate(f'{STORE}/filler', os.stat(f'{STORE}/filler').st_size - pages * 4096)


def uadmd_is_a_shell_that_says_nothing():
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\nexit 0\n')


def uadmd_crashes():
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\nkill -SEGV $$\n')


BREAKAGES = {
    'store missing': lambda: run('rm', '-rf', STORE),
    'database missing': lambda: run('rm', '-rf', DATABASE),
    'all of it missing': lambda: run('rm', '-rf', '/var/lib/uadm', '/etc/uadm'),
    'store of another owner': lambda: run('chown', '-R', LOCAL, STORE),
    'database of another owner': lambda: run('chown', LOCAL, DATABASE),
    'store writable by all': lambda: run('chmod', '777', STORE),
    'a directory above writable by all': lambda: run('chmod', '777', '/var/lib/uadm'),
    'store corrupt': corrupt_store,
    'store cut off': half_store,
    'store a fifo': store_is_a_fifo,
    'store a symlink': lambda: run('sh', '-c', f'mv {DATABASE} /tmp/db; ln -s /tmp/db {DATABASE}'),
    'store empty': lambda: run('truncate', '-s', '0', DATABASE),
    'store read-only': lambda: run('sh', '-c', f'mount --bind {STORE} {STORE} && mount -o remount,ro,bind {STORE}'),
    'store full': lambda: fill(0),
    'store full but for a page': lambda: fill(1),
    'store full but for a few pages': lambda: fill(3),
    'store full but for the shared memory': lambda: fill(9),
    'store full, log and all': lambda: fill(0, keep_log=True),
    'key missing': lambda: run('rm', '/etc/uadm/secret.key'),
    'key of another store': lambda: run('sh', '-c', 'head -c 32 /dev/urandom >/etc/uadm/secret.key'),
    'key readable by all': lambda: run('chmod', '644', '/etc/uadm/secret.key'),
    'key cut off': lambda: run('truncate', '-s', '5', '/etc/uadm/secret.key'),
    'configuration bad': lambda: run('sh', '-c', 'echo "nonsense = 1" >/etc/uadm/uadm.conf'),
    'uadmd gone': lambda: os.unlink(UADMD),
    'uadmd not executable': lambda: run('chmod', '644', UADMD),
    'uadmd silent': uadmd_is_a_shell_that_says_nothing,
    'uadmd crashes': uadmd_crashes,
    'pam_uadm gone': lambda: run('sh', '-c', 'rm /usr/lib/*/security/pam_uadm.so'),
    'directory missing': lambda: run('rm', '-rf', DIRECTORY),
    'directory corrupt': lambda: corrupt(PUBLISHED),
    'directory a fifo': lambda: run('sh', '-c', f'rm {PUBLISHED}; mkfifo {PUBLISHED}'),
}

# Those in which a managed user may still get in: what is left is enough for a right decision.
HARMLESS = {'directory missing', 'directory corrupt', 'directory a fifo'}


@pytest.fixture
def managed(whole_machine):
    """host with a user and an ssh key for everybody: once, then restored; pam_uadm.so as well."""
    if 'managed' not in whole_machine.states:
        whole_machine.restore('bare')
        uadmctl('host', 'enable', '--yes', rc=0)
        add_user('ada')
        assert lab.pam('sshd', 'ada', 'auth', 'account', answers=[PASSWORD]) == [0, 0]
        whole_machine.save('managed')
        lab.run('sh', '-c', 'mkdir /states/module; cp -a /usr/lib/*/security/pam_uadm.so /states/module', rc=0)
    whole_machine.restore('managed')
    yield whole_machine
    whole_machine.end_processes()
    while lab.run('umount', STORE).rc == 0:
        pass
    lab.run('sh', '-c', 'd=$(echo /usr/lib/*/security); cp -a /states/module/pam_uadm.so $d', rc=0)


@pytest.mark.parametrize('breakage', BREAKAGES)
def test_P5_P15_local_users_get_in(managed, breakage):
    BREAKAGES[breakage]()
    assert lab.su('root', user=None).rc == 0
    good = lab.su(LOCAL, LOCAL_PASSWORD, user='nobody')
    assert good.rc == 0 and good.text.split()[-1] == LOCAL, good
    assert lab.su(LOCAL, user=None).rc == 0
    lab.sudoers(f'{LOCAL} ALL=(ALL:ALL) ALL')
    assert lab.sudo(LOCAL_PASSWORD).rc == 0
    assert lab.pam('sshd', LOCAL, 'auth', 'account', 'open', 'close', answers=[LOCAL_PASSWORD]) == [0] * 4
    assert lab.pam('cron', 'root', 'account', 'setcred', 'open', 'close') == [0] * 4


@pytest.fixture
def counting(managed):
    """A program that logs in, and a count of the hashes that it costs."""
    seen, program = faults.start()
    yield seen, program
    faults.stop(program)


def assert_denied(counting, seconds):
    """In every way in, in time, and with no hash."""
    seen, program = counting
    for phases in ('auth,account,open', 'account,open', 'open', 'auth'):
        seen.order()
        login = program.login(seconds, service='sshd', user='ada', phases=phases, answers=[PASSWORD],
                              rhost='192.0.2.1')
        assert login.codes[-1] != 0, (phases, login)
        assert seen.seen()['hashed'] == seen.seen()['verified'] == 0, (phases, login)


def test_P5_counting_counts(counting):
    seen, program = counting
    seen.order()
    assert program.login(service='sshd', user='ada', phases='auth', answers=[PASSWORD]).codes == [0]
    assert program.login(service='sshd', user='nobodys', phases='auth', answers=[PASSWORD]).codes != [0]
    assert (seen.seen()['verified'], seen.seen()['hashed']) == (1, 1)


@pytest.mark.parametrize('breakage', sorted(set(BREAKAGES) - HARMLESS))
def test_P5_managed_users_do_not(managed, counting, breakage):
    BREAKAGES[breakage]()
    assert_denied(counting, seconds=5)


def test_P5_with_room_they_do(managed, counting):
    """It is not the other file system that keeps them out."""
    fill(500)
    assert counting[1].login(service='sshd', user='ada', phases='auth,account,open', answers=[PASSWORD]).codes == [0] * 3


@contextlib.contextmanager
def held(*sql):
    """Somebody else is at the store, and stays."""
    db = sqlite3.connect(DATABASE, isolation_level=None)
    try:
        for statement in sql:
            db.execute(statement)
        yield
    finally:
        db.close()


@pytest.mark.parametrize('how', [
    ['BEGIN IMMEDIATE'], ['BEGIN EXCLUSIVE'],
    ['PRAGMA locking_mode = EXCLUSIVE', 'BEGIN EXCLUSIVE', 'UPDATE meta SET generation = generation']])
def test_P5_store_busy(counting, how):
    """Nobody holds up a login for longer than ten seconds, and none goes on without being written down."""
    seen, program = counting
    with held(*how):
        for phases in ('auth', 'account,open', 'open'):
            seen.order()
            login = program.login(10, service='sshd', user='ada', phases=phases, answers=[PASSWORD])
            assert login.codes[-1] != 0, (phases, login)
            assert seen.seen()['hashed'] == seen.seen()['verified'] == 0, (phases, login)
        assert program.login(5, service='sshd', user=LOCAL, phases='auth,account,open',
                             answers=[LOCAL_PASSWORD]).codes == [0] * 3
        assert program.login(5, service='cron', user='root', phases='account,open').codes == [0] * 2
    assert program.login(service='sshd', user='ada', phases='auth,account,open', answers=[PASSWORD]).codes == [0] * 3


@pytest.mark.parametrize('breakage', ['store corrupt', 'uadmd gone', 'all of it missing'])
def test_P5_in_sshd(managed, sshd, breakage):
    server = sshd()
    server.authorize('ada')
    server.authorize('root')
    assert server.login_key('ada').rc == 0
    BREAKAGES[breakage]()
    assert server.login(LOCAL, LOCAL_PASSWORD).rc == 0
    assert server.login_key('root').rc == 0
    assert server.login_key('ada').rc == 255
    assert server.login('ada', PASSWORD).rc == 255


@pytest.mark.parametrize('breakage', BREAKAGES)
def test_the_tool_says_what_is_wrong(managed, breakage):
    """uadmctl ends with a message of its own, never by a signal, and never hangs."""
    BREAKAGES[breakage]()
    done = uadmctl('user', 'show', 'ada', '--json')
    assert done.rc in (0, 69, 78), done
    assert done.rc == 0 or (done.json['error'] in done.err and done.err.startswith('uadmctl: error: ')), done


def test_P5_uadmd_hangs(managed):
    """No answer is no login, within a bound; local users don't wait at all."""
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\nexec sleep 1000\n')
    assert lab.pam('sshd', LOCAL, 'auth', 'account', answers=[LOCAL_PASSWORD], seconds=5) == [0, 0]
    assert lab.pam('cron', 'ada', 'account', seconds=90)[-1] != 0
