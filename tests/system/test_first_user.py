"""What a first user stumbled over (F36, S7): files of names, prompts, JSON of failures."""
import os
import re

import pytest

import lab
from lab import uadmctl

PASSWORD = 'Sesame-Open-7'


def everything():
    """What no refused command may change."""
    info = uadmctl('store', 'info', '--json', rc=0).json
    return info['generation'], info['audit_rows'], info['users'], info['groups']


@pytest.mark.parametrize('command,text,says', [
    ('user add', 'name,email,email\nada,a@example.org,b@example.org\n', 'there twice'),
    ('user add', 'name,name\nada,bob\n', 'there twice'),
    ('user add', 'name,colour\nada,red\n', 'takes no column "colour"'),
    ('user suspend', 'name,reason\nada,left\n', 'takes no column "reason"'),
    ('group add-member crew', 'name,groups\nada,deck\n', 'takes no column "groups"'),
    ('user add', 'ada\rbob\r', 'carriage return'),
    ('user add', 'login,mail\nada,a@example.org\n', 'needs a header with a column "name"'),
    ('user add', 'name\n"never closed\n', 'never closed'),
    ('user add', 'name,uid\nada,030010\n', 'not a number'),
    ('user add', 'name;email\nada;a@example.org\n', 'separated by ; and not by commas'),
    ('user add', 'name,mail,vorname\nada,a@example.org,A\n', 'takes no column "mail"'),
    ('user add', 'name,colour\nada,red\n', 'hint: it takes name,first_name,'),
    ('user add', 'name,last-name\nada,A"q"\n', 'a quote in the middle of a cell'),
])
def test_files_that_are_refused(host, command, text, says):
    """Nothing happens, the line is named, and once is enough."""
    uadmctl('group', 'add', 'crew', rc=0)
    before = everything()
    done = uadmctl(*command.split(), '--from', '-', input=text)
    assert done.rc == 65 and says in done.err and re.search(r'stdin:\d+: ', done.err), done
    assert done.err.count('error:') == 1
    assert everything() == before


def test_a_file_in_another_encoding_is_refused_once(host):
    with open('/tmp/wide.csv', 'wb') as f:
        f.write('name,email\nada,a@example.org\nbob,b@example.org\n'.encode('utf-16'))
    done = uadmctl('user', 'add', '--from', '/tmp/wide.csv', rc=65)
    assert done.err.count('error:') == 1 and 'UTF-16' in done.err, done


def test_a_line_that_failed_is_found_by_a_program(host):
    done = uadmctl('user', 'add', '--from', '-', '--json', input='name,email\nada,a@example.org\nBad Name,\nbob,x,y\n', rc=65)
    assert [r.get('at') for r in done.json] == [None, 'stdin:3', 'stdin:4'], done


def test_columns_by_the_names_people_give_them(host):
    uadmctl('group', 'add', 'crew', 'deck', rc=0)
    uadmctl('user', 'add', '--from', '-', input='Name,E-Mail,First Name,Groups\nada,a@example.org,Ada,crew; deck \n', rc=0)
    user = uadmctl('user', 'show', 'ada', '--json', rc=0).json
    assert (user['email'], user['first_name'], user['groups']) == ('a@example.org', 'Ada', ['crew', 'deck'])


def test_files_as_people_have_them(host):
    """A byte order mark, DOS line ends, headings in capitals with blanks around them."""
    text = '\ufeffName , E-Mail\r\nada,ada@example.org\r\n'.replace('E-Mail', 'EMAIL')
    uadmctl('user', 'add', '--from', '-', input=text, rc=0)
    assert uadmctl('user', 'show', 'ada', '--json', rc=0).json['email'] == 'ada@example.org'
    uadmctl('group', 'add', '--from', '-', input='name,gid,description\ncrew,25000,the crew\n', rc=0)
    assert uadmctl('group', 'show', 'crew', '--json', rc=0).json['gid'] == 25000
    for nothing in ('', '\n\n', 'name\n'):
        done = uadmctl('user', 'add', '--from', '-', input=nothing)
        assert done.rc == 0 and 'no names' in done.err, done
    assert uadmctl('user', 'add', '--from', '/tmp').rc == 65
    done = uadmctl('user', 'add', '--from', '/tmp/\x1b[31mx')
    assert done.rc == 64 and '\x1b' not in done.err and '\\x1b' in done.err, done


def test_an_empty_cell_says_nothing(host):
    """Nor does a row that is too short; an option with an empty value clears."""
    uadmctl('user', 'add', 'ada', '--email', 'ada@example.org', '--first-name', 'Ada', rc=0)
    text = 'name,first_name,email,last_name\nada,,,Lovelace\nada,Augusta\nada,,,\n'
    done = uadmctl('user', 'set', '--from', '-', '--json', input=text, rc=0)
    assert [r['changed'] for r in done.json] == [True, True, False]
    ada = uadmctl('user', 'show', 'ada', '--json', rc=0).json
    assert (ada['first_name'], ada['last_name'], ada['email']) == ('Augusta', 'Lovelace', 'ada@example.org')
    uadmctl('user', 'set', 'ada', '--email', '', rc=0)
    assert uadmctl('user', 'show', 'ada', '--json', rc=0).json['email'] is None


def test_dry_run_with_a_password(host):
    before = everything()
    uadmctl('user', 'add', 'ada', '--password-stdin', '--dry-run', input=PASSWORD + '\n', rc=0)
    assert everything() == before
    uadmctl('user', 'add', 'ada', rc=0)
    uadmctl('user', 'set-password', 'ada', '--password-stdin', '--dry-run', input=PASSWORD + '\n', rc=0)
    assert uadmctl('user', 'show', 'ada', '--json', rc=0).json['password_set'] is False


@pytest.mark.parametrize('line,good', [
    (PASSWORD + '\r\n', True), ('Sesame-Open\x07-7\n', False), ('Sesame\x1bOpen-7\n', False), ('GoodPass9word\r\n', False)])
def test_passwords_that_cannot_be_typed(host, line, good):
    """A carriage return at the end is the file's; control characters are refused."""
    uadmctl('user', 'add', 'ada', rc=0)
    done = uadmctl('user', 'set-password', 'ada', '--password-stdin', input=line)
    assert done.rc == (0 if good else 65), done
    if good:
        assert lab.pam('sshd', 'ada', 'auth', answers=[PASSWORD]) == [0]


def test_asks_after_all_else_was_looked_at(host):
    """Nobody types a password twice to hear that the name is taken."""
    uadmctl('user', 'add', 'ada', rc=0)
    said = lab.talk(['uadmctl', 'user', 'add', 'ada', '--password'], [])
    assert said.rc == 65 and 'assword' not in said.text, said
    said = lab.talk(['uadmctl', 'user', 'add', 'bob', '--groups', 'none', '--password'], [])
    assert said.rc == 67 and 'assword' not in said.text, said
    assert uadmctl('user', 'add', 'bob', 'eve', '--password').rc == 64


def test_interrupted_at_the_prompt(host):
    """^C ends it at once and the terminal echoes again."""
    child = lab.spawn('sh', '-c', 'trap : INT; uadmctl user add bob --password; stty -a')
    child.expect('New password')
    child.sendintr()
    child.expect('[ ;]echo[ ;]')
    child.close(force=True)
    assert uadmctl('user', 'show', 'bob').rc == 67


@pytest.mark.parametrize('fields', [
    ['--reason', ' ', '--owner', 'root', '--review-by', '+30d'],
    ['--reason', 'backups', '--owner', 'nobody-at-all', '--review-by', '+30d'],
    ['--reason', 'backups', '--owner', 'root', '--review-by', '2020-01-01']])
def test_F46_service_fields_mean_something(host, fields):
    before = everything()
    assert uadmctl('user', 'add', 'robot', '--kind', 'service', *fields).rc == 65
    assert everything() == before


@pytest.mark.parametrize('command,code,result', [
    (['user', 'show', 'ada'], 67, 'not-found'), (['user', 'list', '--group', 'none'], 67, 'not-found'),
    (['user', 'list', '-o', 'bogus'], 64, 'usage'), (['group', 'show', 'none'], 67, 'not-found'),
    (['user', 'check', 'ada'], 67, 'not-found'), (['user', 'list', '--status', 'gone'], 64, 'usage')])
def test_F68_failures_are_json_too(host, command, code, result):
    done = uadmctl(*command, '--json')
    assert done.rc == code and done.json['result'] == result and done.json['error'], done


def test_json_of_chosen_columns(host):
    uadmctl('user', 'add', 'ada', rc=0)
    assert uadmctl('user', 'list', '-o', 'uid,name', '--json', rc=0).json == [{'uid': 30000, 'name': 'ada'}]


def test_a_value_that_is_an_option(host):
    before = everything()
    done = uadmctl('user', 'add', 'ada', '--first-name', '--last-name', 'B')
    assert done.rc == 64 and 'needs a value' in done.err, done
    assert everything() == before


def test_a_failed_enable_leaves_things_as_found(host):
    """Half wired by a person's hand, and pam-auth-update will not touch the file: all stays."""
    path = '/etc/pam.d/common-account'
    text = open(path, encoding='ascii').read()
    with open(path, 'w', encoding='ascii') as f:
        f.write(re.sub(r'.*pam_uadm.*\n', 'account required pam_access.so\n', text))
    uadmctl('user', 'add', 'ada', rc=0)

    def files():
        return {p: open(p, 'rb').read() for p in
                [f'/etc/pam.d/{n}' for n in os.listdir('/etc/pam.d')] + ['/etc/nsswitch.conf']}

    before = files()
    assert uadmctl('host', 'enable', '--yes').rc != 0
    assert files() == before
    assert lab.getent('passwd', 'ada') is not None
    uadmctl('host', 'disable', '--yes', rc=0)


def test_a_reader_that_leaves(host):
    """`uadmctl user list | head` is no error that anybody has to read."""
    uadmctl('user', 'add', '--from', '-', input='name\n' + ''.join(f'user{n}\n' for n in range(2000)), rc=0)
    done = lab.run('sh', '-c', 'uadmctl user list --raw | head -n 1')
    assert done.err == '', done
    assert lab.run('sh', '-c', 'uadmctl user list >/dev/full').rc == 74
