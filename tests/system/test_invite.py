"""Invitations (F11, F18, F19, F21-23, F52-F54, F73, F78, F96; S5, S6): from the mail to the first login, and all that ends them."""
import os
import re

import pytest

import lab
from lab import (NEW, PAM_AUTH_ERR, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED, PASSWORD, add_user, getent, pam, show,
                 uadmctl)
from sink import Sink
from test_codes import CHANGE, CODE, DAY, IN, use

JO = 'jo.doe@acme.example'


@pytest.fixture
def acme(host):
    uadmctl('account', 'add', 'acme', '--domain', 'acme.example', '--default-role', 'viewer', rc=0)
    uadmctl('account', 'add', 'beta', '--domain', 'beta.example', rc=0)
    return host


def invite(*args, **more):
    return uadmctl('user', 'invite', '--json', *args, rc=0, **more).json


def invitations(*args):
    return uadmctl('invite', 'list', '--json', *args, rc=0).json


def members(account='acme'):
    return {m['name']: (m['role'], m['state']) for m in uadmctl('member', 'list', account, '--json', rc=0).json}


def mailer(sink):
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write(f'[mail]\ncommand = /usr/bin/msmtp --host=127.0.0.1 --port={sink.port} --read-recipients --read-envelope-from\n'
                'from = uadm@example.org\n')


def test_F18_F52_from_the_mail_to_the_first_login(acme, sshd):
    """invite -> the mail in an SMTP sink -> sshd with the code in it -> a password -> in, with the groups of the account."""
    server = sshd()
    with Sink() as sink:
        mailer(sink)
        row, = invite(JO, '--account', 'acme', '--role', 'developer')
        assert (row['name'], row['code'], row['delivery'], row['email']) == ('jo-doe', None, 'mail', JO), row
        mail, = lab.poll(lambda: sink.mails, 'the mail')
        assert mail.recipients == [JO] and 'jo-doe' in mail.body and 'acme' in mail.body and 'developer' in mail.body
        code = CODE.search(mail.body)[0]
        assert code not in uadmctl('user', 'invite', 'x@acme.example', '--account', 'acme', rc=0).out
    assert show('jo-doe')['status'] == 'invited' and members()['jo-doe'] == ('developer', 'pending')
    server.authorize('jo-doe')
    done = server.login('jo-doe', code, dialogue=CHANGE, remote=['id', '-Gn'])
    assert done.rc == 0 and {'acme', 'acme-developer'} <= set(done.text.split()), done
    assert show('jo-doe')['status'] == 'active' and members()['jo-doe'] == ('developer', 'active')
    assert [i['name'] for i in invitations()] == ['x']
    assert use(code, 'Other-Words-9', 'jo-doe') == [PAM_AUTH_ERR]
    assert server.login_key('jo-doe').rc == 0
    action, = [r for r in uadmctl('audit', 'list', '--target', 'jo-doe', '--json', rc=0).json if r['actor'] == 'jo-doe' and 'code' in (r['detail'] or '')]
    assert (action['action'], action['detail']) == ('user.accept', 'service=sshd code=invitation')


def test_F52_F73_many_at_once(acme):
    """Names are made of the addresses; where one is taken, another is, and that is said."""
    add_user('taken')
    done = uadmctl('user', 'invite', JO, 'jo.doe+x@acme.example', 'Taken@acme.example', 'root@acme.example', '4you@acme.example',
                   '--account', 'acme', rc=0)
    names = re.findall(r'^([\w-]+): invited', done.out, re.M)
    assert names == ['jo-doe', 'jo-doe2', 'taken2', 'root2', 'u4you'], done
    assert '(jo-doe is taken)' in done.out and '(taken is taken)' in done.out and '(root is taken)' in done.out
    assert done.out.count('as viewer, its default') == 5 and len({m[0] for m in CODE.finditer(done.out)}) == 5
    row, = invite('z@acme.example', '--name', 'zed', '--account', 'acme,beta', '--role', 'operator', '--display-name', 'Zed')
    assert row['name'] == 'zed' and [m['account'] for m in row['memberships']] == ['acme', 'beta']
    assert show('zed')['display_name'] == 'Zed' and getent('passwd', 'zed')[4] == 'Zed'
    assert use(row['code'], name='zed') == IN
    assert members()['zed'] == members('beta')['zed'] == ('operator', 'active')
    assert uadmctl('user', 'invite', 'a@acme.example', 'b@acme.example', '--name', 'x').rc == 64


def test_F52_from_a_file(acme):
    done = uadmctl('user', 'invite', '--json', '--yes', '--from', '-', rc=65, input=(
        'email,name,account,role,display_name\nann@b.example,,acme,operator,Ann\nc@b.example,cid,,,\nbad,,acme,,\n'
        'ann@b.example,ann2,acme,,\n')).json
    assert [(r['name'], r['result']) for r in done] == [('ann', 'invited'), ('cid', 'invited'), ('bad', 'invalid'), ('ann@b.example', 'exists')]
    assert [(i['name'], i['account'], i['role']) for i in invitations()] == [('ann', 'acme', 'operator'), ('cid', None, None)]
    uadmctl('user', 'invite', '--from', '-', input='e@b.example\nf@b.example\n', rc=0)
    assert len(invitations()) == 4
    done = uadmctl('user', 'invite', '--from', '-', input='name,account\nx,acme\n')
    assert done.rc == 65 and 'column "email"' in done.err, done


def test_F18_pending_until_then(acme, sshd, cron):
    """No key, no cron, no su by root, no password that anybody guessed: the code alone, and it only to set a password."""
    row, = invite(JO, '--account', 'acme')
    server = sshd()
    server.authorize('jo-doe')
    assert server.login_key('jo-doe').rc != 0
    assert lab.su('jo-doe', user=None).rc != 0
    assert 'acme' not in lab.run('id', '-Gn', 'jo-doe').out.split()
    assert pam('cron', 'jo-doe', 'account') == [PAM_PERM_DENIED]
    assert pam('sshd', 'jo-doe', 'auth', 'account!', 'open', answers=[row['code']]) == [0, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED]
    uadmctl('user', 'set-password', 'jo-doe', '--password-stdin', input=PASSWORD + '\n', rc=0)  # does not accept for them
    assert pam('sshd', 'jo-doe', 'auth', answers=[PASSWORD]) == [PAM_PERM_DENIED]
    done = lab.login('jo-doe', row['code'], CHANGE)
    assert done.rc == 0 and done.text.split()[-1] == 'jo-doe', done


def test_F18_seven_days(acme):
    clocks = lab.Preload()
    row, = invite(JO, '--account', 'acme')
    clocks.clock(7 * DAY)
    assert use(row['code'], name='jo-doe') == [PAM_AUTH_ERR]
    uadmctl('maintain', rc=0)
    listed, = invitations()
    assert (listed['state'], listed['expires_at']) == ('expired', None)
    clocks.clock()
    assert use(row['code'], name='jo-doe') == [PAM_AUTH_ERR]  # gone for good
    row, = uadmctl('invite', 'resend', 'jo-doe', '--json', rc=0).json
    assert use(row['code'], name='jo-doe') == IN
    uadmctl('policy', 'set', 'invite-lifetime', '1h', rc=0)
    row, = invite('z@acme.example', '--account', 'acme')
    clocks.clock(3600)
    assert use(row['code'], name='z') == [PAM_AUTH_ERR]


def test_F53_F54_list_resend_cancel(acme):
    """Resend: the old code dies. Cancel: who never got in is gone, and the number is nobody's any more."""
    old, = invite(JO, '--account', 'acme')
    uid = getent('passwd', 'jo-doe')[2]
    new, = uadmctl('invite', 'resend', JO, '--json', rc=0).json
    assert new['name'] == 'jo-doe' and use(old['code'], name='jo-doe') == [PAM_AUTH_ERR]
    listed, = invitations('--account', 'acme')
    assert (listed['name'], listed['email'], listed['role'], listed['state'], listed['invited_by']) == ('jo-doe', JO, 'viewer', 'pending', 'root')
    assert invitations('--account', 'beta') == []
    table = uadmctl('invite', 'list', rc=0).out
    assert new['code'] not in table and 'pending' in table
    assert uadmctl('invite', 'cancel', 'jo-doe', '--no-input').rc == 64
    uadmctl('invite', 'cancel', 'jo-doe', '--yes', '--dry-run', rc=0)
    assert len(invitations()) == 1
    assert 'deleted' in uadmctl('invite', 'cancel', 'jo-doe', '--yes', rc=0).out
    assert getent('passwd', 'jo-doe') is None and invitations() == [] and members() == {}
    assert use(new['code'], name='jo-doe') == [PAM_AUTH_ERR]
    invite(JO, '--account', 'acme')
    assert getent('passwd', 'jo-doe')[2] != uid
    invite('y@acme.example', '--account', 'acme')
    uadmctl('invite', 'cancel', 'jo-doe', '--yes', rc=0)
    uadmctl('invite', 'cancel', 'y@acme.example', '--yes', rc=0)
    add_user('jo')
    for verb in ('resend', 'cancel'):
        assert uadmctl('invite', verb, 'jo', '--yes' if verb == 'cancel' else '--json').rc == 65
        assert uadmctl('invite', verb, 'nobody@acme.example', '--yes' if verb == 'cancel' else '--json').rc == 67


def test_cancel_of_who_has_a_password(acme):
    """It was used, or a password was set: the user stays, what was offered is over."""
    row, = invite(JO, '--account', 'acme')
    uadmctl('user', 'set-password', 'jo-doe', '--password-stdin', input=PASSWORD + '\n', rc=0)
    assert uadmctl('invite', 'cancel', 'jo-doe', '--yes', rc=0).out == 'jo-doe: cancelled\n'
    assert members() == {} and use(row['code'], name='jo-doe') == [PAM_AUTH_ERR]
    assert pam('sshd', 'jo-doe', 'auth', answers=[PASSWORD]) != [0]
    assert uadmctl('store', 'check').rc == 0


def test_F11_F21_F22_F23_domains(acme):
    """The account's own domain: at once. Another account's: an error that says where to begin. Nobody's: asked."""
    refused = uadmctl('user', 'invite', 'x@beta.example', '--account', 'acme', '--yes')
    assert refused.rc == 65 and 'belongs to the account beta' in refused.err, refused
    asked = uadmctl('user', 'invite', 'x@other.example', '--account', 'acme', '--role', 'viewer', '--no-input')
    assert asked.rc == 64 and 'other.example' in asked.err, asked
    said = lab.talk(['uadmctl', 'user', 'invite', 'x@other.example', '--account', 'acme'], [(r'\[y/N\]', 'n')])
    assert said.rc == 1 and invitations() == []
    said = lab.talk(['uadmctl', 'user', 'invite', 'x@other.example', '--account', 'acme'], [(r'\[y/N\]', 'y')])
    assert said.rc == 0 and invitations()[0]['name'] == 'x'
    there = uadmctl('user', 'invite', 'x@other.example', '--account', 'beta', '--yes')
    assert there.rc == 65 and 'member add beta' in there.err, there


def test_F78_the_role(acme):
    """The default is told; a script has to name one."""
    assert 'as administrator, its default' in uadmctl('user', 'invite', 'x@beta.example', '--account', 'beta', rc=0).out
    refused = uadmctl('user', 'invite', 'y@beta.example', '--account', 'beta', '--no-input')
    assert refused.rc == 64 and '--role' in refused.err, refused


def test_F96_invited_and_inactive(acme):
    row, = invite(JO, '--account', 'acme', '--inactive')
    assert use(row['code'], name='jo-doe') == [PAM_PERM_DENIED]
    uadmctl('user', 'resume', 'jo-doe', rc=0)
    assert use(row['code'], name='jo-doe') == IN


def test_where_accounts_ask_for_acceptance(acme):
    """user add sends an invitation by itself, unless --no-invite says so; then invite resend lets them in."""
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    row, = uadmctl('user', 'add', 'ned', '--account', 'acme', '--json', rc=0).json
    assert use(row['code'], name='ned') == IN and members()['ned'] == ('viewer', 'active')
    done = uadmctl('user', 'add', 'neo', '--account', 'acme', '--no-invite', '--json', rc=0)
    assert 'code' not in done.json[0] and show('neo')['status'] == 'invited' and invitations() == []
    row, = uadmctl('invite', 'resend', 'neo', '--json', rc=0).json
    assert use(row['code'], name='neo') == IN and members()['neo'] == ('viewer', 'active')


def test_what_others_offer_is_not_accepted_along(acme):
    """An invitation accepts what it is about. What another account has offered meanwhile waits on."""
    row, = invite(JO, '--account', 'acme')
    uadmctl('account', 'set', 'beta', '--require-acceptance', 'yes', rc=0)
    uadmctl('member', 'add', 'beta', 'jo-doe', '--role', 'administrator', rc=0)
    assert use(row['code'], name='jo-doe') == IN
    assert members()['jo-doe'][1] == 'active' and members('beta')['jo-doe'][1] == 'pending'


def test_an_account_that_is_deleted_meanwhile(acme):
    row, = invite('jo@beta.example', '--account', 'beta,acme', '--role', 'viewer')
    uadmctl('account', 'delete', 'acme', '--yes', rc=0)
    assert {i['account'] for i in invitations()} == {'beta', None}
    assert use(row['code'], name='jo') == IN and invitations() == []


def test_S6_an_invited_administrator_is_one(acme):
    """Whoever is left may go once another is invited; then that invitation may not be cancelled."""
    uadmctl('account', 'delete', 'beta', '--yes', rc=0)
    add_user('ada', '--account', 'acme', '--role', 'administrator', '--email', 'ada@acme.example')
    assert uadmctl('user', 'delete', 'ada', '--yes').rc == 65
    row, = invite(JO, '--account', 'acme', '--role', 'administrator')
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    assert uadmctl('invite', 'cancel', 'jo-doe', '--yes').rc == 65
    assert use(row['code'], name='jo-doe') == IN
    assert uadmctl('user', 'delete', 'jo-doe', '--yes').rc == 65


@pytest.fixture
def people(acme):
    """An administrator of acme, one who may add users but not everything, and one who holds more elsewhere."""
    add_user('boss', '--account', 'acme', '--role', 'administrator')
    add_user('clerk', '--account', 'acme', '--role', 'viewer', '--scope', 'Admin', '--right', 'Any_User_read,Any_User_Write')
    return acme


def test_S5_delegated(people):
    """Who may add users invites them, with no more than they hold; a code is given for nobody above them."""
    def clerk(*args):
        return uadmctl('--as', 'clerk', *args)

    assert clerk('user', 'invite', 'v@acme.example', '--account', 'acme', '--role', 'viewer').rc == 0
    assert clerk('user', 'invite', 'w@acme.example', '--account', 'acme', '--role', 'administrator').rc == 77
    assert clerk('user', 'invite', 'w@beta.example', '--account', 'beta', '--role', 'viewer').rc == 77
    assert clerk('user', 'invite', 'w@other.example').rc == 77
    assert clerk('user', 'reset-password', 'boss').rc == 77
    assert clerk('user', 'reset-password', 'v').rc == 65  # invited: resend
    assert clerk('invite', 'resend', 'v').rc == 0
    assert clerk('invite', 'list').rc == 77 and clerk('invite', 'list', '--account', 'beta').rc == 77
    assert clerk('invite', 'list', '--account', 'acme').rc == 0
    uadmctl('user', 'invite', 'top@acme.example', '--account', 'acme', '--role', 'administrator', rc=0)
    for verb in ('resend', 'cancel'):
        assert clerk('invite', verb, 'top', *(['--yes'] if verb == 'cancel' else [])).rc == 77
    # Not even whether the address is anybody's.
    uadmctl('user', 'invite', 'far@beta.example', '--account', 'beta', rc=0)
    unknown, known = clerk('invite', 'resend', 'none@beta.example'), clerk('invite', 'resend', 'far@beta.example')
    assert unknown.rc == known.rc == 67 and unknown.err.replace('none', 'far') == known.err
    assert clerk('invite', 'cancel', 'v', '--yes').rc == 0
    rows = uadmctl('audit', 'list', '--json', '-n', '0', rc=0).json
    assert {r['action'] for r in rows if r['actor'].startswith('clerk')} >= {'user.invite', 'invite.resend', 'invite.cancel'}


def test_restored(acme):
    """S4: the invitation is as it was, its code is not."""
    row, = invite(JO, '--account', 'acme')
    uadmctl('store', 'backup', '/root/b', rc=0)
    uadmctl('store', 'restore', '/root/b', '--yes', rc=0)
    assert use(row['code'], name='jo-doe') == [PAM_AUTH_ERR] and invitations()[0]['state'] == 'expired'
    row, = uadmctl('invite', 'resend', 'jo-doe', '--json', rc=0).json
    assert use(row['code'], name='jo-doe') == IN


@pytest.mark.parametrize('email', ['a\nb@x.example', '"; rm -rf /"@x.example', 'a@b', '@x.example', 'x' * 300 + '@x.example',
                                   'é@x.example', '\x1b[31m@x.example', '../../etc@x.example', '-rf@x.example'])
def test_S7_hostile_addresses(acme, email):
    """Refused, or a name that is one; what is printed is escaped."""
    done = uadmctl('user', 'invite', '--json', '--', email)
    assert '\x1b' not in done.out + done.err and done.rc in (0, 65), done
    for row in done.json:
        assert done.rc == 65 or re.fullmatch(r'[a-z][a-z0-9_-]{0,30}', row['name']), done
    assert uadmctl('store', 'check').rc == 0


def test_F36_a_file_of_invitations_is_done_again(acme):
    """Who was invited just as the line says is no error with --resume; who differs is, and who was not gets a code."""
    def names(*args, rc=0, text='email,account,role\njo.doe@acme.example,acme,viewer\nann@acme.example,acme,operator\n'):
        done = uadmctl('user', 'invite', '--from', '-', '--json', *args, input=text, rc=rc).json
        return [(r['name'], r['result'], r['changed']) for r in done], done

    assert names()[0] == [('jo-doe', 'invited', True), ('ann', 'invited', True)]
    again = names(rc=65)[1]
    assert [r['hint'] for r in again] == [f'{n} is in acme as {r} (pending); another code: uadmctl invite resend {n}; --resume takes it for done'
                                          for n, r in (('jo-doe', 'viewer'), ('ann', 'operator'))]
    before = lab.sql('SELECT * FROM code ORDER BY uid') + lab.sql('SELECT * FROM audit')
    rows, done = names('--resume')
    assert rows == [('jo-doe', 'invited', False), ('ann', 'invited', False)]
    assert (done[0]['code'], done[0]['delivery'], done[0]['expires_at'], done[0]['email'], done[0]['wanted_name']) == (None, 'none', None, JO, 'jo-doe')
    assert done[1]['memberships'][0]['role'] == 'operator'
    assert before == lab.sql('SELECT * FROM code ORDER BY uid') + lab.sql('SELECT * FROM audit')
    rows, done = names('--resume', rc=65, text=(
        'email,account,role,name,display_name\nJo.Doe@acme.example,acme,operator,,\nann@acme.example,acme,,anna,\nann@acme.example,beta,,,\n'
        'ann@acme.example,acme,,,Ann\nx@acme.example,acme,,ann,\nnew@acme.example,acme,viewer,,\n'))
    assert [r for _, r, _ in rows] == ['exists'] * 5 + ['invited']
    assert ['role "viewer" and not "operator"' in done[0]['error'], 'name "ann" and not "anna"' in done[1]['error'],
            'not in the account "beta"' in done[2]['error'], ' "" and not "Ann"' in done[3]['error']] == [True] * 4, done
    assert '--resume' not in done[4]['hint'], done
    uadmctl('user', 'invite', 'x@b.example', '--resume', rc=64)
    # Without an account; and who does not see a user is told what they are told without it.
    assert 'invite resend kim' in uadmctl('user', 'invite', 'kim@b.example', 'KIM@b.example', rc=65).err
    uadmctl('user', 'add', 'lea', '--account', 'beta', '--role', 'administrator', rc=0)
    lea = [uadmctl('--as', 'lea', 'user', 'invite', '--from', '-', *more, '--account', 'beta', '--role', 'viewer', '--yes', input=f'{JO}\n')
           for more in ([], ['--resume'])]
    assert lea[0].rc == lea[1].rc == 65 and lea[0].err == lea[1].err, lea


def test_who_is_there_is_told_with_a_hint_that_works(acme):
    invite(JO, '--account', 'acme')
    add_user('ann', '--account', 'acme', '--email', 'ann@acme.example')
    for args, hint in (((JO, '--account', 'acme'), 'jo-doe is in acme as viewer (pending); another code: uadmctl invite resend jo-doe'),
                       (('ann@acme.example', '--account', 'acme'), 'ann is in acme as viewer (active)')):
        done = uadmctl('user', 'invite', *args, rc=65)
        assert done.err.endswith(f'hint: {hint}\n'), done
    done = uadmctl('user', 'add', 'ann', '--account', 'acme', rc=65)
    assert done.err.endswith('hint: ann is in acme as viewer (active)\n'), done
    done = uadmctl('invite', 'cancel', 'ann', '--yes', rc=65)
    assert 'user suspend ann' in done.err and 'reset-password' not in done.err, done


def test_one_address(acme):
    """It is the argument: an option that would be thrown away is none."""
    assert 'unknown option "--email"' in uadmctl('user', 'invite', 'q@b.example', '--email', 'z@b.example', rc=64).err
    assert '--email' not in uadmctl('help', 'user', 'invite', rc=0).out and '--mobile' in uadmctl('help', 'user', 'invite', rc=0).out
    uadmctl('user', 'invite', '--from', '-', input='email,mobile\nq@b.example,+43660123456\n', rc=0)
    assert show('q')['mobile'] == '+43660123456'


def test_F96_suspended_comes_before_invited(acme):
    """One state for lists, checks and logins: what the code would meet, too, is told first."""
    row, = invite(JO, '--account', 'acme', '--inactive')
    told = uadmctl('user', 'invite', 'ina@acme.example', '--account', 'acme', '--inactive', rc=0).out
    assert ', suspended until uadmctl user resume ina: code' in told, told
    assert ', suspended until uadmctl user resume ann' in uadmctl('user', 'add', 'ann', '--inactive', rc=0).out
    assert [u['name'] for u in uadmctl('user', 'list', '--status', 'suspended', '--json', rc=0).json] == ['ann', 'ina', 'jo-doe']
    assert {(i['name'], i['state'], i['status']) for i in invitations()} == {('jo-doe', 'pending', 'suspended'), ('ina', 'pending', 'suspended')}
    why = uadmctl('user', 'check', 'jo-doe', '--why', rc=1).out
    assert why.startswith('jo-doe: may not log in (suspended)\n') and 'by code: refused - the user is suspended; invitation code, good until' in why, why
    resent = uadmctl('invite', 'resend', 'ina', rc=0).out
    assert 'ina: invited again, but suspended: code' in resent, resent
    assert 'jo-doe: resumed, but invited' in uadmctl('user', 'resume', 'jo-doe', rc=0).out
    assert show('jo-doe')['status'] == 'invited' and use(row['code'], name='jo-doe') == IN
    uadmctl('user', 'set', 'ina', '--expires', '2020-01-01', rc=0)
    uadmctl('user', 'resume', 'ina', rc=0)
    assert show('ina')['status'] == 'expired'


@pytest.mark.parametrize('how', [['--temp-password'], ['--password-stdin'], ['--temp-password', '--no-invite']])
def test_F55_a_password_does_not_accept(acme, how):
    """Where an account asks for acceptance that is said, with what lets them in; and then it does."""
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    done = uadmctl('user', 'add', 'ned', '--account', 'acme', *how, input=PASSWORD + '\n', rc=0)
    assert 'warning: ned cannot log in before accepting acme, and has no code for that: uadmctl invite resend ned; or in their name: ' \
        'uadmctl member resume acme ned\n' in done.err and 'ssh ned@' not in done.out, done
    assert invitations() == [] and show('ned')['status'] == 'invited'
    why = uadmctl('user', 'check', 'ned', '--why', rc=1).out
    assert '  by code: none is open: uadmctl invite resend ned\n' in why, why
    row, = uadmctl('invite', 'resend', 'ned', '--json', rc=0).json
    assert '  by code: let in to set a password; invitation code, good until' in uadmctl('user', 'check', 'ned', '--why', rc=1).out
    assert use(row['code'], name='ned') == IN
    assert 'warning' not in uadmctl('user', 'add', 'neo', '--account', 'acme', '--no-invite', rc=0).err  # asked for


def test_F18_who_is_made_pending_is_told(acme):
    """member add may take the login of somebody who had one: said, by a dry run too."""
    add_user('fay')
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    for more in (['--dry-run'], []):
        done = uadmctl('member', 'add', 'acme', 'fay', '--role', 'viewer', *more, rc=0)
        assert 'fay cannot log in before accepting acme' in done.err and 'uadmctl invite resend fay' in done.err, done
    assert pam('sshd', 'fay', 'auth', answers=[PASSWORD]) == [PAM_PERM_DENIED]
    uadmctl('member', 'resume', 'acme', 'fay', rc=0)
    assert pam('sshd', 'fay', 'auth', answers=[PASSWORD]) == [0]
    # A second account leaves the login as it is, is accepted by no code, and who has one has what it takes.
    uadmctl('account', 'set', 'beta', '--require-acceptance', 'yes', rc=0)
    assert 'uadmctl member resume beta fay' in uadmctl('member', 'add', 'beta', 'fay', '--role', 'viewer', rc=0).err
    assert pam('sshd', 'fay', 'auth', answers=[PASSWORD]) == [0]
    refused = uadmctl('invite', 'resend', 'fay', rc=65)
    assert 'what waits in beta is not accepted by a code' in refused.err and 'uadmctl member resume beta fay' in refused.err, refused
    invite('zed@b.example')
    assert uadmctl('member', 'add', 'acme', 'zed', '--role', 'viewer', rc=0).err == ''


@pytest.mark.parametrize('how', ['revoke', 'end'])
def test_a_membership_that_ends_takes_the_invitation_along(acme, how):
    """And its code: who is taken in again later is not let in by the old mail."""
    row, = invite(JO, '--account', 'acme')
    name = row['name']
    if how == 'revoke':
        uadmctl('member', 'revoke', 'acme', name, '--yes', rc=0)
    else:
        lab.sql('UPDATE membership SET ends_at = 1')
        uadmctl('maintain', rc=0)
    assert invitations() == [] and lab.sql('SELECT count(*) FROM code') == '0'
    uadmctl('member', 'add', 'acme', name, rc=0)
    assert use(row['code'], name=name) != IN
    again, = uadmctl('user', 'reset-password', name, '--json', rc=0).json
    assert use(again['code'], name=name) == IN


def test_an_invitation_to_two_accounts_outlives_one(acme):
    row, = invite(JO, '--account', 'acme,beta', '--role', 'viewer')
    uadmctl('member', 'revoke', 'beta', row['name'], '--yes', rc=0)
    assert [i['account'] for i in invitations()] == ['acme']
    assert use(row['code'], name=row['name']) == IN


def test_cancel_of_who_came_by_key(acme):
    """Who was in already is not deleted, with no password either."""
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    add_user('kay', password=None)
    lab.sql("INSERT INTO last_login (uid, at, service, failures) SELECT uid, 1, 'sshd', 0 FROM user WHERE name = 'kay'")
    uadmctl('member', 'add', 'acme', 'kay', rc=0)
    uadmctl('invite', 'resend', 'kay', rc=0)
    uadmctl('invite', 'cancel', 'kay', '--yes', rc=0)
    assert show('kay')['name'] == 'kay' and invitations() == []


def test_F36_a_question_that_is_declined(acme):
    """Of several names this one is left out, by name; each has its element in JSON, also where nobody can be asked."""
    args = ['uadmctl', 'user', 'invite', 'r5@other.example', 'r6@other.example', 'r7@acme.example', '--account', 'acme', '--role', 'viewer']
    said = lab.talk(args, [(r'\[y/N\]', 'y'), (r'\[y/N\]', 'n')])
    assert said.rc == 1 and 'uadmctl: r6@other.example: left out' in said.text and 'nothing was done' not in said.text, said
    assert [i['name'] for i in invitations()] == ['r5', 'r7']
    one = ['uadmctl', 'user', 'invite', 'r8@other.example', '--account', 'acme', '--role', 'viewer']
    assert 'uadmctl: nothing was done' in lab.talk(one, [(r'\[y/N\]', 'n')]).text
    said = lab.talk([*one, '--json'], [(r'\[y/N\]', 'n')])
    assert said.rc == 1 and re.search(r'"name": ?"r8@other.example",\s*"result": ?"declined",\s*"changed": ?false', said.text), said
    done = uadmctl('user', 'invite', 'r8@other.example', 'r9@acme.example', '--account', 'acme', '--role', 'viewer', '--json')
    assert done.rc == 64 and [(r['name'], r['result']) for r in done.json] == [('r8@other.example', 'usage'), ('r9', 'invited')], done


def test_S1_a_dry_run_says_what_is_true(acme):
    """No code is in any mail then; maintain tells what it would send."""
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write('[mail]\ncommand = /bin/false\nfrom = uadm@example.org\n')
    told = uadmctl('user', 'invite', JO, '--account', 'acme', '--dry-run', rc=0).out
    assert 'would be invited' in told and ': a code would be mailed, good until' in told, told
    assert uadmctl('maintain', '--dry-run', rc=0).out == ''
    os.makedirs('/run/systemd/system', exist_ok=True)  # sent by who looks at the file that is touched
    invite(JO, '--account', 'acme')
    assert uadmctl('maintain', '--dry-run', rc=0).out == f'1: would be sent to {JO}\n'
    row, = uadmctl('maintain', '--dry-run', '--json', rc=0).json
    assert (row['name'], row['result'], row['dry_run'], row['recipient']) == ('1', 'sent', True, JO)
    assert uadmctl('maintain', '--dry-run', '--no-mail', rc=0).out == ''
    assert uadmctl('mail', 'deliver', rc=0).out.startswith(f'1: queued for another try, to {JO}: ')
    assert uadmctl('maintain', '--dry-run', rc=0).out == ''  # not yet


def test_what_a_code_cannot_open_is_told(acme):
    """A window that the code is outside of, and an account that is suspended."""
    told = uadmctl('user', 'invite', 'w2@b.example', '--valid-from', '+10d', rc=0).out
    assert re.search(', but inactive until .*, when the code is over: uadmctl invite resend w2 then: code', told), told
    told = uadmctl('user', 'invite', 'w1@b.example', '--valid-from', '+2d', rc=0).out
    assert ', but inactive until' in told and 'when the code is over' not in told, told
    assert ', but expired since 2020-01-01' in uadmctl('user', 'invite', 'w3@b.example', '--expires', '2020-01-01', rc=0).out
    uadmctl('account', 'suspend', 'acme', '--yes', '--break-glass', rc=0)
    assert 'in acme (which is suspended) as viewer' in uadmctl('user', 'invite', JO, '--account', 'acme', rc=0).out


def test_a_name_that_is_tried_is_warned_of_once(acme):
    done = uadmctl('user', 'invite', 'acme-viewers@acme.example', 'acme-viewer@acme.example', '--account', 'acme', rc=0)
    assert len(re.findall('there can be no role "viewers"', done.err)) == 1, done
    assert len(re.findall('there can be no role "viewer2"', done.err)) == 1, done


def test_F36_the_file_of_the_invitations_again(acme):
    """What was invited from a file is sent again, or taken back, with the same file; names do as well."""
    table = 'email,name,account,role,display_name\njo.doe@acme.example,,acme,viewer,Jo\nann@acme.example,anna,acme,,\n'
    names = ['jo-doe', 'anna']

    def done(*command, text=table, rc=0):
        return [(r['name'], r['result']) for r in uadmctl(*command, '--from', '-', '--json', input=text, rc=rc).json]

    assert done('user', 'invite') == [(n, 'invited') for n in names]
    for text in (table, 'email\njo.doe@acme.example\nann@acme.example\n', 'jo.doe@acme.example\nanna\n', 'name\njo-doe\nanna\n', 'name,role\njo-doe,\nanna,\n'):
        assert done('invite', 'resend', text=text) == [(n, 'invited again') for n in names]
    assert 'column "email"' in uadmctl('invite', 'resend', '--from', '-', input='mail,role\nx,y\n', rc=65).err
    assert done('invite', 'cancel', '--yes') == [(n, 'cancelled and deleted') for n in names] and invitations() == []


def test_mail_that_nobody_gets(acme):
    """Dropped, the code in it is lost: said, with what gives another one; and retried then, too."""
    with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
        f.write('[mail]\ncommand = /bin/false\nfrom = uadm@example.org\n')
    os.makedirs('/run/systemd/system', exist_ok=True)
    invite(JO, '--account', 'acme')
    done = uadmctl('mail', 'drop', '1', rc=0)
    assert done.out == '1: dropped\n' and 'nobody gets the code of mail 1 then; another one: uadmctl invite resend jo-doe\n' in done.err, done
    assert 'hint: another one: uadmctl invite resend jo-doe\n' in uadmctl('mail', 'retry', '1', rc=65).err
    assert uadmctl('mail', 'drop', '1', rc=0).err == ''


def test_F76_root_accepts_for_who_is_invited(acme):
    """The membership is active then, and the code is what lets them in all the same: said."""
    row, = invite(JO, '--account', 'acme')
    done = uadmctl('member', 'resume', 'acme', 'jo-doe', rc=0)
    assert 'warning: jo-doe is invited still, and comes in by the code: uadmctl invite list\n' in done.err, done
    assert members()['jo-doe'][1] == 'active' and show('jo-doe')['status'] == 'invited'
    assert use(row['code'], name='jo-doe') == IN
    uadmctl('member', 'suspend', 'acme', 'jo-doe', rc=0)
    assert uadmctl('member', 'resume', 'acme', 'jo-doe', rc=0).err == ''
