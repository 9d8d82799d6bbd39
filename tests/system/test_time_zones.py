"""Time zones: F88. And the last login by our own record: F34."""
import os
import re

import pytest

import lab
from lab import PASSWORD, WRONG, add_user, pam, show, uadmctl

ZONES = '/usr/share/zoneinfo'
AT, UTC = 1798736400, '2026-12-31T17:00:00Z'


@pytest.fixture
def ada(host):
    add_user('ada', '--expires', '2099-12-31T17:00:00Z')


def expires(*args, env=None):
    out = uadmctl(*args, 'user', 'list', '-o', 'expires', '--noheadings', rc=0, env=env).out
    return out.strip()


def expires_said(*args, env=None):
    """The same in `user show`."""
    out = uadmctl(*args, 'user', 'show', 'ada', rc=0, env=env).out
    return re.search(r'^expires: +(.*)$', out, re.M).group(1)


@pytest.mark.parametrize('name', ['Nowhere/At_All', '../zoneinfo/UTC', '/etc/localtime', f'{ZONES}/UTC', 'Europe', 'zone.tab', 'localtime', 'posixrules',
                                  'CET-1CEST', ':UTC', 'Europe/Vienna/', 'right/UTC', 'UTC\x1b[2J', 'A' * 80])
def test_F88_no_zone(ada, name):
    done = uadmctl('user', 'set', 'ada', '--time-zone', name, rc=65)
    assert 'time zone ' in done.err and '\x1b' not in done.err, done
    uadmctl('user', 'add', 'bob', '--time-zone', name, rc=65)
    assert show('ada')['time_zone'] is None


def test_F88_whose_the_files_are(ada):
    """A zone that somebody else could have made, or that leads elsewhere, is none."""
    zone = f'{ZONES}/Lab'
    lab.run('cp', '-L', f'{ZONES}/Europe/Vienna', zone, rc=0)
    uadmctl('user', 'set', 'ada', '--time-zone', 'Lab', rc=0)
    for change, back in ((('chown', 'lokal', zone), ('chown', 'root', zone)), (('chmod', 'o+w', zone), ('chmod', '644', zone))):
        lab.run(*change, rc=0)
        uadmctl('user', 'set', 'ada', '--time-zone', '', rc=0)
        uadmctl('user', 'set', 'ada', '--time-zone', 'Lab', rc=65)
        lab.run(*back, rc=0)
        uadmctl('user', 'set', 'ada', '--time-zone', 'Lab', rc=0)
    lab.run('cp', zone, '/etc/elsewhere', rc=0)
    os.unlink(zone)
    os.symlink('/etc/elsewhere', zone)
    uadmctl('user', 'set', 'ada', '--time-zone', '', rc=0)
    uadmctl('user', 'set', 'ada', '--time-zone', 'Lab', rc=65)
    os.unlink(zone)
    os.symlink('Europe/Vienna', zone)
    uadmctl('user', 'set', 'ada', '--time-zone', 'Lab', rc=0)
    os.unlink(zone)
    os.mkfifo(zone)
    uadmctl('user', 'set', 'ada', '--time-zone', 'UTC', rc=0)
    uadmctl('user', 'set', 'ada', '--time-zone', 'Lab', rc=65)
    os.unlink(zone)


def test_F88_in_the_session(ada, sshd):
    """TZ is set, of a zone that is there: without one, or with one that is gone, it stays the host's."""
    server = sshd()
    server.authorize('ada')

    def zone():
        done = server.login_key('ada', remote=('echo', 'TZ=$TZ.'))
        assert done.rc == 0, done
        return re.search(r'TZ=(.*)\.', done.text).group(1)

    assert zone() == ''
    uadmctl('user', 'set', 'ada', '--time-zone', 'Asia/Kathmandu', rc=0)
    assert zone() == 'Asia/Kathmandu'
    for gone in ('Gone/Since', '../../../etc/passwd', '/etc/passwd', 'posixrules'):
        lab.sql(f"UPDATE user SET time_zone = '{gone}'")
        assert zone() == ''


def test_F88_the_readers_zone(ada):
    """TZ of who reads, else the host's, in lists and in `show`; JSON stays what it is."""
    assert expires(env={'TZ': 'Asia/Kathmandu'}) == expires_said(env={'TZ': 'Asia/Kathmandu'}) == '2099-12-31 22:45'
    assert expires(env={'TZ': 'America/New_York'}) == '2099-12-31 12:00'
    os.replace('/etc/localtime', '/etc/localtime.was') if os.path.lexists('/etc/localtime') else None
    os.symlink(f'{ZONES}/Asia/Tokyo', '/etc/localtime')
    assert expires() == '2100-01-01 02:00'
    os.unlink('/etc/localtime')
    os.replace('/etc/localtime.was', '/etc/localtime') if os.path.lexists('/etc/localtime.was') else None
    for options in ([], ['--utc'], ['--time-format', 'epoch'], ['--time-format', 'relative']):
        assert uadmctl(*options, 'user', 'list', '--json', rc=0, env={'TZ': 'Asia/Tokyo'}).json[0]['expires'] == '2099-12-31T17:00:00Z'
    # Who chooses the environment chooses no file.
    for tz in ('/etc/shadow', ':/etc/shadow', '../../../etc/shadow', 'EVIL5', 'Nowhere/There', 'posixrules', 'right/UTC', ''):
        assert expires(env={'TZ': tz}) == expires(), tz
        # No clock with leap seconds either, of which JSON would say Z.
        assert uadmctl('user', 'show', 'ada', '--json', env={'TZ': tz}).json == uadmctl('user', 'show', 'ada', '--json').json, tz


def test_F88_as_a_user(ada):
    """--as: that user reads. --utc has the last word; a zone that is gone is told."""
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('member', 'add', 'acme', 'ada', '--role', 'administrator', rc=0)
    uadmctl('user', 'set', 'ada', '--time-zone', 'Asia/Tokyo', rc=0)

    def seen(*args):
        return uadmctl('--as', 'ada', *args, 'user', 'list', '--account', 'acme', '-o', 'expires', '--noheadings', rc=0, env={'TZ': 'Europe/Vienna'})

    assert seen().out.strip() == '2100-01-01 02:00'
    assert seen('--utc').out.strip() == '2099-12-31 17:00'
    # What is written is read the same way.
    uadmctl('user', 'add', 'jo', '--account', 'acme', rc=0)
    uadmctl('--as', 'ada', 'user', 'set', 'jo', '--expires', '2098-01-01 09:00', rc=0)
    assert show('jo')['expires'] == '2098-01-01T00:00:00Z'
    lab.sql("UPDATE user SET time_zone = 'Gone/Since' WHERE name = 'ada'")
    done = seen()
    assert '2099-12-31 18:00' in done.out and 'no time zone "Gone/Since" here' in done.err, done


@pytest.mark.parametrize('options, shown', [
    ([], r'2099-12-31 22:45'),
    (['--utc'], r'2099-12-31 17:00'),
    (['--time-format', 'iso'], r'2099-12-31T22:45:00\+05:45'),
    (['--time-format=iso', '--utc'], r'2099-12-31T17:00:00Z'),
    (['--time-format', 'epoch'], r'4102419600'),
    (['--time-format', 'relative'], r'in \d+ days')])
def test_F88_forms(ada, options, shown):
    tz = {'TZ': 'Asia/Kathmandu'}
    assert re.fullmatch(shown, expires(*options, env=tz))
    assert re.fullmatch(shown, expires_said(*options, env=tz))
    # A sentence takes a moment.
    lab.fail_logins('ada', 5)
    said = uadmctl(*options, 'user', 'check', 'ada', '--why', rc=1, env=tz).out
    assert re.search(r', until (\d{4}-\d\d-\d\d|\d{10}\n)', said), said
    uadmctl('user', 'unlock', 'ada', rc=0)


def test_F88_forms_that_are_none(ada):
    for wrong in ('rfc', '', 'ISO', 'iso8601'):
        done = uadmctl('user', 'list', '--time-format', wrong, rc=64)
        assert 'is none of: iso, relative, epoch' in done.err, done
    # Before the command, too, with its value as a word of its own.
    assert uadmctl('--time-format', 'epoch', '--utc', 'user', 'list', rc=0).out
    # A date is read in the zone that times are written in.
    uadmctl('user', 'set', 'ada', '--expires', '2098-06-01 12:00', '--utc', rc=0, env={'TZ': 'Asia/Tokyo'})
    assert show('ada')['expires'] == '2098-06-01T12:00:00Z'


def comes_in(server):
    """What ada reads: to a command sshd tells nothing."""
    done = lab.talk(server.command('ada', 'keyboard-interactive', remote=(), options=('-tt',)),
                    [('assword: ?', PASSWORD), (r'[$#%>] $', 'exit')])
    assert done.rc == 0, done
    return done.text


def test_F34_last_login_is_told_in_ones_own_zone(ada, sshd):
    """When, whence and by what; and the failures since."""
    uadmctl('user', 'set', 'ada', '--time-zone', 'Asia/Kathmandu', rc=0)
    server = sshd(PrintLastLog='no')
    assert 'Last login' not in comes_in(server)
    lab.sql(f'UPDATE last_login SET at = {AT}')
    for _ in range(2):
        assert server.login('ada', WRONG).rc == 255
    told = comes_in(server)
    assert 'Last login: 2026-12-31 22:45 +0545 from 127.0.0.1 by sshd' in told, told
    assert '2 failed logins since your last one.' in told, told
    assert 'failed login' not in comes_in(server)


def test_F34_what_is_a_login(ada, sshd):
    """Jobs and su by root neither hide for how long somebody has been away nor eat the failures they are to hear of;
    of a service identity jobs are all there is."""
    server = sshd(PrintLastLog='no')
    assert server.login('ada', PASSWORD).rc == 0
    lab.sql(f'UPDATE last_login SET at = {AT - 4 * 365 * 86400}')
    long_ago = show('ada')['last_login']
    assert server.login('ada', WRONG).rc == 255
    for service in ('cron', 'atd', 'su', 'sudo', 'systemd-user'):
        assert pam(service, 'ada', 'open', 'close') == [0, 0]
    assert show('ada')['last_login'] == long_ago
    assert [u['name'] for u in uadmctl('user', 'stale', '--json', rc=0).json] == ['ada']
    assert '1 failed login since your last one.' in comes_in(server)
    assert show('ada')['last_login'] > long_ago and uadmctl('user', 'stale', '--json', rc=0).json == []
    uadmctl('user', 'add', 'robot', '--kind', 'service', '--reason', 'x', '--owner', 'ada', '--review-by', '+30d', rc=0)
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write('[access]\nservice-identities = cron\n')
    assert pam('cron', 'robot', 'open', 'close') == [0, 0]
    assert show('robot')['last_login'] is not None


def test_F34_shown_as_other_times_are(ada):
    lab.sql(f"INSERT INTO last_login (uid, at) SELECT uid, {AT} FROM user")
    for options, shown in (([], '2026-12-31 18:00'), (['--utc'], '2026-12-31 17:00'), (['--time-format', 'epoch'], str(AT))):
        assert shown in uadmctl('user', 'list', *options, rc=0, env={'TZ': 'Europe/Vienna'}).out
    assert show('ada')['last_login'] == UTC
