"""P27: whoever calls su or sudo cannot stop, starve or kill the decision; others' logins go on and
nothing goes uncounted. The store is watched while uadmd is held at its most tender spot."""
import os
import signal

import pytest

import lab
from lab import LOCAL, PASSWORD, WRONG, add_user, show

SHIPPED_HASHES = True
LONG = True
UADMD = '/usr/libexec/uadm/uadmd'


def uadmds():
    """(pid, real uid, session id, state) of each uadmd."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/status', encoding='utf-8') as f:
                status = dict(line.split(':', 1) for line in f.read().splitlines() if ':' in line)
            with open(f'/proc/{pid}/stat', encoding='utf-8') as f:
                stat = f.read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        if status['Name'].strip().startswith('uadmd'):
            found.append((int(pid), status['Uid'].split(), int(stat[3]), stat[0], status))
    return found


def at_prompt(target='ada', user=LOCAL):
    """su as it asks for the password, its uadmd behind it."""
    child = lab.spawn('su', '-', target, '-c', 'id -un', user=user)
    child.expect('assword: ?')
    lab.poll(uadmds, 'uadmd to be there')
    return child


def others_go_on():
    """Another login, begun now, ends well; bounded by run()."""
    assert lab.pam('sshd', 'eve', 'auth', 'account', answers=[PASSWORD], rhost='192.0.2.7') == [0, 0]


@pytest.fixture
def two(host):
    add_user('ada')
    add_user('eve')
    return host


def test_uadmd_is_out_of_reach(two):
    """Its ids are root's, its session is its own, it is not dumpable, and the user who runs su may
    neither stop nor kill it nor look into it."""
    child = at_prompt()
    for pid, uids, session, _, status in uadmds():
        assert uids == ['0'] * 4 and status['Gid'].split() == ['0'] * 4, status
        assert status['Groups'].split() in ([], ['0']), status
        assert session != os.getsid(child.pid)
        ignored = sum(1 << (s - 1) for s in (signal.SIGPIPE, signal.SIGXFSZ))  # by uadmd itself
        assert int(status['SigBlk'], 16) == 0 and int(status['SigIgn'], 16) & ~ignored == 0, status
        for name in ('STOP', 'KILL', 'TERM', 'CONT', 'HUP', 'TSTP', 'ALRM'):
            assert lab.run('kill', f'-{name}', str(pid), user=LOCAL).rc != 0
        assert lab.run('cat', f'/proc/{pid}/environ', user=LOCAL).rc != 0
        assert open(f'/proc/{pid}/environ').read() == ''
        assert os.readlink(f'/proc/{pid}/cwd') == '/'
        assert os.stat(f'/proc/{pid}').st_uid == 0
    child.send(PASSWORD + '\r')
    child.expect('ada')
    child.close(force=True)


@pytest.mark.parametrize('how', ['stop', 'kill', 'tty'])
def test_su_stopped_and_killed_at_the_prompt(two, how):
    """su itself has the user's real uid: stopping or killing it holds nothing up."""
    child = at_prompt()
    if how == 'tty':
        child.send('\x1a')  # ^Z
    else:
        lab.run('kill', '-STOP' if how == 'stop' else '-KILL', str(child.pid), user=LOCAL)
    others_go_on()
    child.close(force=True)
    lab.poll(lambda: not uadmds(), 'uadmd to go with its caller')
    assert show('ada')['failed_attempts'] == 0  # no answer, no charge
    others_go_on()


@pytest.mark.parametrize('name', ['STOP', 'KILL', 'TERM', 'INT', 'TSTP'])
def test_signals_while_the_password_is_checked(two, name):
    """The answer is on its way and the user does what the user can to everything in reach, su and
    its group: the wrong password counts."""
    for n in range(3):
        child = at_prompt()
        child.send(WRONG + '\r')
        lab.run('kill', f'-{name}', str(child.pid), user=LOCAL)
        others_go_on()
        child.close(force=True)
        lab.poll(lambda: not uadmds(), 'uadmd to end')
        # Stopped or killed before it sent the answer on: then nothing was verified either.
        assert show('ada')['failed_attempts'] <= n + 1
    assert show('ada')['status'] == 'active'  # a local source never locks anybody out


def may_raise_limits():
    """CAP_SYS_RESOURCE: some containers lack it, and then nobody can raise a hard limit again.
    There the soft ones are tried, which the caller can lower as well."""
    with open('/proc/self/status', encoding='ascii') as f:
        effective = next(line for line in f if line.startswith('CapEff'))
    return bool(int(effective.split()[1], 16) >> 24 & 1)


def limits(**wanted):
    mark = '' if may_raise_limits() else ':'
    return ['prlimit', *(f'--{name}={value}{mark}' for name, value in wanted.items())]


WORST = {
    'fsize': limits(fsize=0), 'cpu': limits(cpu=1), 'nofile': limits(nofile=16), 'data': limits(data=4 << 20),
    'stack': limits(stack=1 << 20, core=0), 'nice': ['nice', '-n', '19'], 'idle': ['chrt', '--idle', '0'],
    'affinity': ['taskset', '-c', '0'], 'ionice': ['ionice', '-c', '3'],
    'signals': ['sh', '-c', 'umask 0777; trap "" PIPE CHLD HUP TERM ALRM XFSZ; exec "$@"', 'sh'],
    'oom': ['sh', '-c', 'echo 1000 >/proc/self/oom_score_adj; exec "$@"', 'sh']}


@pytest.mark.parametrize('limit', WORST)
def test_limits_are_not_inherited(two, limit):
    """Under each of them a wrong password is counted and the right one passes auth."""
    su = [*WORST[limit], 'su', '-', 'ada', '-c', 'id -un']
    assert lab.talk(su, [('assword: ?', WRONG)], user=LOCAL).rc != 0
    assert show('ada')['failed_attempts'] == 1
    good = lab.talk(su, [('assword: ?', PASSWORD)], user=LOCAL)
    # What su itself and the shell make of such a limit is their own affair.
    assert show('ada')['failed_attempts'] == 0, good
    others_go_on()


def test_short_of_memory_is_no_wrong_password(two):
    """Where the limit cannot be lifted there is no hash: an error, and no charge."""
    su = ['prlimit', '--data=40000000', 'su', '-', 'ada', '-c', 'id -un']
    lab.talk(su, [('assword: ?', PASSWORD)], user=LOCAL)
    assert show('ada')['failed_attempts'] == 0


def test_no_file_may_be_written(two):
    """The same with a hard RLIMIT_FSIZE of 0: nobody gets in uncounted."""
    su = ['prlimit', '--fsize=0', 'su', '-', 'ada', '-c', 'id -un']
    bad = lab.talk(su, [('assword: ?', WRONG)], user=LOCAL)
    assert bad.rc != 0, bad
    assert show('ada')['failed_attempts'] == 1 or 'assword' not in bad.text
    others_go_on()


def test_scheduling_of_uadmd(two):
    """What uadmd itself runs with, under a caller that gives the worst it can."""
    worst = [*limits(fsize=0, cpu=9), 'nice', '-n', '19', 'chrt', '--idle', '0', 'taskset', '-c', '0',
             *WORST['oom'], 'su', 'ada']
    child = lab.spawn(*worst, user=LOCAL)
    child.expect('assword: ?')
    for pid, *_ in lab.poll(uadmds, 'uadmd to be there'):
        assert os.sched_getscheduler(pid) == os.SCHED_OTHER
        assert os.getpriority(os.PRIO_PROCESS, pid) <= 0
        assert len(os.sched_getaffinity(pid)) == os.cpu_count()
        got = open(f'/proc/{pid}/limits').read()
        assert 'Max file size             unlimited' in got and 'Max cpu time              unlimited' in got, got
        assert int(open(f'/proc/{pid}/oom_score_adj').read()) <= 0
        assert not any('pts' in os.readlink(f'/proc/{pid}/fd/{fd}') for fd in os.listdir(f'/proc/{pid}/fd'))
    child.close(force=True)


def test_sudo_stopped_holds_nothing(two):
    lab.sudoers('ada ALL=(ALL:ALL) ALL')
    child = lab.spawn('sudo', '-k', 'id', user='ada')
    child.expect('assword')
    child.send(WRONG + '\r\x1a')
    os.kill(child.pid, signal.SIGSTOP)
    others_go_on()
    child.close(force=True)
    others_go_on()


def test_real_uid_is_the_source(two):
    """Three wrong ones by a local user end his guessing, and only his: ada is not locked out."""
    for _ in range(5):
        assert lab.su('ada', WRONG, user=LOCAL).rc != 0
    assert show('ada')['failed_attempts'] == 3 and show('ada')['status'] == 'active'
    assert lab.su('ada', PASSWORD, user=LOCAL).rc != 0
    assert lab.pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.1') == [0]
    assert lab.su('eve', PASSWORD, user=LOCAL).rc == 0
