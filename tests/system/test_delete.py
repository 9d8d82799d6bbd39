"""user delete: what goes with a user and what stays (F28, F62)."""
import os
import shutil
import subprocess

import pytest

import lab
from lab import add_user, show, uadmctl

CRONTABS, AT_JOBS, LINGER = '/var/spool/cron/crontabs', '/var/spool/cron/atjobs', '/var/lib/systemd/linger'


@pytest.fixture
def two(host):
    add_user('ada')
    add_user('eve')
    shutil.rmtree(LINGER, ignore_errors=True)  # no state of the machine's that is put back


def crontab(name):
    lab.run('crontab', '-', user=name, input='0 4 * * * true\n', rc=0)
    assert os.path.exists(f'{CRONTABS}/{name}')


def later(name):
    lab.run('at', 'now + 1 year', user=name, input='true\n', env={'HOME': '/', 'SHELL': '/bin/sh'}, rc=0)


def jobs(name):
    uid = int(lab.getent('passwd', name)[2])
    return [f for f in os.listdir(AT_JOBS) if os.stat(f'{AT_JOBS}/{f}').st_uid == uid]


def delete(name, *options, rc=0):
    return uadmctl('user', 'delete', name, '--yes', '--json', *options, rc=rc).json[0]


def write(path, text='x', owner=None):
    with open(path, 'w', encoding='ascii') as f:
        f.write(text)
    if owner:
        lab.run('chown', owner, path, rc=0)


def test_F28_what_ran_by_itself_goes(two, atd):
    """A crontab, at jobs and lingering, named before and after; of nobody else's anything."""
    atd()
    os.makedirs(LINGER, exist_ok=True)
    for name in ('ada', 'eve'):
        crontab(name)
        later(name)
        write(f'{LINGER}/{name}')
    later('ada')
    assert len(jobs('ada')) == 2 and len(jobs('eve')) == 1
    plan = delete('ada', '--dry-run')
    assert (plan['crontab_removed'], plan['at_jobs_removed'], plan['linger_removed'], plan['home_removed']) == (True, 2, True, False), plan
    assert os.path.exists(f'{CRONTABS}/ada') and len(jobs('ada')) == 2
    asked = lab.talk(['uadmctl', 'user', 'delete', 'ada'], [('Type ada to go on: ', 'no')])
    assert asked.rc == 1, asked
    for said in ('goes, too: crontab, 2 at jobs, lingering', 'stays: /home/ada (--remove-home removes it)', 'Suspending may be enough: uadmctl user suspend ada',
                 'What they run is ended, files stay, the uid is never given again.'):
        assert said in asked.text, asked
    done = uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    assert done.out == 'ada: deleted; removed: crontab, 2 at jobs, lingering\n', done
    assert not os.path.exists(f'{CRONTABS}/ada') and not os.path.exists(f'{LINGER}/ada')
    assert os.path.exists(f'{CRONTABS}/eve') and os.path.exists(f'{LINGER}/eve') and len(jobs('eve')) == 1
    assert len(os.listdir('/home/ada')) > 0
    rows = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    row, = (r for r in rows if r['action'] == 'user.delete')
    assert row['detail'] == 'uid=30000 crontab=yes at_jobs=2 linger=yes', row


def test_F28_F62_gone_for_good(two):
    """The uid is nobody's again, the trail stays, the home with its files, too."""
    write('/home/ada/kept', owner='ada')
    before = len(uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json)
    assert delete('ada')['home'] == '/home/ada' and lab.getent('passwd', 'ada') is None
    assert len(uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json) == before + 1
    assert os.stat('/home/ada/kept').st_uid == 30000
    uadmctl('user', 'add', 'ada', '--uid', '30000', rc=65)
    uadmctl('user', 'add', 'ada', rc=0)
    assert show('ada')['uid'] == 30002
    assert uadmctl('store', 'check', '--json', rc=0).json == []


def test_F28_a_trace_that_is_anothers(two):
    """By the number, not by the name; and no link is a file."""
    os.makedirs(LINGER, exist_ok=True)
    write(f'{CRONTABS}/ada', '0 4 * * * true\n', owner='eve')
    write('/home/eve/target', owner='ada')
    os.symlink('/home/eve/target', f'{AT_JOBS}/a00001')
    done = delete('ada')
    assert (done['crontab_removed'], done['at_jobs_removed'], done['linger_removed']) == (False, 0, False), done
    assert os.path.exists(f'{CRONTABS}/ada') and os.path.exists('/home/eve/target')


def test_F28_the_home(two):
    """What its user could have removed goes: shut directories, root's files in their own, dangling links; no link is
    followed."""
    lab.run('sh', '-c', 'mkdir -p /home/ada/a/b/c /home/ada/shut/in && echo x >/home/ada/a/b/c/f && echo x >/home/ada/shut/in/f && '
            'ln -s /home/eve /home/ada/eve && ln -s /etc/passwd /home/ada/a/passwd && ln -s nowhere /home/ada/dangling && mkfifo /home/ada/fifo && '
            'for i in $(seq 500); do echo $i >/home/ada/a/$i; done && chown -hR ada: /home/ada && chmod 0 /home/ada/shut/in && chmod 0 /home/ada/shut && '
            'echo root >/home/ada/roots && chmod 0500 /home/ada/a', rc=0)
    write('/home/eve/mine', owner='eve')
    planned = delete('ada', '--remove-home', '--dry-run')
    assert planned['home_removed'] is True and os.path.exists('/home/ada')
    asked = lab.talk(['uadmctl', 'user', 'delete', 'ada', '--remove-home'], [('Type ada to go on: ', 'ada')])
    assert 'goes, too: /home/ada' in asked.text and 'their home is removed' in asked.text, asked
    assert asked.text.replace('\r', '').endswith('ada: deleted; removed: /home/ada\n'), asked
    assert not os.path.lexists('/home/ada')
    assert os.path.exists('/home/eve/mine') and os.path.getsize('/etc/passwd') > 0
    row, = (r for r in uadmctl('audit', 'list', '--json', rc=0).json if r['action'] == 'user.delete')
    assert row['detail'] == 'uid=30000 home=/home/ada', row


def test_F28_what_is_others_in_it_stays(two):
    """A directory of somebody else's that is not empty, and a file system of its own: named, and left."""
    lab.run('sh', '-c', 'mkdir -p /home/ada/theirs /home/ada/mounted /home/ada/own && echo x >/home/ada/theirs/f && chown -R eve /home/ada/theirs && '
            'chown ada /home/ada/mounted /home/ada/own && mount -t tmpfs -o mode=0777 none /home/ada/mounted && echo x >/home/ada/mounted/f && '
            'chown ada /home/ada/mounted/f', rc=0)
    done = uadmctl('user', 'delete', 'ada', '--remove-home', '--yes', rc=75)
    assert 'ada: deleted' in done.out and 'removed:' not in done.out, done
    assert "/home/ada is not empty: what is in it is not the user's to remove" in done.err, done
    assert sorted(os.listdir('/home/ada')) == ['mounted', 'theirs'] and os.path.exists('/home/ada/theirs/f') and os.path.exists('/home/ada/mounted/f')
    lab.run('umount', '/home/ada/mounted', rc=0)


def test_F28_a_home_of_others(two):
    """Nobody is deleted whose home is another's, too; and what is not their own directory is left."""
    uadmctl('user', 'set', 'eve', '--home', '/home/ada/eve', rc=0)
    done = uadmctl('user', 'delete', 'ada', '--remove-home', '--yes', rc=65)
    assert '/home/ada has the home of eve in it' in done.err and show('ada'), done
    uadmctl('user', 'set', 'eve', '--home', '/home/eve', rc=0)
    lab.run('useradd', '-M', '-d', '/home/ada/x', 'neighbour', rc=0)
    assert 'has the home of neighbour in it' in uadmctl('user', 'delete', 'ada', '--remove-home', '--yes', rc=65).err
    lab.run('userdel', 'neighbour', rc=0)
    # A link, root's, another's, one that is not there, one below a directory of a user's.
    os.rename('/home/ada', '/home/real')
    for make in ('ln -s /home/real /home/ada', 'mkdir /home/ada', 'mkdir /home/ada && chown eve /home/ada', 'true'):
        lab.run('sh', '-c', f'rm -rf /home/ada; {make}', rc=0)
        assert delete('ada', '--remove-home', '--dry-run')['home_removed'] is False, make
    uadmctl('user', 'set', 'ada', '--home', '/home/eve/ada', rc=0)
    lab.run('sh', '-c', 'mkdir /home/eve/ada && chown ada /home/eve/ada', rc=0)
    assert delete('ada', '--remove-home', '--dry-run')['home_removed'] is False
    for path in ('/', '/etc', '/home'):
        lab.sql(f"UPDATE user SET home = '{path}' WHERE name = 'ada'")
        assert delete('ada', '--remove-home', '--dry-run')['home_removed'] is False, path
    assert delete('ada', '--remove-home')['home_removed'] is False
    assert os.path.exists('/home/real') and os.path.exists('/home/eve/ada') and os.path.exists('/etc/passwd')


def test_F28_many(two, tmp_path):
    """From a file, each with what they leave."""
    crontab('eve')
    names = tmp_path / 'names'
    names.write_text('ada\neve\nnobody-here\n')
    done = uadmctl('user', 'delete', '--from', str(names), '--remove-home', '--yes', rc=67)
    assert done.out == 'ada: deleted; removed: /home/ada\neve: deleted; removed: crontab, /home/eve\n', done
    assert not os.path.exists('/home/ada') and not os.path.exists('/home/eve')


def test_F28_who_may(two):
    """An account's administrator, of those they look after; whoever may not is told nothing of what there is."""
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('member', 'add', 'acme', 'ada', '--role', 'viewer', rc=0)
    uadmctl('user', 'add', 'boss', '--account', 'acme', '--role', 'administrator', rc=0)
    uadmctl('user', 'set', 'boss', '--home', '/home/eve/boss', rc=0)
    done = uadmctl('--as', 'boss', 'user', 'delete', 'eve', '--remove-home', '--yes', rc=77)
    assert 'home' not in done.err and show('eve'), done
    assert uadmctl('--as', 'boss', 'user', 'delete', 'ada', '--remove-home', '--yes', '--json', rc=0).json[0]['home_removed'] is True


def test_F28_the_next_one_of_that_name(two):
    """Finds neither a crontab nor a home that is not theirs."""
    crontab('ada')
    delete('ada', '--remove-home')
    add_user('ada')
    assert os.stat('/home/ada').st_uid == os.stat('/home/ada/.bashrc').st_uid == 30002
    assert not os.path.exists(f'{CRONTABS}/ada')


def test_it_ends_while_others_put_something_in(two):
    """A directory that was left open to everybody: it is shut first, also to who has it open."""
    os.makedirs('/home/ada/open')
    lab.run('chown', '-R', 'ada:ada', '/home/ada', rc=0)
    os.chmod('/home/ada', 0o755)
    os.chmod('/home/ada/open', 0o777)
    putting = 'import itertools, os\nd = os.open("/home/ada/open", os.O_RDONLY)\nfor n in itertools.count():\n' \
              '    try: os.close(os.open(f"f{n}", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=d))\n    except OSError: pass\n'
    others = [subprocess.Popen(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '/usr/bin/python3', '-c', putting])
              for _ in range(2)]
    try:
        lab.poll(lambda: len(os.listdir('/home/ada/open')) > 100, 'files of others')
        assert delete('ada', '--remove-home')['home_removed']
        assert not os.path.exists('/home/ada')
    finally:
        for other in others:
            other.kill()
            other.wait()


def test_a_home_that_is_a_mount_stays(two):
    """It is somebody's disk, not a directory."""
    lab.run('mount', '-t', 'tmpfs', '-o', f'mode=700,uid={lab.getent("passwd", "ada")[2]}', 'disk', '/home/ada', rc=0)
    try:
        write('/home/ada/kept')
        done = uadmctl('user', 'delete', 'ada', '--yes', '--remove-home')
        assert 'is a file system of its own' in done.err and os.path.exists('/home/ada/kept'), done
    finally:
        lab.run('umount', '/home/ada', rc=0)


def test_a_deep_home(two):
    """Deeper than a process has descriptors for: it goes all the same."""
    deep = 'import os\nos.chdir("/home/ada")\nfor n in range(1500):\n    os.mkdir("d")\n    os.chdir("d")\nopen("f", "w").close()\n'
    os.makedirs('/home/ada', exist_ok=True)
    lab.run('chown', 'ada:', '/home/ada', rc=0)
    lab.run('/usr/bin/python3', '-c', deep, user='ada', rc=0)
    assert delete('ada', '--remove-home')['home_removed']
    assert not os.path.exists('/home/ada')


def test_F28_many_are_told_what_goes_with_each(two):
    """The question is made of what will be done: homes, crontabs, accounts; who is not there is not counted."""
    crontab('ada')
    uadmctl('account', 'add', 'acme', rc=0)
    add_user('lea', '--account', 'acme', '--role', 'administrator')
    add_user('moe', '--account', 'acme', '--role', 'administrator')
    args = ['uadmctl', 'user', 'delete', 'ada', 'eve', 'lea', 'nosuch']
    asked = lab.talk([*args, '--remove-home'], [('Type delete 3 users to go on: ', 'no')])
    text = asked.text.replace('\r', '')
    assert asked.rc == 1 and os.path.exists('/home/ada') and show('eve'), asked
    for said in ('Delete 3 users for good? What they run is ended, their homes are removed, the uids are never given again.\n',
                 'Suspending may be enough: uadmctl user suspend ada eve lea\n', 'ada (uid 30000)\n  goes, too: crontab, /home/ada\n',
                 'eve (uid 30001)\n  goes, too: /home/eve\n', '  leaves the accounts: acme\n', 'left with one able administrator: acme\n',
                 'nosuch: stays: no such user: "nosuch"\n'):
        assert said in text, (said, text)
    asked = lab.talk(args, [('Type delete 3 users to go on: ', 'no')])
    assert 'files stay' in asked.text and 'stays: /home/ada (--remove-home removes it)' in asked.text and 'are removed' not in asked.text, asked
    done = lab.talk(['uadmctl', 'user', 'delete', 'ada', 'eve', '--remove-home'], [('Type delete 2 users to go on: ', 'delete 2 users')])
    assert done.rc == 0 and 'ada: deleted; removed: crontab, /home/ada' in done.text, done
    assert not os.path.exists('/home/ada') and not os.path.exists('/home/eve')
    # One of two who can go is asked about as one; of none there is no question.
    asked = lab.talk(['uadmctl', 'user', 'delete', 'moe', 'nosuch'], [('Type moe to go on: ', 'no')])
    assert asked.rc != 0 and show('moe')
    assert 'Type' not in lab.talk(['uadmctl', 'user', 'delete', 'nosuch', 'nobody-here']).text


def test_F45_an_owner_who_goes(two):
    """Whose service identities are left to nobody is said with the question, by a dry run, by the deletion and by host status."""
    uadmctl('user', 'add', 'svc', '--kind', 'service', '--reason', 'backup', '--owner', 'ada', '--review-by', '+90d', rc=0)
    assert delete('ada', '--dry-run')['without_owner'] == ['svc'] and delete('eve', '--dry-run')['without_owner'] == []
    asked = lab.talk(['uadmctl', 'user', 'delete', 'ada'], [('Type ada to go on: ', 'no')])
    assert 'leaves without an owner: svc' in asked.text, asked

    def orphans():
        return [f['what'] for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'owners']

    assert orphans() == []
    assert uadmctl('user', 'delete', 'ada', '--yes', rc=0).out == 'ada: deleted\n  leaves without an owner (user set NAME --owner): svc\n'
    assert orphans() == ['the owner of 1 service identity (svc) is no user of this host']
    assert '--owner NAME' in uadmctl('user', 'set', 'svc', '--review-by', '+30d', rc=65).err
    uadmctl('user', 'set', 'svc', '--review-by', '+30d', '--owner', 'eve', rc=0)
    assert orphans() == []
