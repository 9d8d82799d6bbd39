"""P20: passwords that come as another system's hash: out of a shadow file, in by su and ssh, and
replaced by the first good login."""
import json
import os
import re

import pytest

import lab
from lab import LOCAL, PASSWORD, WRONG, show, uadmctl

LONG = True
STORE = '/var/lib/uadm/store/uadm.db'
NEW = 'Fresh-Start-8'


def stored(name='ada'):
    return lab.run('sqlite3', '-cmd', '.timeout 5000', STORE, 'SELECT verifier FROM password JOIN user USING (uid) '
                   f"WHERE name = '{name}'", rc=0).out.strip()


def shadow(kind, password=PASSWORD):
    """What chpasswd(8) of this machine makes of a password."""
    lab.run('chpasswd', '-c', kind, input=f'{LOCAL}:{password}\n', rc=0)
    with open('/etc/shadow', encoding='ascii') as f:
        return next(line for line in f if line.startswith(LOCAL + ':')).split(':')[1]


def imported(kind='SHA512', *options, name='ada'):
    hashed = shadow(kind)
    lab.run('chpasswd', input=f'{LOCAL}:{lab.LOCAL_PASSWORD}\n', rc=0)
    uadmctl('user', 'add', name, '--create-home', '--hash-stdin', *options, input=hashed + '\n', rc=0)
    assert stored(name) == hashed
    return hashed


def nothing_tells(hashed, authlog, *texts):
    digest = hashed.rsplit('$', 1)[1]
    trail = uadmctl('audit', 'list', '--json', '-n', '0', rc=0).out
    assert not any(digest in text for text in (trail, '\n'.join(authlog.lines), *texts))
    return trail


@pytest.mark.parametrize('kind, name', [('YESCRYPT', 'yescrypt'), ('SHA512', 'SHA-512'), ('SHA256', 'SHA-256')])
def test_P20_by_ssh(host, sshd, authlog, kind, name):
    lab.shipped_hashes()
    hashed = imported(kind)
    assert hashed.startswith({'YESCRYPT': '$y$', 'SHA512': '$6$', 'SHA256': '$5$'}[kind])
    server = sshd()
    assert server.login('ada', WRONG).rc == 255
    assert stored() == hashed and show('ada')['failed_attempts'] == 1
    good = server.login('ada', PASSWORD)
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    assert re.match(r'\$argon2id\$v=19\$m=65536,t=2,p=1\$', stored())
    assert show('ada')['failed_attempts'] == 0
    assert server.login('ada', WRONG).rc == 255 and server.login('ada', PASSWORD).rc == 0
    trail = nothing_tells(hashed, authlog, json.dumps(show('ada')))
    assert f'imported={name}' in trail


@pytest.mark.parametrize('kind', ['YESCRYPT', 'SHA512'])
def test_P20_by_su(host, kind):
    hashed = imported(kind)
    assert lab.su('ada', WRONG).rc != 0 and stored() == hashed
    done = lab.su('ada', PASSWORD)
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert stored().startswith('$argon2id$')
    assert lab.su('ada', WRONG).rc != 0 and lab.su('ada', PASSWORD).rc == 0


def test_P20_a_change_wins(host, sshd):
    """By the administrator, and by the user: the old hash is gone and what it knew gets nobody in."""
    imported()
    uadmctl('user', 'set-password', 'ada', '--password-stdin', input=NEW + '\n', rc=0)
    server = sshd()
    assert server.login('ada', PASSWORD).rc == 255 and server.login('ada', NEW).rc == 0
    imported(name='bob')
    done = lab.passwd('bob', [('urrent password: ?', PASSWORD), ('ew password: ?', NEW), ('etype new password: ?', NEW)])
    assert done.rc == 0 and stored('bob').startswith('$argon2id$'), done
    assert server.login('bob', PASSWORD).rc == 255 and server.login('bob', NEW).rc == 0


def test_given_by_descriptor_and_due_for_a_change(host, sshd, authlog):
    lab.add_user('ada')
    hashed = shadow('YESCRYPT', 'old')  # nobody asks what the other system's rules were
    read, write = os.pipe()
    os.write(write, hashed.encode())  # without an end of line
    os.close(write)
    done = uadmctl('user', 'set-password', 'ada', '--hash-fd', str(read), '--must-change', pass_fds=[read], rc=0)
    os.close(read)
    assert stored() == hashed and show('ada')['must_change'] is True
    trail = nothing_tells(hashed, authlog, done.out, done.err)
    assert 'imported=yescrypt must_change=yes' in trail
    done = sshd().login('ada', 'old', dialogue=[('urrent password: ?', 'old'), ('ew password: ?', NEW),
                                                ('etype new password: ?', NEW)])
    assert done.rc == 0 and stored().startswith('$argon2id$') and not show('ada')['must_change'], done


def test_given_by_csv(host, sshd):
    """The column password_hash; an empty cell is no password, a bad one no user."""
    one, two = shadow('SHA512'), shadow('YESCRYPT')
    lab.run('chpasswd', input=f'{LOCAL}:{lab.LOCAL_PASSWORD}\n', rc=0)
    done = uadmctl('user', 'add', '--from', '-', input='name,password_hash,email\n'
                   f'ada,{one},\nbob,"{two}",bob@example.org\ncarol,,\ndora,!{one},\neve,{two} ,\n')
    assert done.rc == 65, done
    assert 'stdin:5: dora' in done.err and 'stdin:6: eve' in done.err and one not in done.err + done.out, done
    assert [u['name'] for u in uadmctl('user', 'list', '--json', rc=0).json] == ['ada', 'bob', 'carol']
    assert (stored('ada'), stored('bob'), stored('carol')) == (one, two, '')
    assert uadmctl('store', 'info', '--json', rc=0).json['imported_hashes'] == 2
    server = sshd()
    assert server.login('ada', PASSWORD).rc == server.login('bob', PASSWORD).rc == 0
    assert uadmctl('store', 'info', '--json', rc=0).json['imported_hashes'] == 0


@pytest.mark.parametrize('bad', [
    '', '!', '*', '!!', 'x', 'clear text', 'abJnggxhB/yWI', '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/',
    '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW', '!GOOD', 'GOOD ', ' GOOD', 'GOOD:', 'GO\x07OD',
    'GOOD\t', 'x' * 5000, '$6$rounds=9999999$saltsalt$GOOD', '$6$' + 'x' * 300, 'lokal:GOOD:19000::::::', '\udcff'])
def test_refused(host, bad, authlog):
    """Exit 65, what is taken is said and the hash is not; the password stays."""
    lab.add_user('ada')
    before = stored()
    good = shadow('SHA512')
    text = bad.replace('$saltsalt$GOOD', '$saltsalt$' + good.rsplit('$', 1)[1]).replace('GO\x07OD', good[:50] + '\x07' + good[50:])
    text = text.replace('GOOD', good)
    for command in (['user', 'set-password', 'ada'], ['user', 'add', 'bob']):
        done = uadmctl(*command, '--hash-stdin', input=text + '\n')
        assert done.rc == 65, done
        if len(text) < 4096:
            assert 'yescrypt' in done.err and 'SHA-512' in done.err and 'SHA-256' in done.err and 'argon2id' in done.err
        assert len(text) < 6 or text.strip()[3:] not in done.err, done
        assert good.rsplit('$', 1)[1] not in done.err + done.out
    assert stored() == before
    assert [u['name'] for u in uadmctl('user', 'list', '--json', rc=0).json] == ['ada']


def test_refused_for_a_service_identity(host):
    uadmctl('user', 'add', 'robot', '--kind', 'service', '--reason', 'x', '--owner', 'root', '--review-by', '2099-01-01',
            rc=0)
    done = uadmctl('user', 'set-password', 'robot', '--hash-stdin', input=shadow('SHA512') + '\n')
    assert done.rc == 65 and 'service identity' in done.err, done


@pytest.mark.parametrize('options', [['--hash-stdin', '--hash-fd', '0'], ['--hash-stdin', '--password-stdin'],
                                     ['--hash-fd', '0', '--password-fd', '0'], ['--hash-fd', 'x'],
                                     ['--hash-stdin', '--must-change', '--keep']])
def test_one_way_at_a_time(host, options):
    lab.add_user('ada')
    before = stored()
    done = uadmctl('user', 'set-password', 'ada', *options, input=shadow('SHA512') + '\n')
    assert done.rc == 64 and stored() == before, done


def test_dry_run(host):
    lab.add_user('ada')
    before = stored()
    uadmctl('user', 'set-password', 'ada', '--hash-stdin', '--dry-run', input=shadow('SHA512') + '\n', rc=0)
    assert stored() == before
    assert uadmctl('user', 'set-password', 'ada', '--hash-stdin', '--dry-run', input='!\n').rc == 65


BROKEN = {  # what crypt_r() answers
    'token 0': 'strcpy(data, "*0")', 'token 1': 'strcpy(data, "*1")', 'null': '0', 'empty': '""',
    'itself cut off': 'strndup(setting, strlen(setting) - 1)',
    'of another setting': 'strcat(strcpy(data, "$6$other$"), strrchr(setting, 36) + 1)',
}


@pytest.mark.parametrize('how', ['missing', *BROKEN])
def test_P20_libcrypt_fails(host, how):
    """Nothing was verified: no login, no charge, no new hash; and nobody else notices."""
    hashed = imported()
    lab.add_user('bob')
    path = lab.run('sh', '-c', 'echo /lib/*/libcrypt.so.1', rc=0).out.strip()
    real = os.path.realpath(path)
    try:
        os.rename(real, real + '.kept')
        if how != 'missing':
            source = ('#include <string.h>\nchar *crypt_r(const char *p, const char *setting, char *data)\n'
                      f'{{ (void)p; (void)setting; (void)data; return {BROKEN[how]}; }}\n')
            lab.run('gcc', '-w', '-shared', '-fPIC', '-Wl,-soname,libcrypt.so.1', '-x', 'c', '-o', real, '-',
                    input='#define _GNU_SOURCE\n' + source, rc=0)
        for password in (PASSWORD, WRONG):
            assert lab.pam('sshd', 'ada', 'auth', answers=[password]) == [lab.PAM_AUTHINFO_UNAVAIL]
        assert stored() == hashed and show('ada')['failed_attempts'] == 0
        assert lab.pam('sshd', 'bob', 'auth', answers=[WRONG]) == [lab.PAM_AUTH_ERR]
        assert lab.pam('sshd', 'bob', 'auth', answers=[PASSWORD]) == [0]
        assert lab.pam('sshd', 'nobody-at-all', 'auth', answers=[PASSWORD]) == [lab.PAM_AUTH_ERR]
        done = uadmctl('user', 'set-password', 'bob', '--hash-stdin', input=hashed + '\n')
        assert done.rc == 69 and stored('bob').startswith('$argon2id$'), done
    finally:
        os.rename(real + '.kept', real)
    assert lab.pam('sshd', 'ada', 'auth', answers=[PASSWORD]) == [0]
    assert stored().startswith('$argon2id$')
