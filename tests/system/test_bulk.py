"""Files of thousands of lines (F36, F79, S1, P27): written some hundred at a time, each line for itself done or not, and a
result for each once it is durable; stopped anywhere, the same command goes on."""
import fcntl
import os
import re
import signal
import subprocess

import pytest

import lab
from lab import PASSWORD, uadmctl

LINES = 1500
OUT, ERR = '/tmp/out', '/tmp/err'


@pytest.fixture(autouse=True)
def many_ids(host):
    """Room for them, and no source of users that takes longer than all the rest."""
    lab.run('sed', '-i', 's/ systemd//', '/etc/nsswitch.conf', rc=0)
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[hash]\nopslimit = 1\nmemlimit = 8388608\n[ids]\nuid-min = 100000\nuid-max = 300000\n')
    uadmctl('group', 'add', 'crew', 'deck', rc=0)


def write(lines, path='/tmp/people.csv'):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(''.join(f'{line}\n' for line in lines))
    return path


def people(count=LINES):
    return write(['name,email,groups', *(f'u{n},u{n}@example.org,{"crew;deck" if n % 3 else ""}' for n in range(count))])


def users():
    return int(lab.sql('SELECT count(*) FROM user'))


def start(*args, **more):
    """uadmctl with its output in files."""
    with open(OUT, 'wb') as out, open(ERR, 'wb') as err:
        return subprocess.Popen(['uadmctl', *args], stdout=out, stderr=err, env=lab.ENVIRONMENT, cwd='/', **more)


def read(path):
    with open(path, encoding='utf-8', errors='replace') as f:
        return f.read()


def said():
    """The names whose line is whole."""
    return re.findall(r'^(\w+): .*\n', read(OUT), re.M)


def written():
    """How many users it has a line about, for who looks often."""
    with open(OUT, 'rb') as f:
        return f.read().count(b'\nu')


def state():
    """What there is, but for when."""
    found = uadmctl('user', 'list', '--json', rc=0).json
    for user in found:
        for key in [k for k in user if k.endswith('_at')]:
            del user[key]
    groups = [(g['name'], g['gid'], g['member_count'], g['description']) for g in uadmctl('group', 'list', '--json', rc=0).json]
    trail = sorted((r['action'], r['target'], r['detail']) for r in uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json)
    return found, groups, trail


def sound():
    uadmctl('store', 'check', rc=0)
    uadmctl('audit', 'verify', rc=0)
    shown = {line.split(':')[0] for line in lab.run('getent', 'passwd', rc=0).out.splitlines()}
    assert {u['name'] for u in uadmctl('user', 'list', '--json', rc=0).json} <= shown


def test_a_result_for_each_line(host):
    """In their order, those that fail among them; a bad line leaves nothing, and stops nobody."""
    lines = [f'u{n},u{n}@example.org,crew' for n in range(1000)]
    lines[10], lines[500], lines[501], lines[999] = 'u3,other@example.org,', 'u500,u7@example.org,crew', 'Bad Name,,', 'u999,,none-such'
    path = write(['name,email,groups', *lines])
    done = uadmctl('user', 'add', '--from', path, '--json')
    assert done.rc == 67
    assert [r['name'] for r in done.json] == [line.split(',')[0] for line in lines]
    assert [n for n, r in enumerate(done.json) if not r['changed']] == [10, 500, 501, 999]
    assert re.findall(r'people.csv:(\d+): ', done.err) == ['12', '502', '503', '1001']
    assert done.err.endswith('\nuadmctl: 4 of 1000 lines failed\n')
    assert users() == 996 and lab.getent('passwd', 'u998')
    assert lab.sql("SELECT count(*) FROM number WHERE name IN ('u500', 'u999')") == '0'
    trail = uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json
    assert len([row for row in trail if row['action'] == 'user.add']) == 996
    sound()


def test_a_dry_run_of_many(host):
    before = state()
    done = uadmctl('user', 'add', '--from', people(700), '--dry-run', rc=0)
    assert done.out.count('would be added') == 700 and state() == before


BULK = {
    'user add': (lambda: people(), ['--resume']),
    'user invite': (lambda: write(['name,email', *(f'u{n},u{n}@example.org' for n in range(LINES))]), ['--resume']),
    'user set': (lambda: write(['name,last_name', *(f'u{n},Name {n}' for n in range(LINES))]), []),
    'user suspend': (lambda: write(f'u{n}' for n in range(LINES)), []),
    'user resume': (lambda: write(f'u{n}' for n in range(LINES)), []),
    'group add': (lambda: write(['name,description', *(f'g{n},of {n}' for n in range(LINES))]), ['--resume']),
    'group add-member deck': (lambda: write(f'u{n}' for n in range(0, LINES)), []),
}


def rows():
    """One for each that was changed."""
    return int(lab.sql('SELECT count(*) FROM audit'))


@pytest.mark.parametrize('verb', BULK)
def test_S1_killed_and_done_again(host, verb):
    """kill -9 while it has so much of the file. What was said is there; once more ends in what one run would have made."""
    make, again = BULK[verb]
    if verb not in ('user add', 'user invite', 'group add'):
        uadmctl('user', 'add', '--from', write(f'u{n}' for n in range(LINES)), rc=0, seconds=60)
    if verb == 'user resume':
        uadmctl('user', 'suspend', '--from', write(f'u{n}' for n in range(LINES)), rc=0, seconds=60)
    path, command = make(), verb.split()
    host.save(verb.replace(' ', '-'))
    names = [line.split(',')[0] for line in read(path).splitlines() if not line.startswith('name')]
    done = uadmctl(*command, '--from', path, rc=0, seconds=60)
    assert re.findall(r'^(\w+): ', done.out, re.M) == names
    wanted = state()
    for cut in (LINES // 3, LINES - 1):
        host.restore(verb.replace(' ', '-'))
        before = rows()
        child = start(*command, '--from', '-', stdin=subprocess.PIPE)
        child.stdin.write(''.join(read(path).splitlines(True)[:cut]).encode())
        child.stdin.flush()
        lab.poll(lambda: rows() > before + cut // 4, 'it to be at work', 60)
        child.kill()
        child.wait()
        told, there = said(), rows() - before
        assert told == names[:len(told)] and len(told) <= there < LINES
        done = uadmctl(*command, '--from', path, *again, rc=0, seconds=60)
        assert re.findall(r'^(\w+): ', done.out, re.M) == names
        assert len(re.findall(r' already$|nothing to change$|not suspended$', done.out, re.M)) == there
        assert state() == wanted
    sound()


@pytest.mark.parametrize('verb, number, status', [('add', signal.SIGINT, 130), ('add', signal.SIGTERM, 143), ('add', signal.SIGHUP, 129),
                                                  ('invite', signal.SIGINT, 130)])
def test_stopped_in_good_order(host, verb, number, status):
    """F36, F79: it ends with what is open, says how many and how to go on, and NSS shows them."""
    path = people(20000) if verb == 'add' else write(['email', *(f'u{n}@example.org' for n in range(20000))])
    child = start('user', verb, '--from', path)
    lab.poll(lambda: users() >= 200, 'it to be at work')
    child.send_signal(number)
    assert child.wait(timeout=lab.SECONDS) == status
    count, err = len(said()), read(ERR)
    assert 200 <= count == users() < 20000
    assert f'stopped by a signal after {count} lines' in err and '--resume' in err, err
    assert lab.getent('passwd', f'u{count - 1}') and not lab.getent('passwd', f'u{count}')
    sound()


def test_S1_stopped_in_the_middle_of_a_line(host):
    """Half a name is nobody's."""
    child = start('user', 'add', '--from', '-', stdin=subprocess.PIPE)
    child.stdin.write(b'ada\nbobby-')
    child.stdin.flush()
    lab.poll(lambda: said() == ['ada'], 'the first line to be done')
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=lab.SECONDS) == 130
    child.stdin.close()
    assert [u['name'] for u in uadmctl('user', 'list', '--json', rc=0).json] == ['ada']


def test_P27_who_feeds_it_slowly_stops_nobody(host):
    """Each line that is there is done and told, and nobody waits for it while it waits for more."""
    lab.add_user('eve')
    child = start('user', 'add', '--from', '-', stdin=subprocess.PIPE)
    for n in range(5):
        child.stdin.write(f'u{n}\n'.encode())
        child.stdin.flush()
        lab.poll(lambda: len(said()) == n + 1, 'the line to be told')
        lab.poll(lambda: lab.getent('passwd', f'u{n}') is not None, 'NSS to show it, though there may be more to come')
        uadmctl('user', 'set', 'eve', '--last-name', f'Number {n}', rc=0)
    assert lab.pam('sshd', 'eve', 'auth', 'account', answers=[PASSWORD]) == [0, 0]
    child.stdin.close()
    assert child.wait(timeout=lab.SECONDS) == 0


def test_P27_nobody_reads_what_it_prints(host):
    lab.add_user('eve')
    path = write(f'u{n}-{"x" * 20}' for n in range(20000))
    read_end, write_end = os.pipe()
    child = subprocess.Popen(['uadmctl', 'user', 'add', '--from', path], stdout=write_end, stderr=write_end, env=lab.ENVIRONMENT)
    os.close(write_end)

    def stuck():
        with open(f'/proc/{child.pid}/wchan', encoding='ascii') as f, open(f'/proc/{child.pid}/syscall', encoding='ascii') as g:
            return 'pipe' in f.read() or g.read().startswith('1 ')

    lab.poll(stuck, 'the pipe to be full')
    assert lab.pam('sshd', 'eve', 'auth', 'account', answers=[PASSWORD]) == [0, 0]
    uadmctl('user', 'set', 'eve', '--last-name', 'Busy', rc=0)
    child.kill()
    child.wait()
    os.close(read_end)


def test_P27_logins_go_on(host):
    lab.add_user('eve')
    child = start('user', 'add', '--from', people(100000))
    lab.poll(lambda: users() > 100, 'it to be at work')
    for _ in range(5):
        assert lab.pam('sshd', 'eve', 'auth', 'account', answers=[PASSWORD]) == [0, 0]
    assert child.poll() is None, 'it was over before the logins were'
    child.kill()
    child.wait()


def test_S1_full_disk(host):
    """Some fit, and those that were said to be done are; then it says why it stops. With space it goes on."""
    path = people(8000)
    lab.run('cp', '-a', '/var/lib/uadm', '/tmp/kept', rc=0)
    lab.run('mount', '-t', 'tmpfs', '-o', 'mode=755,size=2500k', 'small', '/var/lib/uadm', rc=0)
    try:
        lab.run('cp', '-a', '/tmp/kept/.', '/var/lib/uadm/', rc=0)
        assert start('user', 'add', '--from', path).wait(timeout=60) in (69, 74, 75)
        added = re.findall(r'^(\w+): added', read(OUT), re.M)
        err = read(ERR)
        assert 100 < len(added) < 8000 and 'no space left' in err and re.search(r'stopped after \d+ lines', err) and '--resume' in err, err[-1000:]
        assert err.count('error:') < 1000
        lab.run('mount', '-o', 'remount,size=100m', '/var/lib/uadm', rc=0)
        uadmctl('store', 'publish', rc=0)
        assert {u['name'] for u in uadmctl('user', 'list', '--json', rc=0).json} >= set(added)
        done = uadmctl('user', 'add', '--from', path, '--resume', rc=0, seconds=60)
        assert done.out.count(' already\n') >= len(added) and users() == 8000
        sound()
    finally:
        lab.run('umount', '-l', '/var/lib/uadm', rc=0)


def peak(child):
    return int(re.search(r'VmHWM:\s+(\d+) kB', read(f'/proc/{child.pid}/status'))[1])


@pytest.mark.parametrize('verb, line, step', [('add', 'u{}', 6000), ('invite', 'u{}@example.org', 3000)])
def test_memory_does_not_grow_with_the_file(host, verb, line, step):
    """F52, F79: once SQLite's cache of pages is full the peak grows with the longest batch, which a busy machine changes; what a line left
    behind would grow it at each step. All of it waits in the pipe: publishing, which needs more, comes when there is nothing to read."""
    lines = ''.join(f'{line.format(n)}\n' for n in range(6 * step)).encode()
    child = start('user', verb, '--from', '-', stdin=subprocess.PIPE)
    fcntl.fcntl(child.stdin, fcntl.F_SETPIPE_SZ, 1 << 20)
    assert child.stdin.write(lines) == len(lines)
    child.stdin.flush()
    peaks = []
    for count in range(step, 5 * step + 1, step):
        lab.poll(lambda: written() >= count, f'{count} results', 120)
        peaks.append(peak(child))
    child.kill()
    child.wait()
    assert min(after - before for before, after in zip(peaks, peaks[1:])) < 100, peaks


# Going on

def test_resume_takes_no_other_for_the_same(host):
    """A line that says something else of a user is an error; one that says less is not."""
    uadmctl('user', 'add', 'u0', '--email', 'u0@example.org', '--first-name', 'Zero', '--groups', 'crew', rc=0)
    uadmctl('user', 'add', 'u1', '--email', 'u1@example.org', rc=0)
    path = write(['name,email,groups', 'u0,u0@example.org,crew', 'u1,other@example.org,', 'u2,u2@example.org,', 'u0,,', 'u1,,deck'])
    before = uadmctl('user', 'add', '--from', path)
    assert before.rc == 65 and before.err.count('error:') == 4 and users() == 3, before
    done = uadmctl('user', 'add', '--from', path, '--resume', '--json')
    assert done.rc == 65 and [r['result'] for r in done.json] == ['added', 'exists', 'added', 'added', 'exists']
    assert not any(r['changed'] for r in done.json)
    assert 'people.csv:3: u1: is there already, with email "u1@example.org" and not "other@example.org"' in done.err
    assert 'people.csv:6: u1: is there already, and not in the group "deck"' in done.err
    assert uadmctl('user', 'add', '--from', write(['name,email', 'u0,U0@Example.ORG']), '--resume', rc=0).err == ''
    assert uadmctl('user', 'add', 'u0').rc == 65
    assert uadmctl('user', 'add', 'u0', '--resume').rc == uadmctl('group', 'add', 'crew', '--resume').rc == 64


def test_resume_makes_the_home_that_is_missing(host):
    path = write(['u0', 'u1'])
    uadmctl('user', 'add', '--from', path, '--create-home', '--expires', '+30d', rc=0)
    lab.run('rm', '-r', '/home/u1', rc=0)
    uadmctl('user', 'add', '--from', path, '--create-home', '--expires', '+30d', '--resume', rc=0)
    assert os.stat('/home/u1').st_uid == int(lab.getent('passwd', 'u1')[2])
    assert uadmctl('user', 'add', '--from', path, '--expires', '+40d', '--resume').rc == 65


# On a terminal

def on_terminal(command, columns=80, env=None):
    """Once it is as wide as that: it is made so beside what runs on it."""
    child = lab.spawn('sh', '-c', f'until stty size | grep -q " {columns}$"; do :; done; {command}', env=env, seconds=60)
    child.setwinsize(24, columns)
    child.expect([lab.pexpect.EOF])
    return child.before, lab.end_of(child, [command])


BAR = re.compile(r'\r([^\r\n\x1b]*)\x1b\[K')


def test_progress(host):
    """Percent, lines, rate and time left, in one line that is narrower than the terminal and gone at the end."""
    path = people(9000)
    text, rc = on_terminal(f'uadmctl user add --from {path} >{OUT}', columns=60)
    assert rc == 0 and len(said()) == 9000
    drawn = BAR.findall(text)
    assert any(re.fullmatch(r'(\[[=> ]+\] )? *\d+% \d+/9000 \d+/s \d+:\d\d left', line) for line in drawn), text
    assert all(len(line) < 60 for line in drawn) and drawn[-1] == '' and BAR.sub('', text) == '', text


def test_progress_below_the_list(host):
    """With the results on the same terminal each has a line of its own all the same."""
    path = people(4000)
    text, rc = on_terminal(f'uadmctl user add --from {path}')
    lines = BAR.sub('', text).split('\r\n')
    assert rc == 0 and [line.split(':')[0] for line in lines[:-1]] == [f'u{n}' for n in range(4000)]
    assert any('%' in line for line in BAR.findall(text)) and '\x1b' not in ''.join(lines)


@pytest.mark.parametrize('how', ['2>/tmp/err', '--json', 'TERM=dumb', 'TERM='])
def test_no_progress_where_it_does_not_belong(host, how):
    path = people(3000)
    env = {'TERM': how[5:]} if how.startswith('TERM') else {}
    redirect = how if how.startswith('2>') else '--json' if how == '--json' else '>/tmp/out'
    text, rc = on_terminal(f'uadmctl user add --from {path} {redirect}', env=env)
    assert rc == 0 and '\x1b[K' not in text and '%' not in text
    assert not os.path.exists(ERR) or how != '2>/tmp/err' or read(ERR) == ''


def test_progress_is_gone_when_stopped(host):
    path = people(60000)
    child = lab.spawn('sh', '-c', f'uadmctl user add --from {path} >{OUT}', seconds=60)
    child.expect(r'\d+/60000')
    child.send('\x03')
    child.expect(lab.pexpect.EOF)
    text = child.before
    child.close()
    assert re.search(r'\r\x1b\[Kuadmctl: warning: stopped by a signal after \d+ lines', text), text
    assert f'stopped by a signal after {len(said())} lines' in text and '%' not in text.split('warning')[1]
