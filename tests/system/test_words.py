"""What a newcomer stumbled over in the verbs of accounts: names and addresses, files, tables, hints."""
import re
import shlex

import pytest

import lab
from accounts import add, ctl, members
from lab import run, show, uadmctl


@pytest.fixture
def two(host):
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    add('ada', 'acme', role='administrator')
    add('zoe', 'acme', role='administrator')
    add('jo', 'acme', 'beta', role='operator', more=['--email', 'jo@acme.example'])


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


@pytest.mark.parametrize('verb', [
    ['member', 'role', 'acme', 'Jo@acme.example', '--role', 'viewer'], ['member', 'suspend', 'acme', 'jo@acme.example'],
    ['member', 'revoke', 'acme', 'jo@acme.example'], ['member', 'grant', 'acme', 'jo@acme.example', '--right', 'Work_Write'],
    ['review', 'revoke', 'acme', 'jo@acme.example'], ['review', 'keep', 'acme', 'jo@acme.example'],
    ['user', 'tag', 'vip', 'jo@acme.example'], ['user', 'transfer', 'jo@acme.example', '--to', 'beta']], ids=lambda v: '-'.join(v[:2]))
def test_F3_F14_an_address_is_a_name(two, verb):
    """With and without a plan, and where somebody may be asked."""
    uadmctl('review', 'start', 'acme', rc=0)
    uadmctl(*verb, '--dry-run', rc=0)
    before = lab.sql('SELECT * FROM audit')
    nobody = [w.replace('jo@', 'who@').replace('Jo@', 'who@') for w in verb]
    for options in ([], ['--dry-run']):
        assert 'e-mail address "who@acme.example"' in uadmctl(*nobody, *options, rc=67).err
    assert lab.sql('SELECT * FROM audit') == before
    done = lab.talk(['uadmctl', *verb], [(r'\[y/N\]', 'y')])
    assert done.rc == 0 and lab.sql('SELECT * FROM audit') != before, done


def test_S7_an_address_is_not_told_to_strangers(two):
    """Whose one is is as secret with a plan as without."""
    add('bob', 'beta', role='administrator')
    lab.uadmctl('user', 'set', 'ada', '--email', 'ada@acme.example', rc=0)
    for verb in (['user', 'tag', 'vip'], ['member', 'revoke', 'acme'], ['user', 'transfer', '--to', 'beta']):
        for more in ([], ['--dry-run']):
            there, nobody = (uadmctl('--as', 'bob', *verb, f'{who}@acme.example', *more) for who in ('ada', 'who'))
            assert there.rc == nobody.rc != 0 and there.err.replace('ada@', 'who@') == nobody.err


def on_terminal(*command, columns=80, **env):
    done = run('script', '-qec', f'stty cols {columns}; {shlex.join(["uadmctl", *command])}', '/dev/null', env=env)
    return done.out.replace('\r', '')


def test_nothing_is_cut_without_a_mark(two):
    """At 80 columns lists are broken at their commas and the rest ends in an ellipsis."""
    mail = 'ada.lovelace.of.the.analytical.engine@acme.example'
    rights = 'Account_Write,Any_Role_Write,Any_User_Write,Work_Run,Work_Write'
    domains = 'acme.example,other.example,third.example'
    uadmctl('user', 'set', 'ada', '--email', mail, '--display-name', 'Augusta Ada', rc=0)
    uadmctl('account', 'set', 'acme', '--domain', domains, '--description', 'word ' * 20 + 'end', rc=0)
    uadmctl('member', 'grant', 'acme', 'jo', '--right', rights, rc=0)
    users = on_terminal('user', 'list')
    assert mail[:8] in users and '…' in users and mail not in users and max(map(len, users.splitlines())) <= 80, users
    assert '...' in on_terminal('user', 'list', LANG='C') and '…' not in on_terminal('user', 'list', LANG='C')
    # Groups are not cut: each of them is there as a whole.
    words = {w for line in users.splitlines() for w in re.split(r'[ ,]+', line)}
    assert {'acme-operator', 'beta-operator', 'acme-administrator'} <= words, users
    accounts = on_terminal('account', 'list')
    assert set(domains.split(',')) <= set(re.split(r'[ ,\n]+', accounts)) and '…' in accounts, accounts
    for command in (['member', 'list', 'acme'], ['role', 'list']):
        text = on_terminal(*command)
        words = set(re.split(r'[ ,\n]+', text))
        assert set(rights.split(',')) <= words and '…' not in text and max(map(len, text.splitlines())) <= 80, text
    assert 'sees the users, and works' in on_terminal('role', 'list')
    assert mail in uadmctl('user', 'list', rc=0).out


def test_F58_roles_from_a_file(two):
    """The column counts, else --role; a line with neither fails for itself."""
    csv = write('/keys/m.csv', 'name,role\njo,viewer\nzoe,\n')
    done = uadmctl('member', 'role', 'acme', '--from', csv, '--json', rc=65).json
    assert [r['result'] for r in done] == ['changed', 'invalid'] and 'which role?' in done[1]['error'] and 'm.csv:3' in done[1]['at']
    assert members('acme')['jo']['role'] == 'viewer' and members('acme')['zoe']['role'] == 'administrator'
    ctl('member', 'role', 'acme', '--from', csv, '--role', 'operator')
    assert members('acme')['jo']['role'] == 'viewer' and members('acme')['zoe']['role'] == 'operator'
    assert 'column "account"' in uadmctl('member', 'add', 'acme', '--from', write('/keys/a.csv', 'name,account\njo,acme\n'), rc=65).err
    assert 'which role?' in uadmctl('member', 'role', 'acme', 'jo', rc=64).err


def test_F65_what_an_end_leads_to_is_shown(two):
    """An end and a fall back look different, a suspended user too, and a time is to the second."""
    uadmctl('member', 'role', 'acme', 'jo', '--role', 'developer', '--until', '2031-05-06 11:05:19', '--then', 'viewer', rc=0)
    uadmctl('member', 'add', 'beta', 'zoe', '--role', 'viewer', '--until', '2031-05-06 11:05', rc=0)
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert '2031-05-06 11:05:19 then viewer' in uadmctl('member', 'list', 'acme', rc=0).out
    beta = uadmctl('member', 'list', 'beta', rc=0).out
    assert '2031-05-06 11:05 ' in beta and 'then' not in beta
    assert members('acme')['jo']['status'] == 'suspended' and members('acme')['jo']['state'] == 'active'
    assert re.search(r'^jo +developer +active +suspended', uadmctl('member', 'list', 'acme', rc=0).out, re.M)
    uadmctl('account', 'suspend', 'beta', rc=0)
    assert 'beta is suspended: nobody is shown as a member' in uadmctl('member', 'list', 'beta', rc=0).err
    assert uadmctl('member', 'list', 'acme', rc=0).err == '' == uadmctl('member', 'list', 'beta', '--json', rc=0).err


def test_F35_filters_by_role_and_user(two):
    add('eve', 'beta', role='administrator')
    uadmctl('member', 'add', 'acme', 'eve', '--role', 'operator', rc=0)

    def names(*command, actor=()):
        return [u['name'] for u in uadmctl(*actor, *command, '--json', rc=0).json]
    assert names('user', 'list', '--role', 'operator') == ['eve', 'jo']
    assert names('user', 'list', '--role', 'administrator', '--account', 'acme') == ['ada', 'zoe']
    assert names('user', 'list', '--role', 'operator', '--account', 'beta') == ['jo']
    assert names('member', 'list', 'acme', '--role', 'operator') == ['eve', 'jo']
    assert names('member', 'list', 'acme', '--user', 'JO@acme.example') == ['jo']
    assert names('member', 'list', 'beta', '--user', 'ada') == []
    mine = uadmctl('member', 'list', '--user', 'eve', '--json', rc=0).json
    assert [m['account'] for m in mine] == ['beta', 'acme']
    # S7: ada sees eve in acme, and nothing of beta.
    seen = uadmctl('--as', 'ada', 'member', 'list', '--user', 'eve', '--json').json
    assert isinstance(seen, list) and not [m for m in seen if m.get('account') == 'beta']
    for noun in ('user', 'member'):
        assert 'did you mean' in uadmctl(noun, 'list', *(['acme'] if noun == 'member' else []), '--role', 'oprator', rc=67).err
    assert '--user' in uadmctl('member', 'list', rc=64).err


@pytest.mark.parametrize('command,says', [
    (['account', 'show', 'acm'], 'no such account: "acm"\nhint: did you mean "acme"?'),
    (['role', 'show', 'viewr'], 'no such role: "viewr"\nhint: did you mean "viewer"?'),
    (['member', 'grant', 'acme', 'jo', '--right', 'Work_rea'], 'no such right: "Work_rea"\nhint: did you mean "Work_read"?'),
    (['right', 'add', 'New', '--scope', 'Wrk'], 'no such scope: "Wrk"\nhint: did you mean "Work"?'),
    (['right', 'add', 'New', '--scope', 'Nope'], 'no such scope: "Nope"\nhint: uadmctl right list'),
    (['right', 'add', 'New', '--scope', 'Work_read'], 'Work_read is a right and no scope')])
def test_what_is_not_there_is_guessed(two, command, says):
    assert says in uadmctl(*command).err


def bindings():
    findings = uadmctl('host', 'status', '--json').json['findings']
    return [(f['level'], f['what']) for f in findings if f['about'] == 'binding']


def test_what_services_are_bound_to_is_seen(two):
    """F4 of services: a name that is no account, or suspended, is told; and who is kept out by it."""
    with open('/etc/pam.d/su', 'a', encoding='utf-8') as f:
        f.write('account required pam_uadm.so account=beta\n')
    assert bindings() == [('ok', 'su, su-l are for the members of beta alone')]
    assert 'bound to other accounts: refused - su,su-l\n' in uadmctl('user', 'check', 'ada', '--why', rc=0).out
    assert lab.su('ada', user=None).rc != 0 and lab.su('jo', user=None).rc == 0
    assert 'bound to' not in uadmctl('user', 'check', 'jo', '--why', rc=0).out
    uadmctl('account', 'suspend', 'beta', '--break-glass', '--yes', rc=0)
    assert bindings() == [('warning', 'su, su-l are for the members of beta, which is suspended: nobody of ours gets in')]
    uadmctl('account', 'resume', 'beta', rc=0)
    run('sed', '-i', r's/pam_uadm\.so\(.*\)$/pam_uadm.so\1 account=nope,acme/', '/etc/pam.d/common-account', rc=0)
    services = [text for level, text in bindings() if level == 'warning']
    assert len(services) == 1 and re.search(r'^atd, .* and \d+ more are for the members of acme alone; '
                                            'nobody gets in by nope, which is no account$', services[0]), services
    with open('/etc/uadm/uadm.conf', 'a', encoding='utf-8') as f:
        f.write('[access]\naccounts = beta, nope\n')
    assert ('warning', 'this host is for the members of beta alone; nobody gets in by nope, which is no account') in bindings()


def test_F12_F29_who_loses_what_of_an_account_or_a_role(two):
    add('max', 'beta')
    uadmctl('member', 'add', 'acme', 'max', '--role', 'viewer', rc=0)
    uadmctl('user', 'suspend', 'zoe', rc=0)
    before = lab.sql('SELECT * FROM audit')
    told = '2 users can no longer log in, 4 members lose its groups'
    assert f'acme: would be suspended: {told}' in uadmctl('account', 'suspend', 'acme', '--dry-run', '--break-glass', rc=0).out
    done = uadmctl('account', 'suspend', 'acme', '--dry-run', '--break-glass', '--json', rc=0).json[0]
    assert (done['logins_lost'], done['members_lost']) == (2, 4)
    assert ': 2 members have the role' in uadmctl('role', 'deny', 'operator', '--right', 'Work_Run', '--dry-run', rc=0).out
    uadmctl('right', 'add', 'Extra', '--scope', 'Work', rc=0)
    uadmctl('role', 'grant', 'viewer', '--right', 'Extra', rc=0)
    uadmctl('member', 'grant', 'acme', 'jo', '--right', 'Extra', rc=0)
    before = lab.sql('SELECT * FROM audit')
    assert '1 role by name, and 1 member beside the role' in uadmctl('right', 'delete', 'Extra', '--dry-run', '--yes', rc=0).out
    assert uadmctl('right', 'delete', 'Extra', '--dry-run', '--yes', '--json', rc=0).json[0]['roles'] == 1
    p = uadmctl('member', 'grant', 'beta', 'jo', '--right', 'Work_Write', '--dry-run', '--json', rc=0).json[0]['plan']
    assert p['rights_gained'] == ['beta:Work_Write'], p
    assert 'loses the rights: acme:Extra' in uadmctl('member', 'deny', 'acme', 'jo', '--right', 'Extra', '--dry-run', rc=0).out
    p = uadmctl('user', 'transfer', 'jo', '--to', 'beta', '--dry-run', '--yes', '--json', rc=0).json[0]['plan']
    assert p['login_lost'] is False and p['accounts_left'] == []
    assert 'administrators look after the user' in uadmctl('user', 'transfer', 'jo', '--to', 'beta', '--dry-run', '--yes', rc=0).out
    assert lab.sql('SELECT * FROM audit') == before
    no = lab.talk(['uadmctl', 'account', 'suspend', 'acme', '--break-glass'], [(r'\[y/N\]', 'n')])
    assert no.rc == 1 and told in no.text and lab.sql('SELECT * FROM audit') == before
    assert lab.talk(['uadmctl', 'account', 'suspend', 'acme', '--break-glass', '--yes']).rc == 0
    # A script is not asked, and who is suspended already neither.
    uadmctl('account', 'resume', 'acme', rc=0)
    uadmctl('account', 'suspend', 'acme', '--break-glass', rc=0)
    assert lab.talk(['uadmctl', 'account', 'suspend', 'acme']).rc == 0


@pytest.mark.parametrize('tried,says', [
    ('member accept', 'member resume ACCOUNT USER'), ('member delete', 'did you mean "revoke"?'), ('member show', '--user USER'),
    ('account remove', 'did you mean "delete"?'), ('account rename', 'keeps its name'), ('review show', 'did you mean "list"?'),
    ('right show', 'did you mean "list"?'), ('user rm', 'did you mean "delete"?'), ('group create', 'did you mean "add"?'),
    ('account edit', 'did you mean "set"?'), ('user disable', 'did you mean "suspend"?'), ('tag add', 'user tag TAG USER'),
    ('account lsit', 'did you mean "list"?'), ('group frobnicate', 'uadmctl help')])
def test_verbs_that_people_try(host, tried, says):
    done = uadmctl(*tried.split(), 'x', rc=64)
    assert 'unknown verb' in done.err and says in done.err


def test_F35_tags_in_use(two):
    uadmctl('user', 'tag', 'vip', 'jo', 'ada', rc=0)
    uadmctl('user', 'tag', 'a', 'jo', rc=0)
    assert uadmctl('tag', 'list', '--json', rc=0).json == [{'tag': 'a', 'users': 1}, {'tag': 'vip', 'users': 2}]
    uadmctl('--as', 'ada', 'tag', 'list', rc=77)
    assert '"VIP" is not a tag' in uadmctl('user', 'tag', 'VIP', 'jo', rc=65).err


def test_F64_a_role_is_described(two):
    done = uadmctl('role', 'set', 'viewer', '--description', 'only looks', '--json', rc=0).json[0]
    assert done['changed'] is True and uadmctl('role', 'show', 'viewer', '--json', rc=0).json['description'] == 'only looks'
    assert uadmctl('role', 'set', 'viewer', '--description', 'only looks', rc=0).out == 'viewer: nothing to change\n'
    uadmctl('role', 'set', 'viewer', rc=64)
    uadmctl('role', 'set', 'nobody', '--description', 'x', rc=67)


def test_results_say_of_what(two):
    assert uadmctl('member', 'grant', 'acme', 'jo', '--right', 'Work_Write,Admin', rc=0).out == 'jo: granted Work_Write,Admin in acme\n'
    assert uadmctl('member', 'suspend', 'beta', 'jo', rc=0).out == 'jo: suspended in beta\n'
    assert uadmctl('member', 'revoke', 'beta', 'jo', rc=0).out == 'jo: revoked in beta\n'
    assert uadmctl('member', 'role', 'acme', 'jo', '--role', 'viewer', rc=0).out == 'jo: viewer in acme\n'
    uadmctl('user', 'tag', 'vip', 'jo', rc=0)
    assert uadmctl('user', 'tag', 'vip', 'jo', rc=0).out == 'jo: has the tag already\n'
    assert uadmctl('user', 'untag', 'x', 'jo', rc=0).out == 'jo: does not have the tag\n'
    # Not "ada: ada does not belong".
    assert uadmctl('member', 'revoke', 'beta', 'ada', rc=67).err.startswith('uadmctl: error: ada does not belong to beta\n')
    done = uadmctl('member', 'add', 'acme', 'jo', '--role', 'operator', '--exist-ok', rc=0)
    assert 'jo stays viewer in acme: uadmctl member role acme jo --role operator' in done.err
    assert uadmctl('member', 'add', 'acme', 'jo', '--role', 'viewer', '--exist-ok', rc=0).err == ''
    uadmctl('user', 'suspend', 'jo', rc=0)
    uadmctl('member', 'suspend', 'acme', 'jo', rc=0)
    assert 'uadmctl member resume acme jo' in uadmctl('user', 'resume', 'jo', rc=0).out


def test_json_has_what_the_text_says(two):
    assert uadmctl('account', 'add', 'delta', '--default-role', 'viewer', '--json', rc=0).json[0]['default_role'] == 'viewer'
    made = uadmctl('account', 'add', 'gamma', '--json', rc=0).json[0]
    assert str(made['gid']) == lab.getent('group', 'gamma')[2] and made['result'] == 'added'
    role = uadmctl('member', 'role', 'acme', 'jo', '--role', 'viewer', '--until', '2031-01-01 00:00Z', '--json', rc=0).json[0]
    assert (role['role'], role['until']) == ('viewer', '2031-01-01T00:00:00Z')
    begun = uadmctl('review', 'start', 'acme', '--json', rc=0).json[0]
    assert (begun['users'], begun['kept'], begun['revoked']) == (3, 0, 0)
    uadmctl('review', 'keep', 'acme', 'ada', 'zoe', rc=0)
    uadmctl('review', 'revoke', 'acme', 'jo', rc=0)
    ended = uadmctl('review', 'finish', 'acme', '--json', rc=0).json[0]
    assert (ended['kept'], ended['revoked'], ended['open']) == (2, 1, 0)


def test_all_columns_are_named(two):
    done = uadmctl('user', 'list', '-o', 'emial', rc=64)
    assert 'did you mean "email"?' in done.err
    columns = re.search(r'^hint: columns: (.*)$', done.err, re.M).group(1).split(',')
    uadmctl('user', 'list', '-o', ','.join(columns), rc=0)
    assert set(columns) == set(uadmctl('user', 'list', '--json', rc=0).json[0])


def test_F76_who_has_to_accept(two):
    """The administrator is told how the other one accepts."""
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    uadmctl('user', 'add', 'lea', '--account', 'acme', '--role', 'viewer', '--no-invite', rc=0)
    refused = uadmctl('--as', 'ada', 'member', 'resume', 'acme', 'lea', rc=77)
    assert 'uadmctl invite resend lea' in refused.err and 'uadmctl member resume acme lea' in refused.err


def test_F31_F33_users_groups_and_accounts_by_one_tool(host):
    """Root makes the account and its lead; the lead runs it, and nothing else of the host."""
    uadmctl('account', 'add', 'team', 'other', rc=0)
    add('lead', 'team', role='administrator')
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('--as', 'lead', 'user', 'add', 'ann', '--account', 'team', '--role', 'viewer', rc=0)
    uadmctl('--as', 'lead', 'member', 'role', 'team', 'ann', '--role', 'operator', rc=0)
    uadmctl('group', 'add-member', 'crew', 'ann', rc=0)
    assert {'team', 'team-operator', 'crew'} <= set(lab.run('id', '-Gn', 'ann', rc=0).out.split())
    assert set(members('team')) == {'lead', 'ann'} and members('team')['ann']['role'] == 'operator'
    for refused in (['user', 'add', 'bob', '--account', 'other', '--role', 'viewer'], ['member', 'list', 'other'], ['group', 'add', 'x'],
                    ['account', 'suspend', 'team']):
        uadmctl('--as', 'lead', *refused, rc=77)
    uadmctl('--as', 'lead', 'user', 'suspend', 'ann', rc=77)  # crew is root's
    uadmctl('group', 'remove-member', 'crew', 'ann', rc=0)
    uadmctl('--as', 'lead', 'user', 'suspend', 'ann', rc=0)
    assert show('ann')['status'] == 'suspended'


def test_F58_F72_F84_own_role_is_seen_and_not_changed(two):
    """A change of a role holds at once; users see theirs, and change neither it nor rights."""
    uadmctl('member', 'role', 'acme', 'jo', '--role', 'viewer', rc=0)
    seen = {m['account']: m['role'] for m in uadmctl('--as', 'jo', 'user', 'show', 'jo', '--json', rc=0).json['memberships']}
    assert seen == {'acme': 'viewer', 'beta': 'operator'}
    before = lab.sql('SELECT * FROM membership')
    for verb in (['member', 'role', 'acme', 'jo', '--role', 'administrator'], ['member', 'grant', 'acme', 'jo', '--right', 'Work_Run']):
        uadmctl('--as', 'jo', *verb, rc=77)
    assert lab.sql('SELECT * FROM membership') == before


def test_F36_a_deletion_of_many_is_agreed_to_once(two):
    names = write('/keys/gone.txt', 'jo\nzoe\n')
    no = lab.talk(['uadmctl', 'user', 'delete', '--from', names], [('Type delete 2 users to go on', 'delete')])
    assert no.rc == 1 and 'uadmctl user suspend --from /keys/gone.txt' in no.text and show('jo') and show('zoe'), no
    for name in ('jo', 'zoe'):
        assert f'{name} (uid {show(name)["uid"]})' in no.text
    yes = lab.talk(['uadmctl', 'user', 'delete', '--from', names], [('Type delete 2 users to go on', 'delete 2 users')])
    assert yes.rc == 0 and yes.text.count('Type ') == 1, yes
    uadmctl('user', 'show', 'jo', rc=67)
    uadmctl('user', 'add', 'ann', 'bob', rc=0)
    assert lab.talk(['uadmctl', 'user', 'delete', 'ann', 'bob'], [('Type delete 2 users', 'delete 2 users')]).rc == 0
    uadmctl('user', 'show', 'bob', rc=67)
    uadmctl('user', 'add', 'cal', rc=0)
    uadmctl('user', 'delete', 'cal', rc=64)  # nobody to ask


def test_F92_clone_comes_first(host):
    overview = uadmctl('help', rc=0).out
    assert overview.index('user clone') < overview.index('user add')
