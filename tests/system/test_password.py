"""Changing a password (F85, F87, F89): passwd(1) by the user, by root, forced in login(1); the tool's three ways."""
import os

import pytest

import lab
from lab import LOCAL, LOCAL_PASSWORD, NEW, PASSWORD, WRONG, add_user, show, uadmctl

CURRENT, FRESH, AGAIN = 'urrent password: ?', '[Nn]ew password: ?', 'etype new password: ?'


def works(password, name='ada'):
    return lab.pam('sshd', name, 'auth', answers=[password], rhost='192.0.2.77') == [0]


def test_F85_F87_F89_by_the_user(host):
    add_user('ada')
    done = lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc == 0, done
    assert works(NEW) and not works(PASSWORD)


def test_wrong_old_one(host):
    add_user('ada')
    done = lab.passwd('ada', [(CURRENT, WRONG), (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc != 0, done
    assert works(PASSWORD) and not works(NEW)


def test_wrong_old_one_is_charged(host):
    add_user('ada')
    lab.passwd('ada', [(CURRENT, WRONG)])
    assert show('ada')['failed_attempts'] == 1


@pytest.mark.parametrize('weak, rule', [
    ('Ab1!xxxxx', 'at least 10 characters'), ('NOLOWER-123', 'a lower-case letter'),
    ('noupper-123', 'an upper-case letter'), ('No-Digits-Here', 'a digit'),
    ('NoSpecial123', 'a special character'), ('My-ada-12345', "none of the user's names in it"),
    ('Elephant-1', 'no word of the dictionary (it is based on a dictionary word)'),
    (PASSWORD, 'none of the last 5 passwords')])
def test_weak_new_one(host, weak, rule):
    """Each rule is told as met or not, a line each; this one breaks one. The old password stays."""
    add_user('ada')
    done = lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, weak), (FRESH, '')])
    assert done.rc != 0, done
    told = [line for line in done.text.splitlines() if line[:2] in ('\u2713 ', '\u2717 ')]
    assert [line for line in told if line[0] == '\u2717'] == [f'\u2717 not yet: {rule}'], done
    assert len(told) == (9 if weak == PASSWORD else 8), done  # the past is asked about last
    assert works(PASSWORD)


def test_the_two_differ(host):
    add_user('ada')
    done = lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW + 'x'), ('not the same', None),
                              (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc == 0, done
    assert works(NEW)


def test_by_root(host):
    """No old one; the rules bind root here too."""
    add_user('ada')
    done = lab.talk(['passwd', 'ada'], [(FRESH, 'weak'), ('Not taken', None), (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc == 0, done
    assert works(NEW)


def test_chpasswd(host):
    add_user('ada')
    lab.run('chpasswd', input=f'ada:{NEW}\n')
    assert works(NEW)


def test_the_trail_names_who_set_it(host):
    add_user('ada')
    assert lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)]).rc == 0
    assert lab.talk(['passwd', 'ada'], [(FRESH, PASSWORD + '2'), (AGAIN, PASSWORD + '2')]).rc == 0
    lab.run('chpasswd', input='ada:Even-Fresher-9\n', rc=0)
    rows = [(row['actor'].split()[0], row['detail']) for row in uadmctl('audit', 'list', '--json', '--target', 'ada').json
            if row['action'] == 'user.change-password']
    assert sorted(rows) == [('ada', 'service=passwd'), ('root', 'service=chpasswd'), ('root', 'service=passwd')], rows


def test_refused_three_times_is_logged(host, authlog):
    add_user('ada')
    assert lab.talk(['passwd', 'ada'], [(FRESH, 'Canary-1')] * 3).rc != 0
    authlog.wait(r'pam_uadm\(passwd:chauthtok\).*new password refused')
    assert not authlog.matching('Canary')


def test_suspended_may_not(host):
    add_user('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    done = lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc != 0, done
    uadmctl('user', 'resume', 'ada', rc=0)
    assert works(PASSWORD)


def test_local_users_do_as_ever(host):
    fresh = 'Quite-new-Pass-9'
    done = lab.passwd(LOCAL, [(CURRENT, LOCAL_PASSWORD), (FRESH, fresh), (AGAIN, fresh)])
    assert done.rc == 0, done
    assert lab.su(LOCAL, fresh, user='nobody').rc == 0
    lab.run('chpasswd', input=f'{LOCAL}:{LOCAL_PASSWORD}\n', rc=0)
    assert lab.su(LOCAL, LOCAL_PASSWORD, user='nobody').rc == 0


def test_forced_in_login(host):
    add_user('ada', '--must-change')
    done = lab.login('ada', PASSWORD, [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert works(NEW) and not show('ada')['must_change']


def test_forced_in_su(host):
    add_user('ada', '--must-change')
    done = lab.talk(['su', 'ada', '-c', 'id -un'], [
        ('assword: ?', PASSWORD), (CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)], user=LOCAL)
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done


def test_set_by_prompt(host):
    add_user('ada')
    done = lab.talk(['uadmctl', 'user', 'set-password', 'ada'], [(FRESH.replace(': ?', ' for ada: ?'), NEW), (AGAIN, NEW)])
    assert done.rc == 0 and NEW not in done.text, done
    assert works(NEW)
    done = lab.talk(['uadmctl', 'user', 'set-password', 'ada'], [('for ada: ?', PASSWORD), (AGAIN, NEW)])
    assert done.rc == 65 and works(NEW), done


def test_set_by_stdin_and_descriptor(host):
    add_user('ada')
    uadmctl('user', 'set-password', 'ada', '--password-stdin', input=NEW + '\n', rc=0)
    assert works(NEW)
    read, write = os.pipe()
    os.write(write, PASSWORD.encode() + b'\n')
    os.close(write)
    uadmctl('user', 'set-password', 'ada', '--password-fd', str(read), pass_fds=[read], rc=0)
    os.close(read)
    assert works(PASSWORD)


def test_temporary_one(host):
    """set-password --must-change: it works once, for setting one's own."""
    add_user('ada')
    uadmctl('user', 'set-password', 'ada', '--password-stdin', '--must-change', input=NEW + '\n', rc=0)
    assert show('ada')['must_change'] is True
    assert lab.pam('sshd', 'ada', 'auth', 'account', answers=[NEW]) == [0, lab.PAM_NEW_AUTHTOK_REQD]


@pytest.mark.parametrize('password', ['x' * 512 + 'Aa1!', 'Ab1!' + '\udcff' * 8, '', 'wxyz9'])
def test_refused_when_set(host, password):
    """P16, P17: too long, no text, empty, weak: refused and named, never cut; the value is not told."""
    add_user('ada')
    done = uadmctl('user', 'set-password', 'ada', '--password-stdin', input=password + '\n')
    assert done.rc == 65 and 'password' in done.err, done
    assert len(password) < 5 or password not in done.err
    assert works(PASSWORD)


def test_P16_long_ones(host):
    long = 'Ab1!' + 'x' * 507
    add_user('ada', password=long)
    assert works(long) and not works(long[:-1]) and not works(long + 'x') and not works(long[:-1] + 'y')


def test_P16_one_password_in_two_forms(host):
    add_user('ada', password='Gr\u00fc\u00dfe-4711x')
    assert works('Gru\u0308\u00dfe-4711x')


def test_P24_no_secret_in_log_or_trail(host, authlog):
    canary = 'Canary-Bird-42'
    add_user('ada', password=canary)
    works(canary), works(canary + 'x')
    lab.passwd('ada', [(CURRENT, canary), (FRESH, canary + 'y'), (AGAIN, canary + 'y')])
    assert not authlog.matching('Canary')
    assert 'Canary' not in uadmctl('audit', 'list', '--json', '-n', '0', rc=0).out
    for name in os.listdir('/var/lib/uadm/store'):
        assert b'Canary' not in open(f'/var/lib/uadm/store/{name}', 'rb').read()
