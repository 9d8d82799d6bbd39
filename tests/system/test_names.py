"""Lookups on a whole host: N1, N2, N5, N7, UNAVAIL at once. The harder half is in tests/module."""
import os
import re

import pytest

import lab
from lab import LOCAL, add_user, uadmctl

DIRECTORY, PUBLISHED = '/var/lib/uadm/directory', '/var/lib/uadm/directory/directory'
REAL = '/var/lib/uadm/real'

# Calls the module itself, in a process of its own: glibc hides its status from programs.
STATUS = '''
import ctypes, sys
nss = ctypes.CDLL("libnss_uadm.so.2")
entry, buffer, err = ctypes.create_string_buffer(256), ctypes.create_string_buffer(65536), ctypes.c_int()
for name in sys.argv[1:]:
    print(nss._nss_uadm_getpwnam_r(name.encode(), entry, buffer, ctypes.c_size_t(65536), ctypes.byref(err)))
'''
UNAVAIL, NOTFOUND, SUCCESS = -1, 0, 1


def status(*names):
    done = lab.run('/usr/bin/python3', '-c', STATUS, *names, rc=0)
    return [int(word) for word in done.out.split()]


def lines(*command):
    return lab.run(*command, rc=0).out.splitlines()


def test_N1_everybody_agrees(host):
    """getent, id, ls -l, ps against uadmctl --json."""
    uadmctl('group', 'add', 'crew', 'deck', 'empty', rc=0)
    csv = 'name,first_name,groups\n' + ''.join(
        f'user{n:03},Nr {n},{"crew;deck" if n % 2 else "crew"}\n' for n in range(200))
    uadmctl('user', 'add', '--from', '-', input=csv, rc=0)
    users = uadmctl('user', 'list', '--json', rc=0).json
    groups = uadmctl('group', 'list', '--json', rc=0).json
    assert len(users) == 200 and len(groups) == 3

    published = dict(line.split(':', 1) for line in lines('getent', '-s', 'uadm', 'passwd'))
    assert published == {u['name']: f'*:{u["uid"]}:{u["gid"]}:{u["display_name"]}:{u["home"]}:{u["shell"]}'
                         for u in users}
    members = {g['name']: uadmctl('group', 'show', g['name'], '--json', rc=0).json for g in groups}
    wanted = {u['name']: (u['gid'], set()) for u in users}
    wanted.update({g['name']: (g['gid'], set(members[g['name']]['members'])) for g in groups})
    got = {}
    for line in lines('getent', '-s', 'uadm', 'group'):
        name, _, gid, who = line.split(':')
        got[name] = (int(gid), {w for w in who.split(',') if w and w != name})
    assert got == wanted
    assert len(got['crew'][1]) == 200 and len(got['deck'][1]) == 100 and got['empty'][1] == set()

    for u in users[:4]:
        assert lab.getent('passwd', u['uid'])[0] == u['name']
        assert lab.getent('group', u['gid'])[0] == u['name']
        assert set(lines('id', '-Gn', u['name'])[0].split()) == {u['name'], *u['groups']}
        assert lines('id', '-u', u['name']) == [str(u['uid'])]
    one = users[1]
    lab.run('install', '-o', one['name'], '-g', 'crew', '/dev/null', '/tmp/file', rc=0)
    assert re.search(rf' {one["name"]} crew ', lines('ls', '-l', '/tmp/file')[0])
    child = lab.spawn('sleep', '1000', user=one['name'])
    lab.poll(lambda: lines('ps', '-o', 'user:20=', '-p', str(child.pid)) == [one['name']], 'ps to agree')
    child.close(force=True)


def test_N1_changes_show_at_once(host):
    add_user('ada')
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('group', 'add-member', 'crew', 'ada', rc=0)
    assert lines('id', '-Gn', 'ada') == ['ada crew']
    assert lab.getent('group', 'crew')[3] == 'ada'
    uadmctl('user', 'set', 'ada', '--shell', '/bin/sh', '--display-name', 'Countess', rc=0)
    assert lab.getent('passwd', 'ada')[4:] == ['Countess', '/home/ada', '/bin/sh']
    uadmctl('group', 'remove-member', 'crew', 'ada', rc=0)
    assert lines('id', '-Gn', 'ada') == ['ada']
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert lab.getent('passwd', 'ada') is not None  # a file keeps its owner's name
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    assert lab.getent('passwd', 'ada') is None


def test_N2_a_process_that_stays_sees_changes(host):
    """A lookup begun after uadmctl came back sees what it did."""
    add_user('ada')
    watcher = lab.spawn('/usr/bin/python3', '-c',
                        'import pwd\nwhile True:\n    input()\n    print("=" + pwd.getpwnam("ada").pw_gecos + "=")')
    for n in range(20):
        uadmctl('user', 'set', 'ada', '--display-name', f'Number {n}', rc=0)
        watcher.send('\r')
        watcher.expect('=(.*?)=')
        assert watcher.match[1] == f'Number {n}'
    maps = open(f'/proc/{watcher.pid}/maps').read()
    assert maps.count(DIRECTORY) <= 3
    assert not any(DIRECTORY in os.readlink(f'/proc/{watcher.pid}/fd/{fd}')
                   for fd in os.listdir(f'/proc/{watcher.pid}/fd'))
    watcher.close(force=True)


def test_N5_buffers_grow(host):
    """glibc's own growing buffer gets through with an entry of the largest size."""
    uadmctl('group', 'add', 'crew', rc=0)
    csv = 'name,groups\n' + ''.join(f'somebody-with-a-long-name-{n:04},crew\n' for n in range(1000))
    uadmctl('user', 'add', '--from', '-', input=csv, rc=0)
    assert len(lab.getent('group', 'crew')[3].split(',')) == 1000


@pytest.mark.parametrize('breakage', ['missing', 'fifo', 'symlink', 'of another owner', 'writable by all',
                                      'corrupt', 'empty', 'a directory'])
def test_N7_untrusted_file_is_not_read(host, breakage):
    add_user('ada')
    assert status('ada', 'nobody-at-all') == [SUCCESS, NOTFOUND]
    os.rename(PUBLISHED, REAL)
    if breakage not in ('missing', 'fifo', 'symlink', 'a directory', 'empty'):
        lab.run('cp', '-p', REAL, PUBLISHED, rc=0)
    if breakage == 'fifo':
        os.mkfifo(PUBLISHED, 0o644)
    elif breakage == 'symlink':
        os.symlink(REAL, PUBLISHED)
    elif breakage == 'of another owner':
        lab.run('chown', LOCAL, PUBLISHED, rc=0)
    elif breakage == 'writable by all':
        os.chmod(PUBLISHED, 0o666)
    elif breakage == 'corrupt':
        size = os.path.getsize(PUBLISHED)
        with open(PUBLISHED, 'r+b') as f:
            f.write(b'\xa5' * size)
    elif breakage == 'empty':
        open(PUBLISHED, 'w').close()
    elif breakage == 'a directory':
        os.mkdir(PUBLISHED)
    assert status('ada', 'nobody-at-all') == [UNAVAIL, UNAVAIL]
    assert lab.getent('passwd', 'ada') is None
    assert lab.getent('passwd', LOCAL)[0] == LOCAL
    assert lines('id', '-un', LOCAL) == [LOCAL]


def test_any_user_may_look(host):
    add_user('ada')
    assert lab.run('getent', 'passwd', 'ada', user='nobody').rc == 0
    assert lab.run('ls', '/var/lib/uadm/store', user='nobody').rc != 0


def test_P8_nothing_secret_to_read(host):
    """No hash is where a user can read, and nothing of ours where a user can write."""
    add_user('ada', '--email', 'ada@example.org', '--mobile', '+491701234567')
    found = lab.run('find', '/var/lib/uadm', '/etc/uadm', '/run/uadm', '-perm', '/o+w,g+w', '!', '-type', 'l').out
    assert found == ''
    assert lab.run('cat', '/var/lib/uadm/store/uadm.db', user='ada').rc != 0
    assert lab.run('cat', '/etc/uadm/secret.key', user='ada').rc != 0
    public = open(PUBLISHED, 'rb').read()
    for secret in (b'argon2', b'example.org', b'4917012'):
        assert secret not in public
    assert os.stat('/var/lib/uadm/store/uadm.db').st_mode & 0o777 == 0o600
    assert os.stat('/etc/uadm/secret.key').st_mode & 0o777 == 0o600
    assert os.stat('/var/lib/uadm/store').st_mode & 0o777 == 0o700


@pytest.mark.parametrize('limit', ['NOFILE, (3, 3)', 'AS, (60 << 20, 60 << 20)', 'FSIZE, (0, 0)'])
def test_N4_limits_of_the_host(host, limit):
    """A full descriptor table, a small address space: an answer or UNAVAIL, and nothing else."""
    add_user('ada')
    program = STATUS.replace('for name', f'import resource\nresource.setrlimit(resource.RLIMIT_{limit})\nfor name')
    done = lab.run('/usr/bin/python3', '-c', program, 'ada', 'nobody-at-all', rc=0)
    assert done.out.split() in (['1', '0'], ['-1', '-1']), done
