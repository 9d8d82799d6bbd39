"""Bad input: every refusal names the field, the rule and the value, escaped; and changes nothing."""
import pytest

import lab
from lab import add_user, uadmctl

ESC = '\x1b[31m'


def everything():
    return (uadmctl('store', 'info', '--json', rc=0).json, uadmctl('user', 'list', '--json', rc=0).out,
            uadmctl('audit', 'list', '--json', '-n', '0', rc=0).out,
            open('/var/lib/uadm/directory/directory', 'rb').read())


# arguments of `user add bob`, the field that is named, the value as it has to be shown
BAD_FIELDS = [
    (['--email', 'nobody'], 'email', 'nobody'), (['--email', 'a@b@c d'], 'email', 'a@b@c d'),
    (['--email', 'a@example.org\nBcc: all@example.org'], 'email', r'a@example.org\x0aBcc'),
    (['--first-name', 'A\nB'], 'first name', r'A\x0aB'), (['--last-name', ESC + 'x'], 'last name', r'\x1b[31mx'),
    (['--display-name', 'a:b'], 'display name', 'a:b'), (['--display-name', 'a\udcffb'], 'display name', r'a\xffb'),
    (['--display-name', 'x' * 5000], 'display name', 'xxx'),
    (['--display-name', 'a\u202eb'], 'display name', r'\u{202e}'),
    (['--home', 'home'], 'home', 'home'), (['--home', '/home/../etc'], 'home', '/home/../etc'),
    (['--home', '/home/a:b'], 'home', '/home/a:b'), (['--home', '/'], 'home', '/'),
    (['--shell', 'sh'], 'shell', 'sh'), (['--shell', '/bin/sh\n'], 'shell', r'/bin/sh\x0a'),
    (['--shell', '/no/such/shell'], 'shell', '/no/such/shell'),
    (['--time-zone', '../../etc/passwd'], 'time zone', '../../etc/passwd'), (['--time-zone', 'Mars'], 'time zone', 'Mars'),
    (['--mobile', '0170'], 'mobile', '0170'), (['--expires', 'tomorrowish'], 'expires', 'tomorrowish'),
    (['--expires', '2026-02-30'], 'expires', '2026-02-30'),
    (['--uid', '0'], 'uid', '0'), (['--uid', '-1'], 'uid', '-1'), (['--uid', '1000'], 'uid', '1000'),
    (['--uid', '99999999999999999999'], 'uid', '99999999999999999999'), (['--uid', '30000x'], 'uid', '30000x'),
    (['--uid', '65534'], 'uid', '65534'), (['--kind', 'robot'], 'kind', 'robot'),
    (['--groups', 'none-such'], 'group', 'none-such'),
]
BAD_NAMES = ['root', 'sudo', 'daemon', '_x', 'systemd-x', 'nobody', 'Ada', '1ada', '-ada', 'a b', 'a/b', '../x', 'a\nb',
             '', 'ada-', 'a' * 64, 'äda', ESC, 'a:b', 'a,b', 'lokal', 'adm', 'wheel', 'docker', 'x' * 100000]


def shown(value):
    return value.replace('\x1b', r'\x1b').replace('\n', r'\x0a')[:20]


def clean(text):
    """Nothing that a terminal would act upon."""
    return all(c == '\n' or c.isprintable() for c in text)


@pytest.mark.parametrize('arguments, field, value', BAD_FIELDS)
def test_fields(host, arguments, field, value):
    add_user('ada')
    before = everything()
    done = uadmctl('user', 'add', 'bob', *arguments)
    assert done.rc in (64, 65, 67), done
    assert field in done.err and value in done.err and clean(done.err), done
    if arguments[0] not in ('--uid', '--kind', '--groups'):
        done = uadmctl('user', 'set', 'ada', *arguments)
        assert done.rc == 65 and field in done.err and value in done.err and clean(done.err), done
    assert everything() == before


@pytest.mark.parametrize('noun', ['user', 'group'])
def test_names(host, noun):
    before = everything()
    for name in BAD_NAMES:
        done = uadmctl(noun, 'add', '--', name)
        assert done.rc == 65, done
        assert 'name' in done.err and shown(name) in done.err and clean(done.err), done
        assert len(done.err) < 2000
    assert everything() == before


def test_names_of_others(host):
    """Users, private groups and groups share one set of names; so do numbers."""
    add_user('ada')
    uadmctl('group', 'add', 'crew', rc=0)
    before = everything()
    for command in (['user', 'add', 'crew'], ['group', 'add', 'ada'], ['user', 'add', 'bob', '--uid', '30000'],
                    ['group', 'add', 'deck', '--gid', '20000'], ['group', 'add', 'deck', '--gid', '30000'],
                    ['group', 'add', 'deck', '--gid', '27'], ['group', 'add', 'deck', '--gid', 'x']):
        done = uadmctl(*command)
        assert done.rc in (64, 65), done
    assert everything() == before


def test_S7_hostile_csv(host):
    before = everything()
    for text in ('name,colour\nada,red\n', 'name\n"unterminated\n', 'a,b\nc,d\n', '\x00\x01\x02\n', 'name,name\nada,bob\n',
                 'name\n' + 'x' * 1000000 + '\n'):
        done = uadmctl('user', 'add', '--from', '-', input=text)
        assert done.rc in (64, 65) and 'error' in done.err and clean(done.err), done
        assert 'stdin:' in done.err or 'name' in done.err or 'column' in done.err, done
    assert everything() == before


def test_S7_what_is_stored_stays_well_formed(host):
    """Quotes, backslashes, wide and combining letters come back as they were, everywhere."""
    for n, name in enumerate(['O\'Brien "the" \\ Great', '名前', 'e\u0301', "'; drop table user; --", '<b>&amp;</b>', '%s%n']):
        uadmctl('user', 'add', f'user{n}', '--display-name', name, rc=0)
        assert lab.show(f'user{n}')['display_name'] == name
        assert lab.getent('passwd', f'user{n}')[4] == name
    uadmctl('store', 'check', rc=0)
    assert len(uadmctl('user', 'list', '--noheadings', rc=0).out.splitlines()) == 6


def test_refused_by_the_guards_of_the_store(host):
    """What no list of rules foresees: the same name twice in one call, a group given twice."""
    uadmctl('group', 'add', 'crew', rc=0)
    done = uadmctl('user', 'add', 'ada', 'ada', '--groups', 'crew,crew')
    assert done.rc == 65, done
    assert lab.show('ada')['groups'] == ['crew']
