"""The policy of passwords through every layer: rules (P16, P17), the past (P18), ages, lock-keys, the
delay after a failure, a dictionary that is not there, and `policy test`."""
import os
import re
import sqlite3

import pytest

import lab
from lab import LOCAL, NEW, PASSWORD, WRONG, add_user, show, uadmctl

CURRENT, FRESH, AGAIN = 'urrent password: ?', '[Nn]ew password: ?', 'etype new password: ?'
DATABASE, DAY = '/var/lib/uadm/store/uadm.db', 86400
GOOD, BAD = '\u2713 ', '\u2717 not yet: '
NEXT = 'Even-Fresher-9'
PAM_AUTHTOK_ERR, PAM_TRY_AGAIN = 20, 24


def policy(*settings):
    uadmctl('policy', 'set', *settings, rc=0)


def pam(service, *phases, answers=(), user='ada', rhost='192.0.2.77'):
    """As lab.pam(), with what was shown: (codes, text)."""
    done = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, service, user, rhost, ','.join(phases), *answers)
    assert done.rc == 0, done
    return [int(code) for code in done.out.split()], done.err


def works(password, user='ada'):
    return pam('sshd', 'auth', answers=[password], user=user)[0] == [0]


def make_old(days):
    with sqlite3.connect(DATABASE) as db:
        db.execute("UPDATE password SET changed_at = strftime('%s', 'now') - ?", (int(days * DAY),))
    db.close()


def unmet(text):
    return [line.removeprefix(BAD).rstrip() for line in text.splitlines() if line.startswith(BAD)]


@pytest.fixture
def ada(host):
    add_user('ada', '--first-name', 'Augusta', '--email', 'countess@example.org')
    return host


# Rules

def test_numbers_are_the_policys(ada):
    policy('min-length', '14', 'min-digit', '2', 'min-special', '0', 'max-repeat', '2', 'history', '1')
    codes, text = pam('passwd', 'chauthtok', answers=['Short-aaa-1', 'x'])
    assert codes != [0]
    shown = [line for line in text.splitlines() if line.startswith((GOOD, BAD))]
    assert shown[:8] == [BAD + 'at least 14 characters', GOOD + 'a lower-case letter', GOOD + 'an upper-case letter',
                         BAD + 'at least 2 digits', BAD + 'no character more than 2 times in a row',
                         GOOD + 'no word of the dictionary', GOOD + "none of the user's names in it",
                         GOOD + 'no control characters'], text
    assert pam('passwd', 'chauthtok', answers=['Longer-Words-11'] * 2)[0] == [0]
    assert works('Longer-Words-11')


@pytest.mark.parametrize('name', ['ada', 'AugustA', 'Countess', 'x' + 'eve'[::-1]])
def test_names_of_the_user(host, name):
    """Wherever one is set: by the user, by root, by `user add` and `user set-password`."""
    user = 'eve' if 'eve' in name else 'ada'
    password, rule = f'Old-{name}-1234', "none of the user's names in it"
    options = ['--first-name', 'Augusta', '--email', 'countess@example.org']
    refused = uadmctl('user', 'add', user, *options, '--password-stdin', input=password + '\n')
    assert refused.rc == 65 and rule in refused.err and password not in refused.err, refused
    add_user(user, *options)
    refused = uadmctl('user', 'set-password', user, '--password-stdin', input=password + '\n')
    assert refused.rc == 65 and rule in refused.err, refused
    codes, text = pam('passwd', 'chauthtok', answers=[password], user=user)
    assert codes != [0] and unmet(text) == [rule], text
    policy('user-check', 'no')
    uadmctl('user', 'set-password', user, '--password-stdin', input=password + '\n', rc=0)


def test_P16_through_the_module(ada):
    """511 bytes are set and checked, 512 neither; both forms of one text are one password."""
    long = 'Ab1!' + 'x' * 507
    policy('history', '0')
    codes, text = pam('passwd', 'chauthtok', answers=[long + 'x'] * 3)
    assert codes == [PAM_AUTHTOK_ERR] and text.count('longer than 511 bytes') == 3, text
    assert works(PASSWORD)
    assert pam('passwd', 'chauthtok', answers=[long] * 2)[0] == [0]
    assert works(long)
    for other in (long + 'x', long[:-1], long[:-1] + 'y', long * 5):
        assert not works(other)
    uadmctl('user', 'unlock', 'ada', rc=0)
    nfc, nfd = 'Gr\u00fc\u00dfe-4711x', 'Gru\u0308\u00dfe-4711x'
    assert pam('passwd', 'chauthtok', answers=[nfd, nfc])[0] == [0]
    assert works(nfc) and works(nfd)
    # 511 bytes as typed, and more once they are in NFC (U+0958 is two there): refused, not cut
    grows = 'Ab1!' + '\u0958' * 169
    assert len(grows.encode()) == 511
    codes, text = pam('passwd', 'chauthtok', answers=[grows] * 3)
    assert codes == [PAM_AUTHTOK_ERR] and 'longer than 511 bytes' in text, text
    assert works(nfc) and not works(grows)


def test_P17_empty_under_the_loosest_policy(ada):
    policy('min-length', '1', 'min-lower', '0', 'min-upper', '0', 'min-digit', '0', 'min-special', '0',
           'dictionary', 'no', 'user-check', 'no', 'history', '0')
    uadmctl('user', 'set-password', 'ada', '--must-change', '--keep', rc=0)
    for phase, old in (('chauthtok', []), ('chauthtok-expired', [PASSWORD])):
        assert pam('passwd', phase, answers=[*old, '', '', '', ''])[0] != [0]
    assert uadmctl('user', 'set-password', 'ada', '--password-stdin', input='\n').rc == 65
    assert uadmctl('policy', 'test', '--password-stdin', input='\n').rc == 65
    for phase in ('auth', 'auth-null'):
        assert pam('sshd', phase, answers=[''])[0] != [0]
    assert works(PASSWORD)
    assert pam('passwd', 'chauthtok', answers=['x', 'x'])[0] == [0]
    assert works('x')


# The past

def test_P18_past_binds_everybody(ada, sshd):
    """passwd(1) by the user and by root, chpasswd(8), and sshd as root with CHANGE_EXPIRED."""
    done = lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)])
    assert done.rc == 0, done
    rule = 'none of the last 5 passwords'
    for used in (PASSWORD, NEW):
        done = lab.passwd('ada', [(CURRENT, NEW), (FRESH, used), (FRESH, '')])
        assert done.rc != 0 and unmet(done.text) == [rule], done
        done = lab.talk(['passwd', 'ada'], [(FRESH, used), (FRESH, '')])
        assert done.rc != 0 and unmet(done.text) == [rule], done
        assert lab.run('chpasswd', input=f'ada:{used}\n').rc != 0
    uadmctl('user', 'set-password', 'ada', '--must-change', '--keep', rc=0)
    for used in (PASSWORD, NEW):
        codes, text = pam('sshd', 'auth', 'account!', 'chauthtok-expired', answers=[NEW, NEW, used])
        assert codes[:2] == [0, lab.PAM_NEW_AUTHTOK_REQD] and codes[2] != 0 and unmet(text) == [rule], text
    done = sshd().login('ada', NEW, dialogue=[
        (CURRENT, NEW), (FRESH, 'weak'), (FRESH, PASSWORD), (FRESH, NEXT), (AGAIN, NEXT)])
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert unmet(done.text)[-1] == rule and unmet(done.text)[0] == 'at least 10 characters', done
    assert works(NEXT) and not works(NEW)
    # An administrator is not bound by it, and what he sets is bound by it again.
    uadmctl('user', 'set-password', 'ada', '--password-stdin', input=PASSWORD + '\n', rc=0)
    done = lab.passwd('ada', [(CURRENT, PASSWORD), (FRESH, NEXT), (FRESH, '')])
    assert done.rc != 0 and unmet(done.text) == [rule], done


@pytest.mark.parametrize('service', ['sshd', 'login', 'passwd', 'no-such-service'])
def test_P18_not_expired_is_refused(ada, service):
    """CHANGE_EXPIRED changes nothing that is not due; and what is due by age as well as by order."""
    answers = [PASSWORD, NEW, NEW]
    assert pam(service, 'chauthtok-expired', answers=answers)[0] == [lab.PAM_PERM_DENIED]
    policy('max-age', '90d')
    make_old(89)
    assert pam(service, 'chauthtok-expired', answers=answers)[0] == [lab.PAM_PERM_DENIED]
    assert works(PASSWORD)
    make_old(91)
    codes, text = pam(service, 'chauthtok-expired', answers=[WRONG, NEW, NEW])
    assert codes != [0] and works(PASSWORD), text
    codes, text = pam(service, 'chauthtok-expired', answers=answers)
    assert codes == [0] and 'Your password has expired.' in text, text
    assert works(NEW)
    assert pam(service, 'chauthtok-expired', answers=[NEW, NEXT, NEXT])[0] == [lab.PAM_PERM_DENIED]


# Ages

CHANGE = [(CURRENT, PASSWORD), (FRESH, NEW), (AGAIN, NEW)]


@pytest.fixture
def expired(ada):
    policy('max-age', '90d')
    make_old(100)
    return ada


def test_expired_in_ssh(expired, sshd):
    done = sshd().login('ada', PASSWORD, dialogue=CHANGE)
    assert done.rc == 0 and done.text.split()[-1] == 'ada' and 'has expired' in done.text, done
    assert works(NEW) and not works(PASSWORD)


def test_expired_in_login(expired):
    done = lab.login('ada', PASSWORD, CHANGE)
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert works(NEW)


def test_expired_by_key(expired, sshd):
    """Who needs no password is not asked: keys, cron's and su's way from root."""
    server = sshd()
    server.authorize('ada')
    done = server.login_key('ada')
    assert done.rc == 0 and done.text.split() == ['ada'], done
    assert lab.su('ada', user=None).rc == 0
    assert pam('cron', 'account', 'setcred', 'open', 'close')[0] == [0, 0, 0, 0]


def test_expired_and_the_program_goes_on(expired):
    """A service that ignores PAM_NEW_AUTHTOK_REQD gets no session, until the password is new."""
    codes, _ = pam('vsftpd', 'auth', 'account!', 'open', answers=[PASSWORD])
    assert codes == [0, lab.PAM_NEW_AUTHTOK_REQD, lab.PAM_PERM_DENIED]
    codes, _ = pam('vsftpd', 'auth', 'account!', 'chauthtok-expired', 'open', 'close', answers=[PASSWORD, PASSWORD, NEW, NEW])
    assert codes == [0, lab.PAM_NEW_AUTHTOK_REQD, 0, 0, 0]


def test_the_same_everywhere(ada):
    """check --why, show and PAM at each age."""
    policy('max-age', '90d', 'warn', '7d', 'inactive', '30d')
    for days, reason, codes in ((1, 'ok', [0, 0]), (88.5, 'ok', [0, 0]),
                                (90, 'password-expired', [0, lab.PAM_NEW_AUTHTOK_REQD]),
                                (121, 'password-inactive', [lab.PAM_PERM_DENIED])):
        make_old(days)
        check = uadmctl('user', 'check', 'ada', '--json').json
        assert check['by_password_reason'] == reason and check['by_key_reason'] == 'ok', check
        assert check['by_password'] is (reason != 'password-inactive'), check
        got, text = pam('sshd', 'auth', 'account', answers=[PASSWORD])
        assert got == codes, (days, text)
        assert ('Your password expires in 1 day.' in text) is (days == 88.5), text
        assert pam('cron', 'account')[0] == [0]
        user = show('ada')
        assert user['status'] == 'active' and user['password_expires_at'] > user['password_changed_at'], user
    policy('max-age', '0')
    assert show('ada')['password_expires_at'] is None


def test_inactive(ada, sshd):
    """Told after the right password only; passwd(1) is shut as well; an administrator opens it."""
    policy('max-age', '90d', 'inactive', '1d')
    make_old(92)
    told = 'Your password expired too long ago. Ask your administrator.'
    done = lab.login('ada', PASSWORD)
    assert done.rc == 1 and told in done.text, done
    assert told not in lab.login('ada', WRONG).text
    assert sshd().login('ada', PASSWORD).rc == 255
    done = lab.passwd('ada', CHANGE)
    assert done.rc != 0 and told in done.text, done
    uadmctl('user', 'set-password', 'ada', '--password-stdin', input=NEW + '\n', rc=0)
    assert works(NEW)


def test_told_before(ada, sshd):
    policy('max-age', '90d', 'warn', '7d')
    make_old(86.5)
    told = 'Your password expires in 3 days.'
    assert told in lab.login('ada', PASSWORD).text
    assert told in lab.su('ada', PASSWORD).text
    server = sshd()
    done = lab.talk(server.command('ada', 'keyboard-interactive', remote=[]), [('assword: ?', PASSWORD), (r'[$] $', 'exit')])
    assert done.rc == 0 and told in done.text, done
    server.authorize('ada')
    done = lab.talk(server.command('ada', 'publickey', remote=[]), [(r'[$] $', 'exit')])
    assert done.rc == 0 and told not in done.text, done
    policy('warn', '0')
    assert told not in lab.login('ada', PASSWORD).text


def test_min_age(ada):
    policy('min-age', '3h')
    done = lab.passwd('ada', CHANGE)
    assert done.rc != 0 and 'Your password may be changed again in 3 hours.' in done.text, done
    assert works(PASSWORD)
    # Somebody who does not know the password learns nothing of when it was changed.
    assert 'changed again' not in lab.passwd('ada', [(CURRENT, WRONG)]).text
    # What is due need not wait, and root does not either.
    uadmctl('user', 'set-password', 'ada', '--must-change', '--keep', rc=0)
    assert pam('sshd', 'chauthtok-expired', answers=[PASSWORD, NEW, NEW])[0] == [0]
    done = lab.talk(['passwd', 'ada'], [(FRESH, NEXT), (AGAIN, NEXT)])
    assert done.rc == 0 and works(NEXT), done
    make_old(1)
    done = lab.passwd('ada', [(CURRENT, NEXT), (FRESH, 'Yet-Another-10'), (AGAIN, 'Yet-Another-10')])
    assert done.rc == 0, done


# What else the policy decides about logins

def test_lock_keys(ada, sshd):
    server = sshd()
    server.authorize('ada')
    lab.fail_logins('ada', 5)
    assert show('ada')['status'] == 'locked'
    assert server.login_key('ada').rc == 0 and lab.su('ada', user=None).rc == 0
    policy('lock-keys', 'yes')
    assert server.login_key('ada').rc == 255 and lab.su('ada', user=None).rc != 0
    assert pam('sshd', 'account')[0] == pam('cron', 'open')[0] == [lab.PAM_PERM_DENIED]
    check = uadmctl('user', 'check', 'ada', '--json', rc=1).json
    assert check['by_key'] is False and check['by_key_reason'] == 'locked', check
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert server.login_key('ada').rc == 0


@pytest.mark.parametrize('seconds', [0, 1, 20, 60])
def test_fail_delay(ada, seconds):
    """libpam makes it up to half as long again or as short. Unknown names alike."""
    policy('fail-delay', f'{seconds}s' if seconds else '0')
    for user in ('ada', 'nobody-knows'):
        codes, text = pam('sshd', 'auth', answers=[WRONG], user=user)
        delay, = (int(line.split()[1]) for line in text.splitlines() if line.startswith('delay:'))
        assert codes == [lab.PAM_AUTH_ERR] and seconds * 0.4e6 <= delay <= seconds * 1.6e6, (user, text)


# The dictionary

def gone(path):
    lab.run('mv', path, path + '.away', rc=0)


BREAKAGES = {
    'no dictionary': lambda: gone('/var/cache/cracklib'),
    'no index': lambda: gone('/var/cache/cracklib/cracklib_dict.pwi'),
    'words cut off': lambda: os.truncate('/var/cache/cracklib/cracklib_dict.pwd', 1000),
    'no library': lambda: lab.run('sh', '-c', 'for f in /usr/lib/*/libpwquality.so.1*; do mv $f $f.away; done', rc=0),
}


@pytest.fixture
def whole_dictionary():
    """These files are none of those that are put back for each test."""
    lab.run('sh', '-c', 'test -d /dict || { mkdir /dict; cp -a /var/cache/cracklib /usr/lib/*/libpwquality.so.1* /dict; }', rc=0)
    yield
    lab.run('sh', '-c', 'rm -rf /var/cache/cracklib* /usr/lib/*/libpwquality.so.1*; d=$(dirname /usr/lib/*/libcrack.so.2);'
            'cp -a /dict/cracklib /var/cache; cp -a /dict/libpwquality* $d', rc=0)


@pytest.mark.parametrize('breakage', BREAKAGES)
def test_dictionary_missing(ada, whole_dictionary, authlog, breakage):
    """No password is changed, with the way out told; logins go on; the way out works."""
    BREAKAGES[breakage]()
    for command in (('user', 'set-password', 'ada'), ('policy', 'test')):
        done = uadmctl(*command, '--password-stdin', input=NEW + '\n')
        assert done.rc == 69, done
        assert 'apt install cracklib-runtime' in done.err and 'uadmctl policy set dictionary no' in done.err, done
    assert uadmctl('user', 'add', 'eve', '--password-stdin', input=NEW + '\n').rc == 69
    done = lab.passwd('ada', CHANGE)
    assert done.rc != 0 and 'No password can be changed at the moment. Ask your administrator.' in done.text, done
    authlog.wait(r'pam_uadm\(passwd:chauthtok\).*the policy wants the dictionary check, but')
    assert works(PASSWORD) and not works(NEW)
    policy('dictionary', 'no')
    done = lab.passwd('ada', CHANGE)
    assert done.rc == 0 and works(NEW), done


# uadmctl policy test

def test_policy_test(ada, authlog):
    good = uadmctl('policy', 'test', '--json', '--password-stdin', input=NEW + '\n', rc=0).json
    assert good['good'] is True and all(r['met'] for r in good['rules']), good
    assert [r['rule'] for r in good['rules']] == ['min-length', 'min-lower', 'min-upper', 'min-digit', 'min-special',
                                                  'dictionary', 'control-characters']
    mine = uadmctl('policy', 'test', '--user', 'ada', '--json', '--password-stdin', input=PASSWORD + '\n', rc=1).json
    assert [r['rule'] for r in mine['rules'] if not r['met']] == ['history'], mine
    assert {'rule': 'user-check', 'met': True, 'text': "none of the user's names in it"} in mine['rules']
    done = uadmctl('policy', 'test', '--user', 'ada', '--password-stdin', input='augusta\n', rc=1)
    assert unmet(done.out) == ['at least 10 characters', 'an upper-case letter', 'a digit', 'a special character',
                               'no word of the dictionary (it is based on a dictionary word)',
                               "none of the user's names in it"], done
    assert GOOD + 'none of the last 5 passwords' in done.out.splitlines()
    for env in ({'LANG': 'C'}, {'LANG': 'C.UTF-8', 'LC_ALL': 'POSIX'}):
        plain = uadmctl('policy', 'test', '--password-stdin', input='augusta-12\n', env=env, rc=1).out.splitlines()
        assert '[ ] not yet: an upper-case letter' in plain and '[x] a digit' in plain, plain
    assert uadmctl('policy', 'test', '--user', 'nobody-knows', '--password-stdin', input='x\n').rc == 67
    assert uadmctl('policy', 'test', '--no-input').rc == 64
    read, write = os.pipe()
    os.write(write, b'Elephant-1\n')
    os.close(write)
    assert uadmctl('policy', 'test', '--password-fd', str(read), pass_fds=[read]).rc == 1
    os.close(read)
    before = uadmctl('store', 'info', '--json').json
    typed = lab.talk(['uadmctl', 'policy', 'test'], [('Password to test: ', 'Canary-Bird-1')])
    assert typed.rc == 0 and 'Canary' not in typed.text, typed  # P24: not shown, logged or kept
    assert uadmctl('store', 'info', '--json').json == before and not authlog.matching('Canary')
    assert show('ada')['failed_attempts'] == 0


def test_set_password_on_a_terminal(ada):
    """As in passwd(1): the rules after the first entry, three tries, and nothing typed twice in vain."""
    prompt = ('New password for ada: ', 'weak')
    done = lab.talk(['uadmctl', 'user', 'set-password', 'ada'], [prompt, ('New password for ada: ', NEW), (AGAIN, NEW)])
    assert done.rc == 0 and unmet(done.text)[0] == 'at least 10 characters' and works(NEW), done
    done = lab.talk(['uadmctl', 'user', 'set-password', 'ada'], [prompt] * 3)
    assert done.rc == 65 and done.text.count('Not taken') == 3 and 'etype' not in done.text and works(NEW), done
    piped = uadmctl('user', 'set-password', 'ada', '--password-stdin', input='weak\n')
    assert piped.rc == 65 and len(piped.err.splitlines()) == 2, piped


# What `user show` and `user check` say

def test_kind_and_end_of_a_password(ada):
    policy('max-age', '90d', 'inactive', '10d')
    user = show('ada')
    assert user['password_kind'] == 'argon2id' and user['password_expires_at'] < user['password_inactive_at'], user
    policy('inactive', '0')
    assert show('ada')['password_inactive_at'] is None
    uadmctl('user', 'add', 'eve', rc=0)
    assert show('eve')['password_kind'] is None and show('eve')['password_inactive_at'] is None


def test_why_says_until_when(ada):
    lab.fail_logins('ada', 5)
    why = uadmctl('user', 'check', 'ada', '--why', rc=1).out
    until, = (line.split(':', 1)[1].strip() for line in uadmctl('user', 'show', 'ada').out.splitlines()
              if line.startswith('locked until'))
    assert f'by password: refused - too many failed logins; the password is not looked at, until {until}\n' in why, why
    policy('lock-time', '0', 'lock-keys', 'yes')
    why = uadmctl('user', 'check', 'ada', '--why', rc=1).out
    assert why.count('until `uadmctl user unlock ada`') == 2 and why.count('not looked at') == 1, why
    assert show('ada')['locked_until'] is None and 'until user unlock' in uadmctl('user', 'show', 'ada').out
    trail = uadmctl('audit', 'list', '--json', '--target', 'ada').json
    lock, = (row['detail'] for row in trail if row['action'] == 'user.lock')
    assert re.fullmatch(r'failures=5 service=\S+ from=\S+', lock), lock
