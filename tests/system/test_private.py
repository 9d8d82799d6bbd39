"""What nobody may see or touch: no file of ours lies where a user can write, no hash can be read and
no counter changed (P8); no password is in a log, in the trail, in a file, or in the memory of who
asked for it (P24)."""
import os
import stat

import pytest

import lab
from lab import LOCAL, add_user, uadmctl

CANARY, MAGPIE = 'canary-7qK0wZb3xV9mT5pLe', 'magpie+4Hd8sRf2jXu6gYn0Q'
STATE = ['/etc/uadm', '/var/lib/uadm', '/run/uadm']
PUBLISHED = '/var/lib/uadm/directory/directory'
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def below(*tops):
    """These and all that is in them, without following a link."""
    for top in tops:
        yield top
        for folder, folders, files in os.walk(top):
            yield from (os.path.join(folder, name) for name in folders + files)


def installed():
    image = os.path.join(lab.BUILD, 'image')
    files = [path[len(image):] for path in below(image) if not os.path.isdir(path)]
    assert '/usr/sbin/uadmctl' in files and len(files) > 10
    return files


def busy_host():
    """Users of every kind, homes, failures, a lock, sessions, slots, a changed configuration."""
    add_user('ada', '--email', 'ada@example.org', '--mobile', '+436601234567', '--first-name', 'Ada')
    add_user('bob')
    uadmctl('user', 'set-password', 'bob', '--hash-stdin', rc=0, input=lab.run(
        'openssl', 'passwd', '-6', '-salt', 'saltsalt', lab.PASSWORD, rc=0).out)
    lab.fail_logins('ada', 5)
    lab.pam('sshd', 'nobody-at-all', 'auth', answers=['x'])
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[ids]\nuid-max = 59999\n')
    uadmctl('store', 'publish', '--force', rc=0)


def test_P8_nothing_lies_where_a_user_can_write(host):
    """Each path that is installed, made or edited, and every directory on the way to it."""
    busy_host()
    paths = {*installed(), *below(*STATE), '/etc/nsswitch.conf', *below('/etc/pam.d')}
    assert any('/slots/' in path for path in paths) and any(path.endswith('uadm.db-wal') for path in paths)
    for path in list(paths):
        while path != '/':
            path = os.path.dirname(path)
            paths.add(path)
    wrong = []
    for path in sorted(paths):
        st = os.lstat(path)
        if st.st_uid != 0 or (not stat.S_ISLNK(st.st_mode) and st.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
            wrong.append((path, st.st_uid, oct(st.st_mode)))
    assert wrong == []
    # A home belongs to its user, and what it is in does not.
    assert os.stat('/home/ada').st_uid == 30000 and os.stat('/home/ada').st_mode & 0o7777 == 0o700


def sql(query):
    return lab.run('sqlite3', '-cmd', '.timeout 5000', '/var/lib/uadm/store/uadm.db', query, rc=0).out


def counters():
    return [sql(f'SELECT * FROM {table}') for table in ('user', 'password', 'attempt', 'lockout', 'bucket', 'audit')]


PROBE = '''
import os, sys
for path in sys.argv[1:]:
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK))
            print(path, 'read' if flags == os.O_RDONLY else 'written')
        except OSError:
            pass
    for change in (lambda: os.rename(path, path + '.x'), lambda: os.unlink(path), lambda: os.chmod(path, 0o777),
                   lambda: os.symlink('x', path + '/x' if os.path.isdir(path) else path + '.x')):
        try:
            change()
            print(path, 'changed')
        except OSError:
            pass
'''


@pytest.mark.parametrize('user', ['ada', LOCAL, 'nobody'])
def test_P8_no_hash_read_no_counter_changed(host, user):
    """By the user concerned, by a local user, and by nobody: what they can open of ours is public."""
    busy_host()
    before = counters()
    secret = [path for path in below('/etc/uadm/secret.key', '/var/lib/uadm/store', '/run/uadm/slots')]
    assert len(secret) > 6
    assert lab.run('/usr/bin/python3', '-c', PROBE, *secret, user=user, rc=0).out == ''
    public = [path for path in below(*STATE) if path not in secret]
    for line in lab.run('/usr/bin/python3', '-c', PROBE, *public, user=user, rc=0).out.splitlines():
        assert line.endswith(' read'), line
    for command in (['user', 'unlock', 'ada'], ['user', 'show', 'ada'], ['user', 'list'], ['audit', 'list'],
                    ['user', 'set-password', 'ada', '--hash-stdin'], ['store', 'check'], ['store', 'init']):
        done = uadmctl(*command, user=user, input='x\n')
        assert done.rc in (69, 77) and not done.out, done
    assert lab.run('/usr/libexec/uadm/uadmd', user=user).rc == 64
    assert counters() == before


def test_P8_what_is_published(host):
    """Names, numbers, homes, shells; never a hash, an address or a number to call."""
    busy_host()
    public = b''.join(open(path, 'rb').read() for path in below('/var/lib/uadm/directory') if os.path.isfile(path))
    assert b'ada' in public and b'/home/bob' in public
    for secret in (b'$argon2', b'$6$', b'saltsalt', b'example.org', b'4366012'):
        assert secret not in public
    hashes = sql('SELECT verifier FROM password').split()
    assert len(hashes) == 2 and not any(hashed.rsplit('$', 1)[1].encode() in public for hashed in hashes)
    shown = lab.run('sh', '-c', 'getent passwd; getent group; id ada', user='nobody', rc=0).out
    assert 'ada:*:30000' in shown and '$' not in shown


@pytest.fixture
def canary_host(host):
    lab.run('gcc', '-std=c11', '-D_GNU_SOURCE', '-Wall', f'-I{TOP}', '-o', '/usr/bin/canary-host',
            f'{TOP}/tests/system/standin/canary_host.c', '-lpam', rc=0)

    def ask(service, name, *phases):
        done = lab.run('/usr/bin/canary-host', service, name, *phases, rc=0)
        return dict(line.split() for line in done.out.splitlines())

    return ask


def test_P24_nothing_left_in_the_host(canary_host):
    """After pam_end() no copy of what was typed is in the memory of the program: right, wrong, of an
    unknown name, imported, locked, and changed."""
    add_user('ada', password=CANARY)
    add_user('bob')
    uadmctl('user', 'add', 'eve', '--hash-stdin', rc=0, input=lab.run(
        'openssl', 'passwd', '-6', '-salt', 'saltsalt', CANARY, rc=0).out)
    for service, name, phases, codes, asked in [
            ('login', 'ada', ['auth', 'account', 'open', 'close'], ['0'] * 4, 1), ('sshd', 'bob', ['auth'], ['7'], 1),
            ('sshd', 'nobody-at-all', ['auth'], ['7'], 1), ('sshd', 'eve', ['auth', 'account'], ['0', '0'], 1),
            ('passwd', 'ada', ['change'], ['0'], 2)]:
        seen = canary_host(service, name, *phases)
        assert [seen[phase] for phase in phases] == codes and seen['asked'] == str(asked), (name, seen)
        assert (seen['left'], seen['found']) == ('0', '1'), (name, seen)
    assert lab.pam('sshd', 'ada', 'auth', answers=[MAGPIE]) == [0]  # it was changed to


def test_P24_in_no_log_and_no_file(host, sshd, authlog):
    """Typed into ssh, su, sudo, login and passwd, right and wrong, given to the tool, and where a name
    is asked for: in no line, no row, no file."""
    uadmctl('user', 'add', 'ada', '--create-home', '--password-stdin', input=CANARY + '\n', rc=0)
    add_user('bob')
    server = sshd()
    assert server.login('ada', CANARY).rc == 0 and server.login('bob', CANARY).rc == 255
    assert lab.su('ada', CANARY).rc == 0 and lab.su('bob', CANARY).rc != 0
    assert lab.login('ada', CANARY).rc == 0
    lab.sudoers('ada ALL=(ALL) ALL')
    assert lab.sudo(CANARY, user='ada').rc == 0
    assert lab.pam('login', CANARY, 'auth', answers=['x']) == [lab.PAM_AUTH_ERR]
    done = lab.passwd('ada', [('urrent password: ?', CANARY), ('ew password: ?', MAGPIE), ('etype new password: ?', MAGPIE)])
    assert done.rc == 0, done
    uadmctl('user', 'set-password', 'bob', '--password-stdin', '--must-change', input=CANARY + '\n', rc=0)
    assert uadmctl('user', 'set-password', 'bob', '--hash-stdin', input=CANARY + '\n').rc == 65
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('nonsense\n')
    assert lab.pam('sshd', 'bob', 'auth', answers=[CANARY]) == [lab.PAM_AUTHINFO_UNAVAIL]
    os.unlink('/etc/uadm/uadm.conf')

    assert authlog.wait('authentication failure') and len(authlog.lines) > 10
    texts = {'log': '\n'.join(authlog.lines), 'trail': uadmctl('audit', 'list', '--json', '-n', '0', rc=0).out,
             'list': uadmctl('user', 'list', '--json', rc=0).out}
    for path in below(*STATE, '/var/log', '/tmp', '/run/sudo', '/var/lib/sudo'):
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, 'rb') as f:
                texts[path] = f.read().decode('latin-1')
    assert '/var/lib/uadm/store/uadm.db' in texts
    for where, text in texts.items():
        assert 'canary-7qK0' not in text and 'magpie+4Hd8' not in text, where
