"""P22: a suspension ends what runs, all of it, and nothing of anybody else's; so does the end of
validity (P7), within a minute. What uadmctl calls done is done: nothing is waited for after it."""
import contextlib
import os
import signal
import sqlite3
import subprocess
import threading

import pytest

import lab
from lab import LOCAL, LOCAL_PASSWORD, PASSWORD, add_user, poll, show, uadmctl

PAST, FUTURE = '2001-01-01', '2099-01-01'
NO_LOGIN = 4294967295


def uid_of(name):
    return int(lab.getent('passwd', name)[2])


def facts(pid):
    """uids and login uid of a process that is not dead, or None."""
    try:
        with open(f'/proc/{pid}/status', encoding='utf-8', errors='replace') as f:
            status = dict(line.split(':', 1) for line in f.read().splitlines())
        with open(f'/proc/{pid}/loginuid', encoding='ascii') as f:
            login = int(f.read())
    except (OSError, ValueError):
        return None
    if status['State'].split()[0] in 'ZX' and int(status['Threads']) == 1:
        return None
    return {int(uid) for uid in status['Uid'].split()}, login


def is_uadmctl(pid):
    """By the file that it runs, which a process cannot make up as it can its name."""
    with contextlib.suppress(OSError):
        return os.path.samefile(f'/proc/{pid}/exe', '/usr/sbin/uadmctl')
    return False


def is_round_of_ours(pid):
    """A child of uadmctl that may have become the user, to end all that is the user's (process_kill.c)."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as f:
            parent = int(f.read().rpartition(')')[2].split()[1])
        return is_uadmctl(pid) and is_uadmctl(parent) and (facts(parent) or [None])[0] == {0}
    return False


def theirs(uid):
    """pids of what runs as this uid or came from its login. Of uadmctl's own rounds only one that
    stays: it ends by itself. What a process is was asked before, of one that is there still."""
    seen = [(int(pid), is_round_of_ours(pid), facts(pid)) for pid in os.listdir('/proc') if pid.isdigit()]
    found = {pid: is_round for pid, is_round, f in seen if f is not None and (uid in f[0] or uid == f[1])}

    def stays(pid):
        with contextlib.suppress(AssertionError):
            return not poll(lambda: facts(pid) is None, 'a round to end')
        return True
    return {pid for pid, is_round in found.items() if not is_round or stays(pid)}


def watchers():
    """What uadmctl has left behind, for a moment."""
    def is_one(pid):
        with contextlib.suppress(OSError), open(f'/proc/{pid}/comm', encoding='utf-8') as f:
            return f.read() == 'uadmctl\n' and facts(pid) is not None
        return False
    return [pid for pid in os.listdir('/proc') if pid.isdigit() and is_one(pid)]


def start(*command, login=None, **more):
    """A child of ours. `login`: the login uid that it and its children have."""
    if login is not None:
        command = ['sh', '-c', 'echo "$0" >/proc/self/loginuid && exec "$@"', str(login), *command]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=lab.ENVIRONMENT, cwd='/',
                            start_new_session=True, **more)


def lives(child):
    return child.poll() is None


def python(code, *args, **more):
    return start('/usr/bin/python3', '-B', '-c', code, *map(str, args), **more)


def has_login_uids():
    done = lab.run('sh', '-c', 'echo 4242 >/proc/self/loginuid && cat /proc/self/loginuid')
    return done.out == '4242'


needs_login_uids = pytest.mark.skipif(not has_login_uids(), reason='this kernel lets no login uid be set (audit)')


@pytest.fixture
def two(host):
    add_user('ada')
    add_user('eve')
    return uid_of('ada')


def suspend(name, *options):
    """The JSON of one suspension."""
    return uadmctl('user', 'suspend', name, '--json', *options, rc=0).json[0]


# What somebody may have running. Each returns when it runs.

def as_ids(real, effective, saved, rest='signal.pause()'):
    child = python('import os,signal,sys\n'
                   'os.setresuid(*map(int, sys.argv[1:4]))\n' + rest, real, effective, saved)
    poll(lambda: facts(child.pid) and {real, effective, saved} <= facts(child.pid)[0], 'the ids')
    return child


def plain(uid):
    as_ids(uid, uid, uid)


def setuid_program(uid):
    as_ids(uid, 0, 0)


def effective_id(uid):
    as_ids(uid_of('eve'), uid, uid_of('eve'))


def saved_id(uid):
    as_ids(0, 0, uid)


def deaf(uid):
    as_ids(uid, uid, uid, 'signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\n'
           'open("/tmp/deaf", "w").close()\nwhile True: signal.pause()')
    poll(lambda: os.path.exists('/tmp/deaf'), 'the signals to be blocked')


def stopped(uid):
    child = as_ids(uid, uid, uid)
    child.send_signal(signal.SIGSTOP)
    poll(lambda: 'T (stopped)' in open(f'/proc/{child.pid}/status', encoding='utf-8').read(), 'it to stop')


def first_thread_gone(uid):
    """It looks like a zombie, and another thread of it goes on."""
    child = as_ids(uid, uid, uid, 'import ctypes,threading\n'
                   'threading.Thread(target=signal.pause).start()\n'
                   'ctypes.CDLL(None).pthread_exit(None)')
    poll(lambda: 'Z (zombie)' in open(f'/proc/{child.pid}/status', encoding='utf-8').read(), 'the thread to end')
    assert facts(child.pid) is not None


def sudo_by_another(uid):
    lab.sudoers('eve ALL=(ALL:ALL) NOPASSWD: ALL')
    start(*lab.as_user('eve', ['sudo', '-n', '-u', 'ada', 'sleep', '999']))
    poll(lambda: theirs(uid), 'sudo')


def su_that_its_user_killed(uid):
    """The shell stays, and so does what it started."""
    child = lab.spawn('su', '-', 'ada', user=LOCAL)
    child.expect('assword: ?')
    child.send(PASSWORD + '\r')
    child.expect(r'\$ $')
    child.send('trap "" HUP; nohup sleep 999 >/tmp/nohup 2>&1 & echo begun\r')
    child.expect('begun\r\n')
    lab.run('kill', '-KILL', str(child.pid), user=LOCAL, rc=0)
    child.wait()
    lab.kept = child  # its terminal must not close
    assert theirs(uid)


def many(uid):
    """As fast as they can, up to a limit of their own: they are replaced while one looks."""
    child = python('import os,resource,signal,sys\n'
                   'uid = int(sys.argv[1])\n'
                   'resource.setrlimit(resource.RLIMIT_NPROC, (200, 200))\n'
                   'os.setresuid(uid, uid, uid)\n'
                   'signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n'
                   'for n in range(30):\n'
                   '    if os.fork() == 0: break\n'
                   'while True:\n'
                   '    try:\n'
                   '        if os.fork() != 0: os._exit(0)\n'
                   '    except OSError: pass\n', uid)
    poll(lambda: len(theirs(uid)) > 20, 'the fork bomb')
    return child


@pytest.mark.parametrize('begin', [
    plain, setuid_program, effective_id, saved_id, deaf, stopped, first_thread_gone, sudo_by_another,
    su_that_its_user_killed, many])
def test_P22_all_of_it_ends(two, begin):
    others = [as_ids(uid, uid, uid) for uid in (uid_of('eve'), uid_of(LOCAL), 0)]
    begin(two)
    assert theirs(two)
    result = suspend('ada')
    assert theirs(two) == set()
    assert result['result'] == 'suspended' and result['changed'] is True
    assert result['processes_ended'] >= 1
    assert all(map(lives, others))
    assert uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json[-1]['action'] == 'user.end-processes'


def test_theirs_hides_nobody(two):
    """Neither who runs uadmctl nor who has taken its name is left out; a round of uadmctl's is."""
    named = as_ids(two, two, two, 'import ctypes\nctypes.CDLL(None).prctl(15, b"uadmctl")\n'  # PR_SET_NAME
                   'open("/tmp/named", "w").close()\nsignal.pause()')
    poll(lambda: os.path.exists('/tmp/named'), 'the name')
    full, end = os.pipe()
    os.set_blocking(end, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(end, b'.'):
            pass
    os.set_blocking(end, True)
    runs = start('setpriv', f'--reuid={two}', '--clear-groups', 'uadmctl', 'help', stdout=end)  # waits for room
    poll(lambda: is_uadmctl(runs.pid), 'uadmctl')
    assert theirs(two) == {named.pid, runs.pid} and not is_round_of_ours(runs.pid)
    os.close(full)
    os.close(end)
    for child in named, runs:
        child.kill()
        child.wait()
    # One whose round is held while it is the user's.
    add_user('bob')
    uid = uid_of('bob')
    watch = start('strace', '-f', '-o', '/dev/null', '-e', 'trace=kill', '-e', 'inject=kill:delay_enter=300000',
                  'uadmctl', 'user', 'suspend', 'bob')
    held = poll(lambda: [pid for pid in os.listdir('/proc') if pid.isdigit() and is_round_of_ours(pid) and
                         (facts(pid) or [None])[0] == {uid}], 'the round')
    assert held and theirs(uid) == set()
    watch.wait(lab.SECONDS)
    poll(lambda: not watchers(), 'the watch to end')


def test_P22_a_container_of_theirs(two):
    """Another uid in a user namespace that the user made, and from no login: no look finds it, and
    the kernel's own round does."""
    code = ('import ctypes,os,signal,sys\nos.setresuid(*[int(sys.argv[1])] * 3)\n'
            'if ctypes.CDLL(None).unshare(0x10000000) != 0: sys.exit("no")\n'  # CLONE_NEWUSER
            'print("made", flush=True)\nsys.stdin.read(1)\n'
            'if os.fork() == 0:\n    os.setresuid(1, 1, 1)\n    print(os.getpid(), flush=True)\nsignal.pause()')
    made = subprocess.Popen(['/usr/bin/python3', '-B', '-c', code, str(two)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, env=lab.ENVIRONMENT, cwd='/')
    if made.stdout.readline() != b'made\n':
        pytest.skip('users may not make user namespaces here')
    with open(f'/proc/{made.pid}/uid_map', 'w', encoding='ascii') as f:
        f.write(f'0 {two} 1\n1 1234567 1\n')
    made.stdin.write(b'.')
    made.stdin.close()
    inner = int(made.stdout.readline())
    assert facts(inner) == ({1234567}, NO_LOGIN)
    suspend('ada')
    assert theirs(two) == set()
    poll(lambda: facts(inner) is None, 'the other uid to end')


# Root that acts as them for a moment, as sshd does at the authorized_keys, and NFS and Samba all day

def borrow(uid, **more):
    """With the effective id, and with the file system id."""
    code = 'import ctypes,os,signal,sys\nuid = int(sys.argv[1])\n{}\nprint("it is", flush=True)\nsignal.pause()'
    both = [python(code.format(how), uid, stdout=subprocess.PIPE, **more)
            for how in ('os.seteuid(uid)', 'ctypes.CDLL(None).setfsuid(uid)')]
    assert [child.stdout.readline() for child in both] == [b'it is\n'] * 2
    assert [facts(child.pid)[0] for child in both] == [{0, uid}] * 2
    return both


def test_P22_root_that_borrows_goes_on(two):
    """It serves others too: neither ended nor waited for nor told of, and the user's own still ends."""
    both, own = borrow(two), as_ids(two, two, two)
    done = uadmctl('user', 'suspend', 'ada', rc=0)
    assert (done.out, done.err) == ('ada: suspended, 1 process ended\n', '')
    assert not lives(own)
    poll(lambda: not watchers(), 'the watch to end')
    done = uadmctl('maintain', rc=0)
    assert (done.out, done.err) == ('', '') and all(map(lives, both))


@needs_login_uids
def test_P22_root_from_their_login_that_borrows(two):
    both = borrow(two, login=two)
    assert suspend('ada')['processes_ended'] == 2
    assert not any(map(lives, both))


# Subordinate uids: of no login, and in no namespace but ours

FIRST, LAST = 2000000, 2065535
RANGE = f'{FIRST}:{LAST - FIRST + 1}'


def subuid(*lines):
    with open('/etc/subuid', 'w', encoding='ascii') as f:
        f.write(''.join(f'{line}\n' for line in lines))


@pytest.mark.parametrize('line', [f'ada:{RANGE}', f'%d:{RANGE}', f'nonsense\nada:{LAST}:1\nada:{RANGE}'])
def test_P22_subordinate_uids(two, line):
    subuid(line.replace('%d', str(two)))
    children = [as_ids(*ids) for ids in (
        [FIRST] * 3, [LAST] * 3, (FIRST + 1, 0, 0), (0, 0, FIRST + 2), (two, FIRST, FIRST))]
    others = [as_ids(*ids) for ids in ([FIRST - 1] * 3, [LAST + 1] * 3, (0, FIRST, 0))]
    result = suspend('ada')
    assert result['processes_ended'] == len(children), result
    assert not any(map(lives, children)) and all(map(lives, others))
    assert theirs(FIRST) == {others[-1].pid} and theirs(LAST) == set()
    rows = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    assert (rows[-1]['action'], rows[-1]['detail']) == ('user.end-processes', f'count={len(children)}')


def test_P22_a_fork_bomb_of_a_subordinate_uid(two):
    subuid(f'ada:{RANGE}')
    many(FIRST)
    assert suspend('ada')['processes_ended'] >= 1
    assert theirs(FIRST) == set()


@pytest.mark.parametrize('lines,uid', [
    ((f'eve:{RANGE}',), FIRST),                       # another's
    ((f'ada:{RANGE}', f'eve:{RANGE}'), FIRST),        # another's, too
    ((f'root:{FIRST}:1', f'ada:{RANGE}'), FIRST),
    (('ada:2000000:65536:', 'ada:2000000:-1', 'ada 2000000 65536'), FIRST),
    (('ada:1000:4294960000',), 'eve'),                # much too wide: whose uid it is
    (('ada:1000:4294960000',), LOCAL),
    (('ada:1:4294967294',), 'nobody'),
    (('ada:0:4294967295', 'ada:0:4294967294'), 'root'),
    (('ada:1000:4294960000',), 61184),                # a DynamicUser= of systemd's
])
def test_P22_no_subordinate_uid_of_theirs(two, lines, uid):
    uid = uid if isinstance(uid, int) else uid_of(uid)
    subuid(*lines)
    child, own = as_ids(uid, uid, uid), as_ids(two, two, two)
    assert suspend('ada')['processes_ended'] == 1
    poll(lambda: not watchers(), 'the watch to end')
    assert lives(child) and not lives(own)


def test_P22_a_line_of_a_local_user_of_that_name(two):
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write('ada:x:7777:7777::/tmp:/bin/sh\n')
    subuid(f'ada:{RANGE}')
    child = as_ids(FIRST, FIRST, FIRST)
    assert suspend('ada')['processes_ended'] == 0
    poll(lambda: not watchers(), 'the watch to end')
    assert lives(child)


def test_P22_one_range_of_two_users(two):
    """It ends with the second of them: at once, or by maintain."""
    subuid(f'ada:{RANGE}', f'eve:{RANGE}')
    child = as_ids(FIRST, FIRST, FIRST)
    done = uadmctl('user', 'suspend', '--from', '-', input='ada\neve\n', rc=0)
    assert done.out == 'ada: suspended, 1 process ended\neve: suspended\n' and not lives(child)
    uadmctl('user', 'resume', 'ada', 'eve', rc=0)
    poll(lambda: not watchers(), 'the watch to end')
    child = as_ids(FIRST, FIRST, FIRST)
    for name in 'ada', 'eve':
        assert uadmctl('maintain', rc=0).out == '' and lives(child)
        uadmctl('user', 'set', name, '--expires', PAST, rc=0)
    assert 'expired, 1 process ended\n' in uadmctl('maintain', rc=0).out and not lives(child)


def test_P7_maintain_finds_subordinate_uids(two):
    """Nothing else of the user's runs; nor is there a user any more, the next time."""
    subuid(f'ada:{RANGE}')
    child = as_ids(FIRST, FIRST, FIRST)
    assert uadmctl('maintain', rc=0).out == '' and lives(child)
    uadmctl('user', 'set', 'ada', '--expires', PAST, rc=0)
    said = uadmctl('maintain', '--dry-run', rc=0).out
    assert said == f'ada: would be expired, 1 process to end:\n  {child.pid} python3\n' and lives(child)
    assert uadmctl('maintain', rc=0).out == 'ada: expired, 1 process ended\n'
    assert not lives(child)
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    poll(lambda: not watchers(), 'the watch to end')
    child = as_ids(FIRST, FIRST, FIRST)
    assert uadmctl('maintain', rc=0).out == 'ada: deleted, 1 process ended\n'
    assert not lives(child)


def open_sessions():
    with contextlib.closing(sqlite3.connect('/var/lib/uadm/store/uadm.db')) as db:
        return db.execute('SELECT count(*) FROM session WHERE closed_at IS NULL').fetchone()[0]


def ssh(server, user, script):
    """A session that said `ready`."""
    server.authorize(user)
    child = subprocess.Popen(server.command(user, 'publickey', remote=[f'{script}\necho ready\nwait']),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=lab.ENVIRONMENT, cwd='/')
    assert child.stdout.readline() == b'ready\n'
    return child


def test_P22_ssh(two, sshd):
    """A real session: shell, background, nohup, setsid; its records are closed."""
    server = sshd()
    session = ssh(server, 'ada', 'sleep 991 & nohup sleep 992 >/dev/null 2>&1 & setsid -f sleep 993 >/dev/null 2>&1')
    other = ssh(server, 'eve', 'sleep 994 &')
    assert len(theirs(two)) >= 4 and open_sessions() == 2
    assert suspend('ada')['processes_ended'] >= 4
    assert theirs(two) == set()
    assert session.wait(lab.SECONDS) == 255
    assert lives(other) and theirs(uid_of('eve')) and server.running()
    assert open_sessions() == 1
    assert server.login_key('ada').rc == 255 and server.login_key('eve').rc == 0


@needs_login_uids
def test_P22_root_by_sudo(two, sshd):
    """Root shells, jobs in another name, in the background or not, from a login of the user's:
    pam_loginuid has marked them."""
    lab.sudoers('ada ALL=(ALL:ALL) NOPASSWD: ALL')
    session = ssh(sshd(), 'ada', 'sudo -n sleep 991 & sudo -n -u eve sleep 992 & '
                  'sudo -n sh -c "trap \\"\\" HUP TERM; sleep 993; exec sleep 994" & '
                  'until pgrep -f "^sleep 993"; do :; done >/dev/null')
    poll(lambda: len(lab.run('pgrep', '-f', '^sleep 99[123]').out.split()) == 3, 'sudo')
    suspend('ada')
    assert theirs(two) == set()
    assert lab.run('pgrep', '-f', '^sleep 99').rc == 1
    session.wait(lab.SECONDS)


def test_P22_leader(two):
    """Root's process that opened a session of this user's and nobody else's: by the record."""
    code = ('import runpy,signal,sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name="__main__")\n'
            'sys.stdout.flush()\nsignal.pause()')
    lone, both = (python(code, lab.PAM_PROGRAM, 'su', 'ada', '', 'open', stdout=subprocess.PIPE) for _ in 'ab')
    assert lone.stdout.readline() == both.stdout.readline() == b'0\n'
    with contextlib.closing(sqlite3.connect('/var/lib/uadm/store/uadm.db')) as db:
        db.execute('INSERT INTO session (uid, service, leader, leader_start, boot_id, opened_at) SELECT '
                   f"{uid_of('eve')}, service, leader, leader_start, boot_id, 1 FROM session WHERE leader = {both.pid}")
        db.commit()
    suspend('ada')
    assert lone.wait(lab.SECONDS) == -signal.SIGKILL
    assert lives(both)


@needs_login_uids
def test_P22_a_daemon_is_spared(two):
    """sshd that ada once restarted by sudo, with all that serves others; not what serves ada."""
    lab.keys()
    with open('/keys/by-hand', 'w', encoding='ascii') as f:
        f.write('Port 2190\nListenAddress 127.0.0.1\nHostKey /keys/host\nPidFile /tmp/sshd.pid\nUsePAM yes\n'
                'AuthorizedKeysFile /keys/authorized/%u\nPasswordAuthentication no\n')
    start('/usr/sbin/sshd', '-f', '/keys/by-hand', login=two).wait()
    pid = int(poll(lambda: os.path.exists('/tmp/sshd.pid') and open('/tmp/sshd.pid', encoding='ascii').read(), 'sshd'))
    assert facts(pid) == ({0}, two)
    worker = 'import os,signal\nif os.fork(): os._exit(0)\nos.setsid()\n' \
             'if os.fork() == 0: os.setresuid(65534, 65534, 65534)\nsignal.pause()'
    python(worker, login=two).wait()
    poll(lambda: [p for p in theirs(two) if facts(p) and 65534 in facts(p)[0]], 'the worker')

    class Server(lab.Sshd):
        def __init__(self):
            self.port = 2190

    others, own = ssh(Server(), 'eve', 'sleep 991 &'), ssh(Server(), 'ada', 'sleep 992 &')
    before = theirs(two)
    done = uadmctl('user', 'suspend', 'ada', rc=0)
    assert 'warning: ada: sshd' in done.err and f'(pid {pid})' in done.err, done
    assert own.wait(lab.SECONDS) == 255
    left = theirs(two)
    assert pid in left and left < before
    assert len([p for p in left if 65534 in facts(p)[0]]) == 1
    assert {p for p in left if two in facts(p)[0]} == set()
    poll(lambda: not watchers(), 'the watch to end')
    assert lives(others) and theirs(two) == left
    assert Server().login_key('eve').rc == 0
    # Of no concern each minute, but never mistaken for the user's own later either.
    assert uadmctl('maintain', rc=0).out == '' and theirs(two) == left


def test_uadmd_goes_on(two):
    """Whose su waits at its prompt is not disturbed by another's suspension."""
    child = lab.spawn('su', '-', 'eve', '-c', 'id -un', user=LOCAL)
    child.expect('assword: ?')
    plain(two)
    suspend('ada')
    child.send(PASSWORD + '\r')
    child.expect('eve\r\n')
    child.close(force=True)


@needs_login_uids
def test_own_session(two, sshd):
    """Who suspends themselves by sudo reads the answer; everything else of theirs is gone, and the
    session, which may go on starting things, with the next maintain."""
    lab.sudoers('ada ALL=(ALL:ALL) NOPASSWD: ALL')
    server = sshd()
    elsewhere = ssh(server, 'ada', 'sleep 991 &')
    child = lab.spawn(*server.command('ada', 'publickey', remote=(), options=('-tt',)))
    child.expect(r'\$ $')
    child.send('sleep 992 &\r')
    child.expect(r'\$ $')
    child.send('sudo -n uadmctl user suspend ada; echo status $?\r')
    child.expect('ada: suspended, .* ended')
    child.expect('this very session is theirs')
    child.expect('status 0')
    assert elsewhere.wait(lab.SECONDS) == 255
    assert watchers()
    child.send('sleep 993 & sleep 0; echo begun-$?\r')
    child.expect('begun-0')
    poll(lambda: not watchers(), 'the watch to end')
    assert lab.run('pgrep', '-f', '^sleep 991').rc == 1
    assert len(lab.run('pgrep', '-f', '^sleep 99[23]').out.split()) == 2
    child.send('echo still-$((40 + 2))\r')
    child.expect('still-42')
    uadmctl('maintain', rc=0)
    assert theirs(two) == set()
    child.expect(lab.pexpect.EOF)


# Logins on their way

def test_P22_logins_that_race(two):
    """Whatever is let in around a suspension: nobody is in after it, and nobody gets in."""
    begun, over = threading.Semaphore(0), threading.Event()

    def knock():
        while not over.is_set():
            child = start('su', 'ada', '-c', 'sleep 999', stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            begun.release()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(0.3)

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for t in threads:
        t.start()
    for _ in range(24):
        begun.acquire()
    poll(lambda: theirs(two), 'somebody to be in')
    suspend('ada')
    for _ in range(24):
        begun.acquire()
    over.set()
    for t in threads:
        t.join()
    poll(lambda: not theirs(two), 'everybody to be out', 4)
    poll(lambda: not watchers(), 'the watch to end')
    assert theirs(two) == set()


def test_P22_a_login_without_a_session(two):
    """As dovecot does: account before, the user's ids after the suspension, and no session that
    could refuse."""
    code = ('import os,runpy,signal,sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name="__main__")\n'
            'sys.stdout.flush()\nopen("/tmp/go").read()\n'
            f'os.setresuid({two}, {two}, {two})\nwhile True: signal.pause()')
    os.mkfifo('/tmp/go')
    child = python(code, lab.PAM_PROGRAM, 'sshd', 'ada', '', 'account', stdout=subprocess.PIPE)
    assert child.stdout.readline() == b'0\n'
    with open('/tmp/go', 'w', encoding='ascii'):
        assert suspend('ada')['processes_ended'] == 0
    assert child.wait(lab.SECONDS) == -signal.SIGKILL


def test_resumed_at_once(two):
    """The watch asks the store before it ends anything: a resumed user's login is left alone."""
    suspend('ada')
    uadmctl('user', 'resume', 'ada', rc=0)
    child = as_ids(two, two, two)
    uadmctl('user', 'set', 'ada', '--expires', PAST, rc=0)
    poll(lambda: not watchers(), 'the watch to end')
    assert lives(child)
    assert uadmctl('maintain', rc=0).out == 'ada: expired, 1 process ended\n'


def test_the_watch_ends_with_the_last_resume(two):
    """Stopped after its own round, which ends things without a look, so that it is no question of time."""
    def waits(pid):
        with open(f'/proc/{pid}/syscall', encoding='ascii') as f:
            return f.read().split()[2:3] == ['0x0']  # poll() of nothing
    suspend('ada')
    pids = [int(pid) for pid in watchers() if not is_round_of_ours(pid)]
    for pid in pids:
        poll(lambda pid=pid: waits(pid), 'the watch to wait')
        os.kill(pid, signal.SIGSTOP)
    child = as_ids(two, two, two)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    assert pids and child.wait(lab.SECONDS) == -signal.SIGKILL
    uadmctl('user', 'resume', 'ada', rc=0)
    poll(lambda: not watchers(), 'the watch to end')
    last = [r for r in uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
            if r['action'] == 'user.end-processes']
    assert [r['detail'] for r in last] == ['count=1']


@needs_login_uids
def test_a_root_process_on_its_way_is_answered(two):
    """pam_loginuid has marked it before our session line: it reads the refusal."""
    suspend('ada')
    assert watchers()
    child = start('/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', 'ada', '', 'open', login=two,
                  stdout=subprocess.PIPE)
    assert child.wait(lab.SECONDS) == 0 and child.stdout.read() == b'6\n'  # PAM_PERM_DENIED


@pytest.mark.parametrize('option,says', [
    (('--expires', PAST), 'has ended already'), (('--valid-from', FUTURE), 'has not begun yet')])
def test_set_says_when_it_ends(two, option, says):
    assert f'ada: {says}; what runs ends within a minute' in uadmctl('user', 'set', 'ada', *option, rc=0).err
    assert uadmctl('user', 'set', 'eve', *option, '--json', rc=0).err == ''
    assert uadmctl('user', 'set', 'ada', '--expires', FUTURE, '--valid-from', PAST, rc=0).err == ''


# The verb

def test_keep_sessions(two):
    child = as_ids(two, two, two)
    assert suspend('ada', '--keep-sessions')['changed'] is True
    assert show('ada')['status'] == 'suspended' and lab.pam('sshd', 'ada', 'account') != [0]
    assert uadmctl('maintain', rc=0).out == ''
    assert suspend('ada', '--keep-sessions')['changed'] is False
    assert lives(child)
    again = suspend('ada')
    assert again['changed'] is True and again['processes_ended'] == 1
    assert not lives(child)
    # resume forgets it
    suspend('ada', '--keep-sessions')
    uadmctl('user', 'resume', 'ada', rc=0)
    child = as_ids(two, two, two)
    suspend('ada')
    assert not lives(child)


def test_dry_run_names(two):
    child = as_ids(two, two, two)
    said = uadmctl('user', 'suspend', 'ada', '--dry-run', rc=0).out
    assert said == f'ada: would be suspended, 1 process to end:\n  {child.pid} python3\n'
    result = suspend('ada', '--dry-run')
    assert result['processes'] == [{'pid': child.pid, 'command': 'python3'}] and result['dry_run'] is True
    assert lives(child) and show('ada')['status'] == 'active' and not watchers()


def test_a_name_of_a_process_is_escaped(two):
    as_ids(two, two, two, 'import ctypes\nctypes.CDLL(None).prctl(15, b"a\\x1b[2Jb\\n)")\n'  # PR_SET_NAME
           'open("/tmp/named", "w").close()\nsignal.pause()')
    poll(lambda: os.path.exists('/tmp/named'), 'the name')
    said = uadmctl('user', 'suspend', 'ada', '--dry-run', rc=0).out
    assert '\x1b' not in said and len(said.splitlines()) == 2, said
    suspend('ada')
    assert theirs(two) == set()


def test_many_at_once(two):
    add_user('bob')
    uids = [uid_of(name) for name in ('ada', 'eve', 'bob')]
    children = [as_ids(uid, uid, uid) for uid in uids for _ in range(2)]
    done = uadmctl('user', 'suspend', '--from', '-', input='ada\nnobody-here\neve\nada\nbob\n', rc=67)
    assert done.out.splitlines() == [
        'ada: suspended, 2 processes ended', 'eve: suspended, 2 processes ended', 'ada: suspended already',
        'bob: suspended, 2 processes ended']
    assert 'stdin:2: nobody-here' in done.err
    assert not any(map(lives, children))


def test_delete_ends(two):
    child = as_ids(two, two, two)
    assert uadmctl('user', 'delete', 'ada', '--yes', rc=0).out == 'ada: deleted, 1 process ended\n'
    assert not lives(child)


def test_what_cannot_be_ended_is_named(two):
    child = as_ids(two, two, two)
    done = lab.run('strace', '-f', '-o', '/dev/null', '-e', 'trace=kill,pidfd_send_signal',
                   '-e', 'inject=kill,pidfd_send_signal:error=EPERM', 'uadmctl', 'user', 'suspend', 'ada')
    assert done.rc == 75 and f'python3 (pid {child.pid}) cannot be ended' in done.err, done
    assert show('ada')['status'] == 'suspended'
    poll(lambda: not watchers(), 'the watch to end')
    assert lives(child)
    assert suspend('ada')['processes_ended'] == 1


@pytest.mark.parametrize('again', [('user', 'suspend', 'ada'), ('maintain',)])
def test_killed_in_the_middle(two, again):
    """kill -9 at the first process that is to end: whoever comes next finishes it."""
    children = [as_ids(two, two, two) for _ in range(3)]
    done = lab.run('strace', '-o', '/dev/null', '-e', 'trace=clone,clone3,fork,vfork',
                   '-e', 'inject=clone,clone3,fork,vfork:signal=KILL:when=1', 'uadmctl', 'user', 'suspend', 'ada')
    assert done.rc == -signal.SIGKILL, done
    assert show('ada')['status'] == 'suspended' and any(map(lives, children)) and not watchers()
    assert '3 processes ended' in uadmctl(*again, rc=0).out
    assert theirs(two) == set()


# The end of validity

@pytest.mark.parametrize('option', [('--expires', PAST), ('--valid-from', FUTURE)])
def test_P7_maintain_ends_what_is_over(two, option):
    child, other = as_ids(two, two, two), as_ids(*[uid_of('eve')] * 3)
    uadmctl('user', 'set', 'eve', '--valid-from', PAST, '--expires', FUTURE, rc=0)
    assert uadmctl('maintain', rc=0).out == '' and lives(child)
    uadmctl('user', 'set', 'ada', *option, rc=0)
    status = show('ada')['status']
    assert uadmctl('maintain', '--dry-run', rc=0).out == \
        f'ada: would be {status}, 1 process to end:\n  {child.pid} python3\n'
    assert lives(child)
    assert uadmctl('maintain', rc=0).out == f'ada: {status}, 1 process ended\n'
    assert not lives(child) and lives(other)
    rows = uadmctl('audit', 'list', '--json', rc=0).json
    assert uadmctl('maintain', '--json', rc=0).out == '[]\n'
    assert uadmctl('audit', 'list', '--json', rc=0).json == rows
    assert [(r['action'], r['target'], r['detail']) for r in rows][-1] == ('user.end-processes', 'ada', 'count=1')


def test_maintain_beside_itself(two):
    children = [as_ids(two, two, two) for _ in range(5)]
    uadmctl('user', 'set', 'ada', '--expires', PAST, rc=0)
    both = [start('uadmctl', 'maintain') for _ in range(3)]
    assert [b.wait(lab.SECONDS) for b in both] == [0, 0, 0]
    assert not any(map(lives, children))


def test_maintain_and_the_deleted(two):
    """A crash after a deletion leaves processes of nobody's; but a uid that a local user carries by
    now is that user's."""
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    poll(lambda: not watchers(), 'the watch to end')
    child = as_ids(two, two, two)
    assert uadmctl('maintain', rc=0).out == 'ada: deleted, 1 process ended\n'
    assert not lives(child)
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write(f'mine:x:{two}:{two}::/tmp:/bin/sh\n')
    child = as_ids(two, two, two)
    assert uadmctl('maintain', rc=0).out == ''
    assert lives(child)


def test_a_local_uid_is_left_alone(two):
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write(f'mine:x:{two}:{two}::/tmp:/bin/sh\n')
    child = as_ids(two, two, two)
    done = uadmctl('user', 'suspend', 'ada', rc=0)
    assert f'/etc/passwd has the uid {two}, too' in done.err, done
    poll(lambda: not watchers(), 'the watch to end')
    assert lives(child)


def test_maintain_without_a_store(machine):
    done = uadmctl('maintain', rc=0)
    assert (done.out, done.err) == ('', '')


def test_cron_runs_it():
    """The line that is installed is one that cron takes: six fields, and the command is the one."""
    with open('/etc/cron.d/uadm', encoding='ascii') as f:
        lines = [line for line in f.read().splitlines() if line and not line.startswith('#')]
    assert len(lines) == 1
    *when, user, command = lines[0].split(None, 6)
    assert when == ['*'] * 5 and user == 'root'
    assert lab.run('sh', '-c', command, rc=0).err == ''
    assert os.stat('/etc/cron.d/uadm').st_mode & 0o7777 == 0o644
