"""S7: hostile strings from files, PAM and the store: refused or shown escaped, as test_hostile.py has it
for the command line."""
import os
import re
import sqlite3

import pytest

import lab
from hostile import ALL, HOSTILE, NAMES, forms, judge, judge_json, make_people, stored_is_clean, unclean, well_formed, write
from lab import PASSWORD, uadmctl


@pytest.fixture
def people(host):
    make_people()
    return host


@pytest.mark.parametrize('command', [['user', 'add'], ['user', 'set'], ['user', 'suspend'], ['user', 'delete', '--yes'], ['group', 'add'],
                                     ['group', 'add-member', 'crew'], ['group', 'delete', '--yes']], ids=lambda c: '-'.join(c[:2]))
def test_files_of_names(people, command):
    """A name, the heading of a column, and a cell of every column."""
    columns = ['first_name', 'last_name', 'display_name', 'email', 'mobile', 'home', 'shell', 'time_zone', 'reason', 'owner', 'groups', 'uid', 'kind',
               'description', 'gid', 'password_hash', 'expires']
    texts = [t.encode('utf-8', 'surrogateescape') for t in HOSTILE.values()] + [b'a\0b', b'\0', b'"', b'"a\nb\x1b"', b'\xef\xbb\xbf', b'x' * 200000]
    files = [t + b'\n' for t in texts] + [b'name,' + t + b'\nsome,x\n' for t in texts] + [t for t in texts]
    for n, (column, text) in enumerate((c, t) for c in columns for t in texts):
        if command[1] in ('add', 'set') and (ALL or n % 29 == 0):
            quoted = b'"' + text.replace(b'"', b'""') + b'"'
            files.append(b'name,%s\nfresh%d,%s\nada,%s\n' % (column.encode(), n, quoted, quoted))
    for n, content in enumerate(files):
        write('/root/hostile', content)
        if ALL or n % 4:
            judge_json(uadmctl(*command, '--from', '/root/hostile', '--json'))
        if ALL or n % 4 == 0:
            judge(uadmctl(*command, '--from', '/root/hostile'))
    stored_is_clean()
    uadmctl('group', 'add', 'crew')
    uadmctl('user', 'add', 'ada')
    well_formed()


def test_ten_megabytes(people):
    """In one line, in many, as a password, in the configuration and as a backup: bounded answers."""
    lines = {'line': b'x' * (10 << 20), 'names': b'bad name\n' * 3000, 'cell': b'name,email\nzoe,"' + b'\n' * (10 << 20) + b'"\n'}
    for content in lines.values():
        write('/root/hostile', content)
        judge_json(uadmctl('user', 'add', '--from', '/root/hostile', '--json', seconds=60))
        judge(uadmctl('store', 'restore', '/root/hostile', '--yes'))
    done = uadmctl('user', 'set-password', 'ada', '--password-stdin', input='x' * (10 << 20) + '\n', seconds=60)
    judge(done)
    assert done.rc == 65
    write('/root/hostile', '[home]\nbase = /' + 'x' * (10 << 20) + '\n')
    done = uadmctl('user', 'list', '--conf', '/root/hostile', seconds=60)
    judge(done)
    assert done.rc == 78 and 'larger than' in done.err
    well_formed(2)


def test_configuration(people):
    """As the value of each kind, as a key, as a section, and as what is no line at all."""
    lines = ['[home]\nbase = {}\n', '[home]\nskel = {}\n', '[ids]\nuid-min = {}\n', '[hash]\nopslimit = "{}"\n', '[ids]\n{} = 1\n', '[{}]\nkey = 1\n', '{}\n']
    for line in lines:
        for n, text in enumerate(HOSTILE.values()):
            write('/root/hostile', line.replace('{}', text))
            for options in forms(n):
                done = uadmctl('user', 'list', '--conf', '/root/hostile', *options)
                assert done.rc in (0, 78), done
                judge(done)
            write('/etc/uadm/uadm.conf', line.replace('{}', text))
            judge_json(uadmctl('group', 'list', '--json'))
    os.unlink('/etc/uadm/uadm.conf')
    well_formed(2)


def hostile_pam():
    """pam.py, with the remote host's name as terminal and remote user too, and bytes as they are."""
    with open(lab.PAM_PROGRAM, encoding='utf-8') as f:
        text = f.read()
    text = text.replace('.encode()', ".encode('utf-8', 'surrogateescape')")
    one, all_items = 'libpam.pam_set_item(handle, 4, ', 'for item in (3, 4, 8): libpam.pam_set_item(handle, item, '
    assert one in text
    write('/keys/pam_hostile.py', text.replace(one, all_items))


def test_surroundings_of_a_login(people, authlog):
    """Remote host, terminal, remote user, user and service: one line each in the log, and a clean trail."""
    hostile_pam()
    for name, text in HOSTILE.items():
        for user, password, phases in ((text or 'x', 'nobody-knows', 'auth'), ('bob', 'wrong', 'auth'), ('ada', PASSWORD, 'auth,account,open,close')):
            done = lab.run('/usr/bin/python3', '-B', '/keys/pam_hostile.py', 'sshd', user[:60000], text[:60000], phases, password)
            assert done.rc == 0, (name, done)
        uadmctl('user', 'unlock', 'bob')
    ours = [line for line in authlog.wait('pam_uadm') if 'pam_uadm' in line]
    assert len(ours) >= len(HOSTILE)
    for line in ours:
        assert not unclean(line) and '\n' not in line and '\ufffd' not in line, repr(line)
        fields = re.findall(r'(?:^| )(user|rhost|tty|ruser)=', line)
        assert len(fields) == len(set(fields)), f'a field that was not ours: {line!r}'
    stored_is_clean()
    well_formed(2)


def test_services(people):
    """A service is a file that root has made; its name is in the trail."""
    made = 0
    for text in HOSTILE.values():
        name = text.replace('/', '_').lower()
        if not name.strip('.') or len(os.fsencode(name)) > 200:
            continue
        lab.run('cp', '/etc/pam.d/sshd', f'/etc/pam.d/{name}', rc=0)
        hostile_pam()
        done = lab.run('/usr/bin/python3', '-B', '/keys/pam_hostile.py', name, 'ada', '192.0.2.1', 'auth,account,open,close', PASSWORD)
        assert done.rc == 0, done
        made += done.out.split() == ['0'] * 4
    assert made > 10
    judge_json(uadmctl('host', 'status', '--json'))
    judge(uadmctl('host', 'status'))
    stored_is_clean()
    well_formed(2)


TEXT_COLUMNS = {'user': ['first_name', 'last_name', 'display_name', 'email', 'mobile', 'time_zone', 'reason', 'owner'], 'group': ['description']}


@pytest.mark.parametrize('table', TEXT_COLUMNS)
def test_what_other_hands_wrote(people, table):
    """Whoever can write the store can write what we would refuse: it is shown escaped, and publishing goes on."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db', isolation_level=None)
    for column in TEXT_COLUMNS[table]:
        for n, text in enumerate(HOSTILE.values()):
            db.execute(f'UPDATE "{table}" SET {column} = CAST(? AS TEXT) WHERE name = ?', (text.encode('utf-8', 'surrogateescape'), NAMES[table]))
            db.execute('UPDATE meta SET generation = generation + 1')
            judge(uadmctl('store', 'publish', rc=0))
            for form in forms(n):
                judge(uadmctl(table, 'show', NAMES[table], *form, rc=0))
            entry = lab.run('getent', 'passwd' if table == 'user' else 'group', NAMES[table], rc=0).out
            assert entry.count('\n') == 1 and entry.count(':') == (6 if table == 'user' else 3) and not unclean(entry), entry
        well_formed(2)
        db.execute(f'UPDATE "{table}" SET {column} = NULL')
    db.close()


@pytest.mark.parametrize('column', ['name', 'home', 'shell'])
def test_what_cannot_be_published(people, column):
    """A name or a path that nobody may have is refused to be shown, in clean words, and breaks no output."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db', isolation_level=None)
    for text in ('/a\nb', '/a:b', '/\x1b[2J', '/\u202e', '/a\udcffb'):
        db.execute(f'UPDATE user SET {column} = CAST(? AS TEXT) WHERE uid = 30000', (text.encode('utf-8', 'surrogateescape'),))
        db.execute('UPDATE meta SET generation = generation + 1')
        done = uadmctl('store', 'publish')
        assert done.rc == 65, done
        judge(done)
        for command in (['user', 'list'], ['audit', 'list'], ['store', 'check'], ['group', 'show', 'crew']):
            judge_json(uadmctl(*command, '--json'))
            judge(uadmctl(*command))
        assert lab.getent('passwd', 'ada')[5] == '/home/ada'
    db.close()
