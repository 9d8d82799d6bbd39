"""S7: hostile strings in everything that takes one, from the command line, files, PAM and the
store: refused or shown escaped. Tables, JSON, logs, the trail and the published file stay what
they are."""
import json
import os
import re
import sqlite3
import unicodedata

import pytest

import lab
from lab import PASSWORD, add_user, uadmctl

# \udcXX is the byte XX, which is no UTF-8.
HOSTILE = {
    'newline': 'a\nroot::0:0::/:/bin/sh\nb', 'return': 'a\rb', 'tab': 'a\tb', 'ansi': '\x1b[2J\x1b]0;title\x07', 'bell': '\x07',
    'c1': 'a\x9b31mb', 'c1-byte': 'a\udc9b31mb', 'delete': 'a\x7fb', 'quotes': '"\'`$(id)`\'"', 'backslash': 'a\\nb\\', 'traversal': '../../../etc/passwd',
    'dash': '-rf', 'dashes': '--yes', 'comma': 'a,b,', 'semicolon': "'; DROP TABLE user; --", 'colon': 'a:b::', 'invalid': 'a\udcff\udcfeb',
    'overlong': '\udcc0\udcaf', 'surrogate': '\udced\udca0\udc80', 'cut': 'a\udce2\udc82', 'bidi': 'a\u202e\u2066b', 'zero-width': 'a\u200b\u200d\ufeffb',
    'separator': 'a\u2028b\u2029c', 'tags': 'a\U000e0041\U000e007fb', 'private': '\ue000\U0010fffd', 'blank': '\u3164\u115f', 'soft-hyphen': 'a\xadb',
    'emoji': '\U0001f469\u200d\U0001f680', 'combining': 'e' + '\u0301' * 2000, 'one-mark': '\u0301', 'format': '%s%n%999999d', 'long': 'x' * 100000,
    'empty': '', 'space': ' ', 'json': '"}],{"a":[', 'html': '<script>&amp;', 'number': '99999999999999999999', 'nul-text': 'a\\x00b'}
WORDS = {'GROUP': 'crew', 'USER': 'bob', 'KEY': 'deny', 'VALUE': '3', 'FILE': '/root/hostile', 'NOUN': 'user', 'VERB': 'add'}
NAMES = {'user': 'ada', 'group': 'crew'}
OUTPUTS = [['user', 'list'], ['user', 'show', 'ada'], ['group', 'list'], ['group', 'show', 'crew'], ['group', 'top'], ['audit', 'list', '-n', '0'],
           ['policy', 'list'], ['store', 'info']]


def unclean(text):
    """What a terminal would act upon, what hides or turns the text around, and what is no UTF-8."""
    return [c for c in text if c != '\n' and unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp', 'Cs', 'Co') or '\U000e0000' <= c <= '\U000e0fff']


def judge(done):
    """However it ends: an end that was foreseen, said in lines of ours, and nothing else in them."""
    assert 0 <= done.rc < 80 and done.rc != 70, done
    assert not unclean(done.out) and not unclean(done.err), repr(done)
    for line in done.err.splitlines():
        assert line.startswith(('uadmctl: ', 'hint: ')), repr(done)
        assert len(line) < 2000, repr(done)
    assert (done.rc in (0, 1)) or 'uadmctl: error: ' in done.err, repr(done)


def judge_json(done):
    judge(done)
    value = json.loads(done.out)
    assert isinstance(value, (list, dict)), done
    return value


def well_formed(count=None):
    """Everything that shows what is stored, in every form."""
    for command in OUTPUTS:
        judge_json(uadmctl(*command, '--json', rc=0))
        judge(uadmctl(*command, rc=0))
    users = uadmctl('user', 'list', '--json', rc=0).json
    assert count is None or len(users) == count
    for noun in ('user', 'group', 'audit'):
        rows = uadmctl(noun, 'list', '--json', *(['-n', '0'] if noun == 'audit' else []), rc=0).json
        more = ['-n', '0'] if noun == 'audit' else []
        columns = 'id,at,actor,action,target,detail' if noun == 'audit' else 'name,' + ('display_name,email,home,shell' if noun == 'user' else 'description')
        raw = uadmctl(noun, 'list', '--raw', '--noheadings', '-o', columns, *more, rc=0).out.split('\n')[:-1]
        assert len(raw) == len(rows) and all(len(line.split(' ')) == columns.count(',') + 1 for line in raw), raw
        table = uadmctl(noun, 'list', '-o', columns, *more, rc=0).out.split('\n')[:-1]
        assert len(table) == len(rows) + (1 if rows else 0)
    for database, colons in (('passwd', 6), ('group', 3)):
        shown = lab.run('getent', database, rc=0).out
        assert not unclean(shown)
        lines = shown.splitlines()
        assert all(line.count(':') == colons for line in lines), lines
        assert [line for line in lines if line.split(':')[2] == '0' and not line.startswith('root:')] == []
    assert {line.split(':')[0] for line in lab.run('getent', 'passwd', rc=0).out.splitlines() if 30000 <= int(line.split(':')[2]) < 60000} \
        == {user['name'] for user in users}


def stored_is_clean():
    """No text of the store holds what is refused."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    for table in ('user', 'group', 'audit', 'number', 'published', 'policy'):
        for row in db.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                assert not isinstance(value, str) or not unclean(value) and '\n' not in value, (table, row)
    db.close()


class Shape:
    """A command as its help has it: what it takes, and the options that take something."""

    def __init__(self, words):
        self.words, self.noun = words, words[0]
        text = uadmctl('help', *words, rc=0).out
        usage = text.splitlines()[0].split()[1 + len(words):]
        self.takes = [w.strip('.[]') for w in usage if not w.startswith('[--')]
        self.valued = re.findall(r'^  (?:-., |    )?\s*(--[a-z-]+) [A-Z]', text, re.M)
        self.flags = set(re.findall(r'--[a-z-]+', text))

    def sample(self, word, fresh):
        if word == 'NAME':
            return fresh if self.words[1:] == ['add'] else NAMES[self.noun]
        return WORDS[word]

    def command(self, fresh, position=None, value=None, option=None):
        """With `value` in the place of one argument or option; all else is good."""
        words = [value if i == position else self.sample(word, fresh) for i, word in enumerate(self.takes)]
        if option == '--from':
            words = words[:-1]
        fixed = [flag for flag in ('--yes', '--no-input') if flag in self.flags]
        if self.noun == 'host' or self.words == ['store', 'restore']:
            fixed += [flag for flag in ('--dry-run',) if flag in self.flags]
        if self.words == ['user', 'set'] and option is None:
            fixed.append('--first-name=Ada')
        if self.words == ['user', 'set-password'] and option != '--password-fd':
            fixed.append('--password-stdin')
        return [*self.words, *fixed, *([f'{option}={value}'] if option else []), '--', *words]


def all_verbs():
    return re.findall(r'^  (?!help )([a-z]+(?: [a-z-]+)?)  ', lab.run(lab.BUILD + '/image/usr/sbin/uadmctl' if lab.BUILD else 'uadmctl', 'help').out, re.M)


@pytest.fixture
def people(host):
    write('/etc/uadm/uadm.conf', '[hash]\nopslimit = 1\nmemlimit = 8388608\n')
    uadmctl('group', 'add', 'crew', 'deck', rc=0)
    add_user('ada', '--groups', 'crew')
    add_user('bob')
    return host


@pytest.mark.parametrize('verb', all_verbs())
def test_every_option_and_argument(people, verb):
    shape = Shape(verb.split())
    places = [{'position': i} for i in range(len(shape.takes))] + [{'option': o} for o in shape.valued]
    n = 0
    for place in places:
        for text in HOSTILE.values():
            for form in ([], ['--json']):
                n += 1
                command = shape.command(f'fresh{n}', value=text, **place)
                done = uadmctl(*form, *command, input=PASSWORD + str(n) + '\n')
                judge(done)
                if form:
                    judge_json(done)
    if '--dry-run' in shape.flags or shape.noun == 'store':
        stored_is_clean()
        assert uadmctl('group', 'show', 'crew').rc in (0, 67)
        uadmctl('user', 'add', 'ada', input='')
        uadmctl('group', 'add', 'crew')
        well_formed()


def test_verbs_are_found():
    """An empty list above would pass."""
    assert len(all_verbs()) > 25 and 'user add' in all_verbs()


def write(path, text):
    with open(path, 'wb') as f:
        f.write(text if isinstance(text, bytes) else text.encode('utf-8', 'surrogateescape'))


@pytest.mark.parametrize('command', [['user', 'add'], ['user', 'set'], ['user', 'suspend'], ['user', 'delete', '--yes'], ['group', 'add'],
                                     ['group', 'add-member', 'crew'], ['group', 'delete', '--yes']], ids=lambda c: '-'.join(c[:2]))
def test_files_of_names(people, command):
    """A name, the heading of a column, and a cell of every column."""
    columns = ['first_name', 'last_name', 'display_name', 'email', 'mobile', 'home', 'shell', 'time_zone', 'reason', 'owner', 'groups', 'uid', 'kind',
               'description', 'gid']
    texts = [t.encode('utf-8', 'surrogateescape') for t in HOSTILE.values()] + [b'a\0b', b'\0', b'"', b'"a\nb\x1b"', b'\xef\xbb\xbf', b'x' * 200000]
    files = [t + b'\n' for t in texts] + [b'name,' + t + b'\nsome,x\n' for t in texts] + [t for t in texts]
    for n, (column, text) in enumerate((c, t) for c in columns for t in texts):
        if command[1] in ('add', 'set') and (n % 3 == 0 or text.startswith(b'a')):
            quoted = b'"' + text.replace(b'"', b'""') + b'"'
            files.append(b'name,%s\nfresh%d,%s\nada,%s\n' % (column.encode(), n, quoted, quoted))
    for n, content in enumerate(files):
        write('/root/hostile', content)
        done = uadmctl(*command, '--from', '/root/hostile', '--json')
        judge_json(done)
        if n % 4 == 0:
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
    forms = ['[home]\nbase = {}\n', '[home]\nskel = {}\n', '[ids]\nuid-min = {}\n', '[hash]\nopslimit = "{}"\n', '[ids]\n{} = 1\n', '[{}]\nkey = 1\n', '{}\n']
    for form in forms:
        for text in HOSTILE.values():
            write('/root/hostile', form.replace('{}', text))
            for options in ([], ['--json']):
                done = uadmctl('user', 'list', '--conf', '/root/hostile', *options)
                assert done.rc in (0, 78), done
                judge(done)
            write('/etc/uadm/uadm.conf', form.replace('{}', text))
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
        for text in HOSTILE.values():
            db.execute(f'UPDATE "{table}" SET {column} = CAST(? AS TEXT) WHERE name = ?', (text.encode('utf-8', 'surrogateescape'), NAMES[table]))
            db.execute('UPDATE meta SET generation = generation + 1')
            judge(uadmctl('store', 'publish', rc=0))
            for form in ([], ['--json']):
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


def test_environment_and_completion(people):
    for text in HOSTILE.values():
        env = {key: text for key in ('TERM', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'COLUMNS', 'NO_COLOR')}
        judge(uadmctl('user', 'list', env=env, rc=0))
        judge_json(uadmctl('audit', 'list', '--json', env=env, rc=0))
    for shell in ('bash', 'zsh', 'fish'):
        assert not unclean(uadmctl('help', '--completion', shell, rc=0).out.replace('\t', ' '))
