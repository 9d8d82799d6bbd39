"""S5, homes: whoever is first in a directory owns what runs there at a login."""
import os

import pytest

import lab
from accounts import make_four
from lab import show, uadmctl


@pytest.fixture
def four(host):
    make_four()


def add_late(*more, actor='acmeadm'):
    return uadmctl('--as', actor, 'user', 'add', 'late', '--account', 'acme', '--role', 'viewer', *more)


def test_S5_home_of_somebody_else(four):
    """Who administers an account gives the derived home and no other: not another user's, a local one's, one above or below."""
    for home in ('/home/betaadm', f'/home/{lab.LOCAL}', '/home/gammaadm', '/home/acmeadm/sub', '/home', '/root', '/home/future'):
        refused = uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', '--home', home, rc=77)
        assert show('acmevie')['home'] == '/home/acmevie', refused
        assert add_late('--home', home, '--create-home').rc == 77 and not os.path.exists('/home/gammaadm')
    assert add_late('--home', '/home/late').rc == 0


@pytest.mark.parametrize('home', ['/home/late', '/home/late/mail'])
def test_S5_derived_home_that_is_somebodys(four, home):
    """Also where root has given it to somebody, or something in it."""
    uadmctl('user', 'set', 'betaadm', '--home', home, rc=0)
    refused = add_late()
    assert refused.rc == 77 and 'the home of betaadm' in refused.err, refused
    told = uadmctl('user', 'add', 'late', rc=0)
    assert 'late: /home/late is the home of betaadm' in told.err, told


def test_S5_derived_home_of_a_local_user(four):
    lab.run('usermod', '-d', '/home/late/', lab.LOCAL, rc=0)
    try:
        assert f'the home of {lab.LOCAL}' in add_late().err
    finally:
        lab.run('usermod', '-d', f'/home/{lab.LOCAL}', lab.LOCAL, rc=0)
    assert add_late().rc == 0


@pytest.mark.parametrize('make', ['directory', 'link', 'root', 'theirs'])
def test_S5_directory_that_is_there(four, make):
    """Of a user who left, or of nobody's: root alone hands it on."""
    uid = show('acmevie')['uid']
    uadmctl('user', 'set', 'acmevie', '--home', '/srv/acmevie', rc=0)
    if make == 'link':
        os.symlink('/home', '/home/acmevie')
    else:
        os.mkdir('/home/acmevie')
        os.chown('/home/acmevie', *{'directory': (31999, 31999), 'root': (0, 0), 'theirs': (uid, uid)}[make])
    try:
        done = uadmctl('--as', 'acmeadm', 'user', 'set', 'acmevie', '--home', '/home/acmevie')
        assert done.rc == (0 if make == 'theirs' else 77), done
        told = uadmctl('user', 'set', 'acmevie', '--home', '/home/acmevie', rc=0)
        assert ('there already and' in told.err) is (make != 'theirs'), told
    finally:
        lab.run('rm', '-rf', '/home/acmevie', rc=0)


def test_root_is_told(four):
    """Of homes that meet: the same, above, below; not of what every home lies in."""
    for home, told in (('/home/betaadm', True), ('/home/betaadm/www', True), ('/srv/www', False), ('/home/other', False), ('/root/x', True)):
        assert (' is the home of ' in uadmctl('user', 'set', 'acmevie', '--home', home, rc=0).err) is told, home
    uadmctl('user', 'set', 'acmevie', '--home', '/srv/www', rc=0)
    assert 'the home of acmevie' in uadmctl('user', 'set', 'acmedev', '--home', '/srv/www/one/two', rc=0).err
    assert uadmctl('user', 'add', 'plain', rc=0).err == ''
