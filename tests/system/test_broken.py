"""Whatever is broken in us: root and local users get in, managed ones don't (P5, P15), lookups say
UNAVAIL at once, and nothing hangs or crashes."""
import os

import pytest

import lab
from lab import LOCAL, LOCAL_PASSWORD, PASSWORD, add_user, uadmctl

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
    'key missing': lambda: run('rm', '/etc/uadm/secret.key'),
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
HARMLESS = {'directory missing', 'directory corrupt', 'directory a fifo', 'key missing', 'key readable by all',
            'key cut off'}


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
    lab.run('sh', '-c', 'd=$(echo /usr/lib/*/security); cp -a /states/module/pam_uadm.so $d', rc=0)


@pytest.mark.parametrize('breakage', BREAKAGES)
def test_local_users_get_in(managed, breakage):
    BREAKAGES[breakage]()
    assert lab.su('root', user=None).rc == 0
    good = lab.su(LOCAL, LOCAL_PASSWORD, user='nobody')
    assert good.rc == 0 and good.text.split()[-1] == LOCAL, good
    assert lab.su(LOCAL, user=None).rc == 0
    lab.sudoers(f'{LOCAL} ALL=(ALL:ALL) ALL')
    assert lab.sudo(LOCAL_PASSWORD).rc == 0
    assert lab.pam('sshd', LOCAL, 'auth', 'account', 'open', 'close', answers=[LOCAL_PASSWORD]) == [0] * 4
    assert lab.pam('cron', 'root', 'account', 'setcred', 'open', 'close') == [0] * 4


@pytest.mark.parametrize('breakage', sorted(set(BREAKAGES) - HARMLESS))
def test_P5_managed_users_do_not(managed, breakage):
    BREAKAGES[breakage]()
    for phases in (['auth', 'account', 'open'], ['account', 'open'], ['open']):
        codes = lab.pam('sshd', 'ada', *phases, answers=[PASSWORD], seconds=30)
        assert codes[-1] != 0, (phases, codes)


@pytest.mark.parametrize('breakage', ['store corrupt', 'uadmd gone', 'all of it missing'])
def test_in_sshd(managed, sshd, breakage):
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


def test_uadmd_hangs(managed):
    """No answer is no login, within a bound; local users don't wait at all."""
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\nexec sleep 1000\n')
    assert lab.pam('sshd', LOCAL, 'auth', 'account', answers=[LOCAL_PASSWORD], seconds=5) == [0, 0]
    assert lab.pam('cron', 'ada', 'account', seconds=90)[-1] != 0
