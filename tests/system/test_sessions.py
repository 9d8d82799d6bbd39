"""Sessions (F60): who is logged in, and one of them ended while the others go on."""
import contextlib
import os
import re
import signal
import subprocess

import pytest

import lab
from lab import LOCAL, PASSWORD, add_user, poll, show, uadmctl
from test_suspend import facts, has_login_uids, lives, needs_login_uids, ssh, start, theirs, uid_of, watchers


@pytest.fixture
def two(host):
    add_user('ada')
    add_user('eve')
    return uid_of('ada')


def sessions(*args):
    return uadmctl('session', 'list', *args, '--json', rc=0).json


def terminate(*args, rc=0):
    return uadmctl('session', 'terminate', *map(str, args), '--yes', '--json', rc=rc).json


def running(pattern):
    """pids whose command line is this, zombies apart."""
    return {int(pid) for pid in lab.run('pgrep', '-f', pattern).out.split() if facts(int(pid)) is not None}


def on_terminal(*command, user=None):
    """Something that runs in a shell of its own, on a terminal of its own."""
    child = lab.spawn(*command, user=user)
    child.expect(r'[$#%>] $')
    return child


def test_F60_who_is_in(two, sshd):
    """sshd with a terminal and without, login, su: user, service, tty, source, since, idle, leader."""
    server = sshd()
    quiet = ssh(server, 'ada', 'sleep 991 &')
    server.authorize('ada')
    seated = on_terminal(*server.command('ada', 'publickey', remote=(), options=('-tt',)))
    console = on_terminal('login', '-f', 'eve')
    become = on_terminal('su', '-', 'ada', user=None)
    rows = {(s['service'], s['user'], s['idle'] is not None): s for s in sessions()}
    assert rows.keys() == {('sshd', 'ada', False), ('sshd', 'ada', True), ('login', 'eve', True), ('su-l', 'ada', True)}, rows
    for (service, user, has_tty), s in rows.items():
        assert s['uid'] == uid_of(user) and s['state'] == 'open' and s['ended_at'] is None, s
        assert s['kind'] == ('switch' if service == 'su-l' else 'login'), s
        assert s['source'] == ('127.0.0.1' if service == 'sshd' else None), s
        assert os.path.exists(f"/proc/{s['leader']}"), s
        if has_tty:
            assert os.path.exists(f"/dev/{s['tty']}") and 0 <= s['idle'] < 120, s
    assert rows['sshd', 'ada', False]['tty'] == 'ssh'
    assert len({s['tty'] for s in rows.values()}) == 4
    assert {s['user'] for s in sessions('eve')} == {'eve'} and len(sessions('ada')) == 3
    assert len(sessions('ada', 'eve')) == 4
    table = uadmctl('session', 'list', rc=0).out
    assert table.split('\n')[0].split() == ['ID', 'USER', 'SERVICE', 'TTY', 'SOURCE', 'SINCE', 'IDLE', 'LEADER'], table
    assert uadmctl('session', 'list', '-o', 'user,service', '--raw', '--noheadings', 'eve', rc=0).out == 'eve login\n'
    assert uadmctl('session', 'list', 'nobody-here', rc=67).out == ''
    console.sendline('exit')
    console.expect(lab.pexpect.EOF)
    poll(lambda: len(sessions()) == 3, 'eve to be out')
    for child in (seated, console, become):
        child.close(force=True)
    quiet.kill()


def test_F60_history_has_the_terminal(two, sshd):
    """By one name, that of below /dev: also of sshd, which opens it later, when `maintain` has come by."""
    server = sshd()
    server.authorize('ada')
    seated = on_terminal(*server.command('ada', 'publickey', remote=(), options=('-tt',)))
    become = on_terminal('su', '-', 'eve', user=None)
    ttys = {s['user']: s['tty'] for s in sessions()}
    assert all(re.fullmatch(r'pts/\d+', tty) for tty in ttys.values()) and len(set(ttys.values())) == 2, ttys
    uadmctl('maintain', rc=0)
    for child in (seated, become):
        child.sendline('exit')
        child.expect(lab.pexpect.EOF)
        child.close(force=True)
    poll(lambda: sessions() == [], 'both to be out')
    assert {s['user']: s['tty'] for s in sessions('--history')} == ttys


def test_F60_idle_is_since_a_key_was_pressed(two):
    child = on_terminal('login', '-f', 'ada')
    tty, = (s['tty'] for s in sessions())
    an_hour = os.stat(f'/dev/{tty}').st_mtime - 3600
    os.utime(f'/dev/{tty}', (an_hour, an_hour))
    assert 3590 < sessions()[0]['idle'] < 3800
    assert ' 60 min ' in uadmctl('session', 'list', rc=0).out or ' 1 h ' in uadmctl('session', 'list', rc=0).out
    child.close(force=True)


def test_F60_history(two, sshd):
    server = sshd()
    server.authorize('ada')
    assert server.login_key('ada').rc == 0
    poll(lambda: sessions() == [], 'the session to be closed')
    old, = sessions('--history')
    assert old['state'] == 'ended' and old['ended_at'] >= old['since'] and old['idle'] is None, old
    for since in ('2001-01-01', '1h', '-1h', '7d'):
        assert len(sessions('--history', '--since', since, 'ada')) == 1, since
    for since in ('+1h', 'never', '2100-01-01', 'soon'):
        done = uadmctl('session', 'list', '--history', '--since', since, rc=65)
        assert '2h' in done.err and 'never,' not in done.err and '+30d' not in done.err, done
    assert sessions('--history', 'eve') == []
    assert 'ENDED-AT' in uadmctl('session', 'list', '--history', rc=0).out
    uadmctl('session', 'list', '--since', '2001-01-01', rc=64)
    # What is open is a part of it.
    session = ssh(server, 'eve', 'sleep 991 &')
    assert [s['state'] for s in sessions('--history')] == ['ended', 'open']
    session.kill()


def test_F60_one_ends_and_the_other_stays(two, sshd):
    """Whatever it has put into the background; its own user's other session goes on, and everybody else's."""
    server = sshd()
    first = ssh(server, 'ada', 'sleep 9911 & nohup sleep 9912 >/dev/null 2>&1 & setsid -f sleep 9913 >/dev/null 2>&1; '
                "(trap '' HUP TERM; sleep 9914) & ")
    second = ssh(server, 'ada', 'sleep 9921 & setsid -f sleep 9922 >/dev/null 2>&1')
    other = ssh(server, 'eve', 'sleep 9931 &')
    mine, kept, hers = sessions()
    done, = terminate(mine['id'])
    assert (done['name'], done['result'], done['changed'], done['user']) == (str(mine['id']), 'terminated', True, 'ada'), done
    assert done['processes_ended'] >= 4 + has_login_uids()
    assert running('^sleep 991[124]') == set()
    if has_login_uids():  # what has left it altogether is known by the login it came from
        assert running('^sleep 9913') == set()
    assert first.wait(lab.SECONDS) == 255
    assert lives(second) and lives(other) and len(running('^sleep 99[23]')) == 3
    assert [s['id'] for s in sessions()] == [kept['id'], hers['id']]
    ended, = (s for s in sessions('--history') if s['id'] == mine['id'])
    assert ended['state'] == 'ended' and ended['ended_at'] is not None
    row, = (r for r in uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json if r['action'] == 'session.terminate')
    assert row['actor'].startswith('root') and f"session={mine['id']} service=sshd processes=" in row['detail'], row
    # Over is over; and nobody was kept out.
    assert terminate(mine['id'], rc=67)[0]['result'] == 'not-found'
    assert server.login_key('ada').rc == 0 and show('ada')['status'] == 'active'
    second.kill()
    other.kill()


def test_F60_the_program_that_opened_it_closes_its_books(two):
    """login(1) and su go by themselves once what they wait for is gone: PAM's close is called."""
    console, become = on_terminal('login', '-f', 'ada'), on_terminal('su', '-', 'ada')
    by = {s['service']: s for s in sessions()}
    terminate(by['su-l']['id'])
    assert [s['service'] for s in sessions()] == ['login']
    terminate(by['login']['id'])
    assert sessions() == [] and theirs(two) == set()
    closed = {s['service']: s for s in sessions('--history')}
    assert all(s['ended_at'] for s in closed.values())
    for child in (console, become):
        child.close(force=True)


@needs_login_uids
def test_F60_su_is_a_part_of_another_login(two, sshd):
    """The end of what su opened leaves the login it was called in alone, although the kernel counts both as one."""
    server = sshd()
    server.authorize('ada')
    child = on_terminal(*server.command('ada', 'publickey', remote=(), options=('-tt',)))
    child.sendline('sleep 9911 &')
    child.expect(r'[$#%>] $')
    child.sendline('su eve -c "sleep 9921 & sleep 9922"')
    child.expect('assword: ?')
    child.sendline(PASSWORD)
    poll(lambda: len(running('^sleep 992')) == 2, "eve's")
    by = {s['user']: s for s in sessions()}
    assert by['eve']['kind'] == 'switch'
    terminate(by['eve']['id'])
    assert running('^sleep 992') == set() and {s['user'] for s in sessions()} == {'ada'} and running('^sleep 9911')
    child.sendline('echo still there')
    child.expect('still there\r')
    child.close(force=True)


@needs_login_uids
def test_F60_with_all_that_came_of_it(two, sshd):
    """A session ends with what su and sudo made of it; a daemon that was restarted from it serves on."""
    lab.sudoers('ada ALL=(ALL:ALL) NOPASSWD: ALL')
    lab.keys()
    with open('/keys/by-hand', 'w', encoding='ascii') as f:
        f.write('Port 2190\nListenAddress 127.0.0.1\nHostKey /keys/host\nPidFile /tmp/sshd.pid\nUsePAM yes\n'
                'AuthorizedKeysFile /keys/authorized/%u\nPasswordAuthentication no\n')
    server = sshd()
    session = ssh(server, 'ada', 'sudo -n sleep 9911 & sudo -n -u eve sleep 9912 & sudo -n sh -c "trap \\"\\" HUP TERM; sleep 9913; :" & '
                  'sudo -n /usr/sbin/sshd -f /keys/by-hand; '
                  'until [ $(pgrep -cf "^sleep 991[123]") = 3 ] && [ -s /tmp/sshd.pid ]; do :; done')
    daemon = int(open('/tmp/sshd.pid', encoding='ascii').read())

    class Restarted(lab.Sshd):
        def __init__(self):
            self.port = 2190

    other = ssh(Restarted(), 'eve', 'sleep 9921 &')
    own, = (s['id'] for s in sessions('ada') if s['service'] == 'sshd')
    done = uadmctl('session', 'terminate', str(own), '--yes', rc=0)
    assert f'warning: {own}: sshd (pid {daemon}) goes on: a daemon that was started from it' in done.err, done
    assert running('^sleep 991') == set()
    assert session.wait(lab.SECONDS) == 255
    assert facts(daemon) == ({0}, two) and lives(other) and running('^sleep 9921')
    assert Restarted().login_key('eve').rc == 0
    other.kill()


def test_F60_who_opened_those_of_others_too(two):
    """A daemon that has sessions of several users open is not ended with one of them, and it is said."""
    code = ('import runpy,signal,sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name="__main__")\n'
            'sys.stdout.flush()\nsignal.pause()')
    both = start('/usr/bin/python3', '-B', '-c', code, lab.PAM_PROGRAM, 'sshd', 'ada', '', 'open', stdout=subprocess.PIPE)
    assert both.stdout.readline() == b'0\n'
    lab.sql('INSERT INTO session (uid, service, leader, leader_start, boot_id, opened_at) SELECT '
            f"{uid_of('eve')}, service, leader, leader_start, boot_id, 1 FROM session WHERE leader = {both.pid}")
    ada, = sessions('ada')
    done = uadmctl('session', 'terminate', str(ada['id']), '--yes', rc=75)
    assert f'pid {both.pid}, which opened it, serves others, too' in done.err, done
    assert lives(both) and len(sessions()) == 2
    both.kill()


def test_F60_a_daemon_that_opens_sessions_itself(two):
    """It is the host's: what the user runs below it ends, and nothing of anybody else's there."""
    code = ('import os,runpy,signal,sys\nif os.fork(): os._exit(0)\nos.setsid()\nsys.argv = sys.argv[1:]\n'
            'runpy.run_path(sys.argv[0], run_name="__main__")\n'
            'for uid in (30000, 30001):\n'
            '    if os.fork() == 0:\n        os.setresuid(uid, uid, uid)\n        os.execlp("sleep", "sleep", "9911")\n'
            'print(os.getpid(), flush=True)\nsignal.pause()')
    child = start('/usr/bin/python3', '-B', '-c', code, lab.PAM_PROGRAM, 'hub', 'ada', '', 'open', stdout=subprocess.PIPE)
    assert child.stdout.readline() == b'0\n'
    daemon = int(child.stdout.readline())
    child.wait()
    poll(lambda: len(running('^sleep 9911')) == 2, 'its children')
    ada, = sessions('ada')
    assert ada['leader'] == daemon
    done = uadmctl('session', 'terminate', str(ada['id']), '--yes', rc=75)
    assert f'pid {daemon}, which opened it, serves others, too, and goes on' in done.err, done
    assert facts(daemon) is not None and {min(facts(p)[0]) for p in running('^sleep 9911')} == {30001}


def test_F60_all_of_a_user_and_of_an_account(two, sshd):
    """Not suspended: they may come in again at once."""
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('member', 'add', 'acme', 'ada', '--role', 'viewer', rc=0)
    server = sshd()
    mine = [ssh(server, 'ada', 'sleep 9911 & setsid -f sleep 9912 >/dev/null 2>&1') for _ in range(2)]
    hers = ssh(server, 'eve', 'sleep 9921 &')
    planned, = terminate('--user', 'ada', '--dry-run')
    assert planned['processes_ended'] >= 6 and len(sessions()) == 3, planned
    done, = terminate('--user', 'ada')
    assert done['name'] == 'ada' and done['result'] == 'terminated' and done['processes_ended'] >= 6, done
    assert theirs(two) == set() and [s['user'] for s in sessions()] == ['eve']
    assert all(s.wait(lab.SECONDS) == 255 for s in mine) and lives(hers)
    assert show('ada')['status'] == 'active' and server.login_key('ada').rc == 0
    poll(lambda: len(sessions()) == 1, 'ada to be out')
    assert not terminate('--user', 'ada')[0]['changed']
    again = ssh(server, 'ada', 'sleep 9911 &')
    assert [d['name'] for d in terminate('--account', 'acme')] == ['ada']
    assert again.wait(lab.SECONDS) == 255 and lives(hers)
    assert poll(lambda: not watchers(), 'nothing to be left')
    hers.kill()


def test_F60_it_asks(two, sshd):
    """What is ended is told first; no answer and no terminal end nothing."""
    session = ssh(sshd(), 'ada', 'sleep 9911 &')
    one = str(sessions()[0]['id'])
    assert 'would have to ask: Terminate this session?' in uadmctl('session', 'terminate', one, rc=64).err
    assert 'would have to ask' in uadmctl('session', 'terminate', '--user', 'ada', rc=64).err
    said = lab.talk(['uadmctl', 'session', 'terminate', one], [(r'\[y/N\] ', 'n')])
    assert said.rc == 1 and f'{one}  ada by sshd from 127.0.0.1 since 20' in said.text and 'nothing was done' in said.text, said
    would = uadmctl('session', 'terminate', one, '--dry-run', rc=0).out
    assert f'{one}: would be terminated (ada), ' in would and 'processes to end:' in would and ' sleep\n' in would, would
    assert lives(session) and len(sessions()) == 1
    said = lab.talk(['uadmctl', 'session', 'terminate', one], [(r'\[y/N\] ', 'y')])
    assert said.rc == 0 and f'{one}: terminated (ada), ' in said.text, said
    session.wait(lab.SECONDS)
    for wrong in ([], ['x1'], ['0'], ['-1'], [one, '--user', 'ada'], ['--user', 'ada', '--account', 'acme'], ['--user', ''], [one, '--linger-off']):
        assert uadmctl('session', 'terminate', *wrong, '--yes').rc == 64, wrong
    uadmctl('session', 'terminate', '999', '--yes', rc=67)
    uadmctl('session', 'terminate', '--user', 'nobody-here', '--yes', rc=67)
    uadmctl('session', 'terminate', '--account', 'none', '--yes', rc=67)


def test_F60_the_one_it_is_asked_from(two, sshd):
    """Half of it would be ended, with the answer: it is refused."""
    lab.sudoers('ada ALL=(ALL:ALL) NOPASSWD: ALL')
    server = sshd()
    server.authorize('ada')
    done = server.login_key('ada', remote=["sudo -n uadmctl session terminate --yes "
                                           "$(sudo -n uadmctl session list -o id,service --raw --noheadings ada | awk '/sshd/ {print $1}')"])
    assert done.rc == 65 and 'is the one you ask from' in done.text, done
    child = ssh(server, 'ada', 'sleep 9911 &')
    done = server.login_key('ada', remote=['sudo -n uadmctl session terminate --user ada --yes; echo still here'])
    assert 'still here' in done.text and 'this very session is theirs: it goes on until you leave it' in done.text, done
    assert child.wait(lab.SECONDS) == 255


def test_F60_a_dead_leader(two, sshd):
    """kill -9 leaves a record: it is shown as over, and maintain puts it right."""
    session = ssh(sshd(), 'ada', 'sleep 9911 &')
    leader = sessions()[0]['leader']
    os.kill(leader, signal.SIGKILL)
    poll(lambda: facts(leader) is None, 'the leader to die')
    assert sessions() == [] and lab.sql('SELECT count(*) FROM session WHERE closed_at IS NULL') == '1'
    dead, = sessions('--history')
    assert dead['state'] == 'ended' and dead['ended_at'] is None
    uadmctl('session', 'terminate', str(dead['id']), '--yes', rc=67)
    uadmctl('maintain', rc=0)
    assert lab.sql('SELECT count(*) FROM session WHERE closed_at IS NULL') == '0'
    assert sessions('--history')[0]['ended_at'] is not None
    session.kill()


@pytest.mark.parametrize('call, number', [('pidfd_send_signal', 1), ('pidfd_send_signal', 2), ('pwrite64', 1), ('pwrite64', 3), ('fdatasync', 1)])
def test_F60_killed_in_the_middle(two, sshd, call, number):
    """S1: whatever was ended is ended, the record follows the leader, and the same command finishes the rest."""
    session = ssh(sshd(), 'ada', 'sleep 9911 & setsid -f sleep 9912 >/dev/null 2>&1')
    mine = sessions()[0]
    done = lab.run('strace', '-qq', '-o', '/tmp/calls', '-e', f'trace={call}', '-e', f'inject={call}:signal=KILL:when={number}',
                   'uadmctl', 'session', 'terminate', str(mine['id']), '--yes')
    assert done.rc == -signal.SIGKILL or done.rc == 137, done
    again = uadmctl('session', 'terminate', str(mine['id']), '--yes', '--json')
    assert (again.rc, again.json[0]['result']) in ((0, 'terminated'), (67, 'not-found')), again
    uadmctl('maintain', rc=0)
    assert sessions() == [] and lab.sql('SELECT count(*) FROM session WHERE closed_at IS NULL') == '0'
    assert uadmctl('store', 'check', '--json', rc=0).json == []
    session.kill()


def test_F60_another_boots_and_another_process_of_that_number(two):
    """A record of before the reboot, and one whose leader's number somebody else has by now."""
    me = start('sleep', '9999')
    began = open(f'/proc/{me.pid}/stat', encoding='ascii').read().split()[21]
    boot = open('/proc/sys/kernel/random/boot_id', encoding='ascii').read().strip()
    for leader_start, boot_id in ((began, 'f' * 8 + boot[8:]), (int(began) + 1, boot)):
        lab.sql('INSERT INTO session (uid, service, leader, leader_start, boot_id, opened_at) VALUES '
                f"({two}, 'sshd', {me.pid}, {leader_start}, '{boot_id}', 1)")
    assert sessions() == []
    for old in sessions('--history'):
        uadmctl('session', 'terminate', str(old['id']), '--yes', rc=67)
    assert lives(me)
    me.kill()


def test_F60_what_is_old_is_forgotten(two):
    day = 86400
    now = int(lab.run('date', '+%s').out)
    for ended in (now - 401 * day, now - 399 * day):
        lab.sql(f"INSERT INTO session (uid, service, leader, leader_start, boot_id, opened_at, closed_at) VALUES ({two}, 'sshd', 1, 1, 'x', 1, {ended})")
    uadmctl('maintain', rc=0)
    assert len(sessions('--history')) == 1
    os.makedirs('/etc/uadm/uadm.conf.d', exist_ok=True)
    for days, left in ((0, 1), (30, 0)):
        with open('/etc/uadm/uadm.conf.d/history.conf', 'w', encoding='ascii') as f:
            f.write(f'[sessions]\nhistory-days = {days}\n')
        uadmctl('maintain', '--dry-run', rc=0)
        assert len(sessions('--history')) == 1
        uadmctl('maintain', rc=0)
        assert len(sessions('--history')) == left


def test_F60_whose_business_it_is(two, sshd):
    """Administrators of an account see and end the sessions of those they look after; everybody their own."""
    for account in ('acme', 'beta'):
        uadmctl('account', 'add', account, rc=0)
    uadmctl('member', 'add', 'acme', 'ada', '--role', 'developer', rc=0)
    uadmctl('member', 'add', 'beta', 'eve', '--role', 'administrator', rc=0)
    for name, role in (('boss', 'administrator'), ('view', 'viewer')):
        uadmctl('user', 'add', name, '--account', 'acme', '--role', role, rc=0)
    server = sshd()
    kept = {name: ssh(server, name, 'sleep 9911 &') for name in ('ada', 'eve', 'boss', 'view')}
    ids = {s['user']: str(s['id']) for s in sessions()}

    def act(who, *args, rc):
        return uadmctl('--as', who, 'session', *args, rc=rc)

    act('boss', 'list', rc=77)
    assert {s['user'] for s in act('boss', 'list', '--account', 'acme', '--json', rc=0).json} == {'ada', 'boss', 'view'}
    act('boss', 'list', '--account', 'beta', rc=77)
    act('boss', 'list', 'eve', rc=77)
    assert len(act('ada', 'list', 'ada', '--json', rc=0).json) == 1
    act('eve', 'list', 'ada', rc=77)
    for who, whose in (('view', 'ada'), ('ada', 'view'), ('eve', 'ada'), ('boss', 'eve'), ('view', 'boss')):
        act(who, 'terminate', ids[whose], '--yes', rc=77)
        act(who, 'terminate', '--user', whose, '--yes', rc=77)
    assert all(map(lives, kept.values()))
    act('view', 'terminate', '--account', 'beta', '--yes', rc=77)
    # One's own needs neither a right nor an answer.
    act('view', 'terminate', ids['view'], rc=0)
    assert kept['view'].wait(lab.SECONDS) == 255
    act('boss', 'terminate', ids['ada'], '--yes', rc=0)
    assert kept['ada'].wait(lab.SECONDS) == 255 and lives(kept['boss']) and lives(kept['eve'])
    rows = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    assert [r['actor'] for r in rows if r['action'] == 'session.terminate'] == ['boss (by root)']
    for name in ('boss', 'eve'):
        kept[name].kill()


@pytest.mark.parametrize('form', ['', '--json', '--raw'])
def test_F60_hostile_texts(two, form):
    """What a program tells PAM of terminal and source is shown and opens nothing."""
    nasty = '../../dev/pts/0\x1b[2J\n"x"; \x7f\u202e'
    code = ('import runpy,signal,sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name="__main__")\n'
            'sys.stdout.flush()\nsignal.pause()')
    child = start('/usr/bin/python3', '-B', '-c', code, lab.PAM_PROGRAM, 'sshd', 'ada', '', 'open', stdout=subprocess.PIPE)
    assert child.stdout.readline() == b'0\n'
    with contextlib.closing(__import__('sqlite3').connect('/var/lib/uadm/store/uadm.db', timeout=5)) as db:
        db.execute('UPDATE session SET tty = ?, source = ?, service = ?', (nasty, nasty, nasty))
        db.commit()
    for args in ((), ('--history',), ('ada',)):
        out = uadmctl('session', 'list', *args, *([form] if form else []), rc=0).out
        assert not any(ord(c) < 32 and c != '\n' or ord(c) in (0x7f, 0x202e) for c in out), out
        assert len(out.splitlines()) == (1 if form == '--json' else 2), out
    one = lab.sql('SELECT id FROM session')
    said = uadmctl('session', 'terminate', one, rc=64)
    assert '\x1b' not in said.err and '\u202e' not in said.err, said
    if form == '--json':
        assert sessions()[0]['idle'] is None and sessions()[0]['tty'] == nasty
    done = uadmctl('session', 'terminate', one, '--yes', *([form] if form == '--json' else []), rc=0)
    assert '\x1b' not in done.out + done.err, done
    assert child.wait(lab.SECONDS) == -signal.SIGKILL
    assert '\x1b' not in uadmctl('audit', 'list', rc=0).out


def test_local_users_are_none_of_it(two):
    child = on_terminal('su', '-', LOCAL)
    assert sessions() == []
    child.close(force=True)


def test_a_source_that_cannot_be_printed(host):
    """It is escaped, once: what stands there can be told from one that has a backslash."""
    lab.add_user('ada')
    for rhost, shown in (('\x1b]0;evil\x07', r'\x1b]0;evil\x07'), (r'a\b', r'a\b')):
        assert lab.pam('sshd', 'ada', 'auth', 'account', 'open', answers=[lab.PASSWORD], rhost=rhost) == [0, 0, 0]
        assert f' {shown} ' in uadmctl('session', 'list', '--history', rc=0).out
        assert shown.replace('\\b', r'\x5cb') in uadmctl('audit', 'list', rc=0).out.splitlines()[-1]
