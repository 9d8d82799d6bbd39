"""S1: store check finds what is wrong, and --repair puts right what follows from the rest."""
import pytest

import lab
from lab import PAM_SUCCESS, PASSWORD, add_user, pam, run, uadmctl

DB = '/var/lib/uadm/store/uadm.db'


def sql(text):
    run('sqlite3', '-cmd', '.timeout 5000', DB, text, rc=0)


def check(*options, rc=0):
    done = uadmctl('store', 'check', '--json', *options)
    assert done.rc == rc, done
    return done.json


@pytest.fixture
def populated(host):
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada', '--groups', 'crew')
    add_user('bob')
    assert check() == []
    assert check('--repair') == {'repaired': [], 'problems': []}


@pytest.mark.parametrize('damage, problem, repaired', [
    ("DELETE FROM published WHERE name = 'ada'", 'user ada (30000) is not published', 'names of users'),
    ("UPDATE published SET name = 'eve' WHERE name = 'crew'", 'eve is published for nobody', 'names of groups'),
    ("INSERT INTO member VALUES (20000, 4242)", 'refers to a missing', 'memberships of nobody'),
    ("INSERT INTO password (uid, verifier, changed_at) VALUES (4242, '*', 1)", 'refers to a missing', 'rows of password'),
    ("INSERT INTO attempt (uid, started, at) VALUES (4242, 1, 1)", 'refers to a missing', 'rows of attempt'),
    ("INSERT INTO lockout VALUES (4242, 1, 1)", 'refers to a missing', 'rows of lockout'),
    ("DELETE FROM number WHERE id = 30001", 'refers to a missing', 'numbers of users'),
    ('UPDATE number SET released_at = 1 WHERE id = 30001', None, 'no longer called free')])
def test_repair(populated, damage, problem, repaired):
    sql(damage)
    if problem is not None:
        found = check(rc=1)
        assert any(problem in f['problem'] and '--repair' in f['mend'] for f in found), found
    done = check('--repair')
    assert done['problems'] == [] and any(repaired in r['what'] for r in done['repaired']), done
    assert check() == [] and check('--repair')['repaired'] == []
    assert uadmctl('audit', 'verify', '--json', rc=0).json['whole'] is True
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.1') == [PAM_SUCCESS]
    assert 'crew' in run('id', '-nG', 'ada', rc=0).out.split()
    assert uadmctl('audit', 'list', '--json', rc=0).json[-1]['action'] == 'store.repair'


def test_names_that_nobody_has(populated):
    """Guesses at them count under numbers that no user can have: neither check nor a restore takes them off."""
    rows = 'SELECT count(*) FROM attempt WHERE uid = 2147483648; SELECT count(*) FROM lockout WHERE uid = 4294967295'
    uadmctl('store', 'backup', '/root/uadm.backup', rc=0)
    sql('INSERT INTO attempt (uid, started, at) VALUES (2147483648, 1, 1); INSERT INTO lockout VALUES (4294967295, 1, 1)')
    assert check() == [] and check('--repair') == {'repaired': [], 'problems': []}
    uadmctl('store', 'restore', '/root/uadm.backup', '--yes', rc=0)
    assert run('sqlite3', '-cmd', '.timeout 5000', DB, rows, rc=0).out.split() == ['1', '1'] and check() == []


@pytest.mark.parametrize('damage', ['rm {0}', 'echo x >{0}', 'cp /etc/passwd {0}', 'printf x | dd of={0} bs=1 seek=5000 conv=notrunc'])
def test_published_file(populated, damage):
    run('bash', '-c', damage.format('/var/lib/uadm/directory/directory') + ' 2>/dev/null', rc=0)
    assert check(rc=1)
    done = check('--repair')
    assert done['problems'] == [] and done['repaired'][0]['what'].startswith('the file that NSS reads')
    assert lab.getent('passwd', 'ada') is not None and check() == []


def test_what_cannot_be_repaired(populated):
    """The trail and the ranges are told, not touched."""
    sql("DROP TRIGGER audit_same; UPDATE audit SET actor = 'nobody' WHERE id = 2")
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[ids]\nuid-min = 40000\nuid-max = 50000\n')
    left = check('--repair', rc=1)['problems']
    assert any('row 2' in f['problem'] and f['mend'] == 'uadmctl audit reseal' for f in left)
    assert any('outside of 40000..50000' in f['problem'] and 'uadm.conf' in f['mend'] for f in left)


def test_damaged_page(populated):
    run('bash', '-c', f'sqlite3 {DB} "PRAGMA wal_checkpoint(TRUNCATE)"; '
        f'dd if=/dev/urandom of={DB} bs=4096 seek=3 count=8 conv=notrunc 2>/dev/null', rc=0)
    done = uadmctl('store', 'check', '--json')
    assert done.rc in (1, 69) and 'restore' in done.out + done.err, done
