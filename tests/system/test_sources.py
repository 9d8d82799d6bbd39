"""P28: who is on this host can neither lock out another user nor hold what logins need, whichever way
and with how many they try; and `user show` says who tried."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import lab
from lab import LOCAL, PAM_AUTH_ERR, PASSWORD, WRONG, add_user, show, uadmctl

LOCALS = [LOCAL, 'mallory', 'oscar', 'trudy']


@pytest.fixture
def victim(host):
    """ada, and others with a shell on the same host."""
    lab.quick_hashes()
    add_user('ada')
    for name in LOCALS[1:]:
        lab.run('useradd', '-M', '-s', '/bin/bash', name, rc=0)
        lab.run('chpasswd', '-c', 'SHA512', input=f'{name}:{lab.LOCAL_PASSWORD}\n', rc=0)
    return 'ada'


def at_once(*calls):
    """What each of them returns; they run beside each other, for each failure waits two seconds."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [f.result() for f in [pool.submit(*call) for call in calls]]


def su(name):
    return lab.su('ada', WRONG, user=name)


def sources():
    return {s['source']: (s['failures'], s['blocked']) for s in show('ada')['failed_sources']}


def gets_in(rhost='192.0.2.77'):
    return lab.pam('sshd', 'ada', 'auth', 'account', answers=[PASSWORD], rhost=rhost) == [0, 0]


def test_P28_su_by_several(victim):
    """Each of them has three guesses, together they lock nobody, and ada comes and goes."""
    assert all(done.rc != 0 for done in at_once(*[(su, name) for name in LOCALS * 4]))
    uids = {name: lab.getent('passwd', name)[2] for name in LOCALS}
    blocked = {f'uid {uids[name]} ({name})': (3, True) for name in LOCALS}
    assert sources() == blocked and show('ada')['status'] == 'active'
    assert gets_in()
    assert sources() == blocked  # her logins give them no new guesses
    assert lab.su('ada', PASSWORD, user='trudy').rc != 0
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert sources() == {}
    assert lab.su('ada', PASSWORD, user='trudy').rc == 0


def test_P28_sudo(victim):
    """sudo -u asks for the caller's own password: ada's failures there are hers, and no lock."""
    lab.sudoers('ada ALL=(ALL:ALL) ALL')
    for _ in range(4):
        assert lab.sudo(WRONG, user='ada').rc == 1
    assert sources() == {'uid 30000 (ada)': (3, True)}
    assert lab.sudo(PASSWORD, user='ada').rc == 1
    assert gets_in()
    assert sources() == {}  # she has shown that she knows it
    assert lab.sudo(PASSWORD, user='ada').rc == 0


def test_P28_ssh_to_this_very_host(victim, sshd):
    """By whichever of its addresses and names: one source with three guesses."""
    lab.from_afar([])  # brings an address of our own
    own6 = lab.run('ip', '-6', '-o', 'addr', 'show', 'dev', 'cable', 'scope', 'link', rc=0).out.split()[3].split('/')[0]
    with open('/etc/hosts', 'a', encoding='ascii') as f:
        f.write('127.0.1.1 box.example.org box\n')
    server = sshd(UseDNS='yes')
    ways = ['127.0.0.1', '127.8.8.8', '::1', 'localhost', 'box', f'{own6}%cable']

    def guess(to):
        # From here to our own other addresses as well, which command() would go to from afar.
        command = server.command('ada', 'keyboard-interactive')
        return lab.talk([to if word == 'ada@127.0.0.1' else word for word in command], [('assword: ?', WRONG)])

    tried = at_once(*[(guess, f'ada@{to}') for to in [*ways, lab.HERE, lab.HERE6]])
    assert all(done.rc == 255 and 'denied' in done.text for done in tried), tried
    assert sources() == {'this host': (3, True)} and show('ada')['status'] == 'active'
    assert server.login('ada', PASSWORD, to=lab.HERE).rc == 0  # from the other machine
    assert server.login('ada', PASSWORD, to=lab.HERE6).rc == 0
    assert server.login('ada', PASSWORD).rc == 255


def test_strangers_lock_and_are_named(victim, sshd):
    """From afar five in all lock, by IPv4 or IPv6; whoever is here gets in no more either."""
    server = sshd()
    at_once(*[(lambda to: server.login('ada', WRONG, to=to), to) for to in [lab.HERE, lab.HERE6] * 2])
    assert sources() == {lab.AFAR: (2, False), '2001:db8::/64': (2, False)}
    assert show('ada')['status'] == 'active'
    assert server.login('ada', WRONG, to=lab.HERE6).rc == 255
    assert show('ada')['status'] == 'locked'
    for way in (lambda: lab.su('ada', PASSWORD), lambda: server.login('ada', PASSWORD)):
        assert way().rc != 0


def test_P28_one_user_holds_not_all_slots(victim):
    """Twenty su at once stand in line for each other, not in front of somebody else."""
    lab.slow_hashes()
    busy = [lab.spawn('su', 'ada', '-c', 'true', user='mallory') for _ in range(20)]
    for child in busy:
        child.expect('assword:')
    for child in busy:
        child.send(WRONG + '\r')
    lab.poll(lambda: waiting() >= 12, 'them to stand in line')
    assert gets_in()
    assert waiting() > 0  # who stood there before still does
    for child in busy:
        child.close(force=True)


def waiting():
    with open('/proc/locks', encoding='ascii') as f:
        return f.read().count('-> FLOCK')


HOSTILE = ['a, b', '"', "'; DROP TABLE attempt; --", '\x1b[2J\x1b[31m', 'this host', 'uid 0 (root)', 'console',
           '\n203.0.113.9: 1 failed', '\udcff\udcfe', '‮evil', 'x' * 10000, '{"source": 1}', '%s%n', '192.0.2.1 # x']


def test_S7_hostile_host_names(victim):
    """Whatever a service takes for the name of a remote host: one line each, nothing raw, and JSON."""
    uadmctl('policy', 'set', 'deny', '100', rc=0)
    for rhost in HOSTILE:
        # libpam's own audit record cannot hold ten thousand bytes, and says so
        code, = lab.pam('sshd', 'ada', 'auth', answers=[WRONG], rhost=rhost)
        assert code == PAM_AUTH_ERR or len(rhost) > 1000 and code == lab.PAM_SYSTEM_ERR
    as_json = show('ada')['failed_sources']
    assert len(as_json) == len(HOSTILE) and all(s['failures'] == 1 for s in as_json)
    assert all(s['source'][0] == s['source'][-1] == '"' and s['source'].isprintable() for s in as_json), as_json
    for command in (['show', 'ada'], ['check', 'ada', '--why'], ['list', '-o', 'name,failed_sources'],
                    ['list', '--raw', '-o', 'failed_sources']):
        shown = uadmctl('user', *command)
        assert all(line.isprintable() for line in shown.out.splitlines()), shown
    lines = [line.removeprefix('failed sources:').strip() for line in uadmctl('user', 'show', 'ada', rc=0).out.splitlines()
             if line.endswith(': 1 failed')]
    assert lines == [f"{s['source']}: 1 failed" for s in as_json]
    assert uadmctl('store', 'check', rc=0).rc == 0


def test_shown(victim):
    """Who failed how often, who is blocked until when; and what a login would meet."""
    for rhost, times in (('192.0.2.1', 2), ('::ffff:192.0.2.1', 1), ('127.0.0.1', 4), (None, 1)):
        for _ in range(times):
            lab.pam('sshd', 'ada', 'auth', answers=[WRONG], rhost=rhost)
    ada = show('ada')
    until = ada['failed_sources'][2]['until']
    assert until is not None and ada['failed_sources'] == [
        {'source': 'console', 'failures': 1, 'blocked': False, 'until': None},
        {'source': '192.0.2.1', 'failures': 3, 'blocked': False, 'until': None},
        {'source': 'this host', 'failures': 3, 'blocked': True, 'until': until}]
    assert ada['status'] == 'active' and ada['failed_attempts'] == 7
    assert uadmctl('user', 'list', '--json', rc=0).json == [ada]
    check = uadmctl('user', 'check', 'ada', '--json', rc=0).json
    assert check['allowed'] is True and check['failed_sources'] == ada['failed_sources']
    why = uadmctl('user', 'check', 'ada', '--why', rc=0).out
    assert why.startswith('ada: may log in (active)\n')
    assert re.search(r'by password: let in, except from: this host \(until [-0-9: ]+\)$', why, re.M) and '192.0.2.1' not in why
    lab.pam('sshd', 'ada', 'auth', answers=[WRONG], rhost='192.0.2.2')
    assert show('ada')['status'] == 'locked'
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert show('ada')['failed_sources'] == [] and show('ada')['failed_attempts'] == 0
    assert gets_in('127.0.0.1')
