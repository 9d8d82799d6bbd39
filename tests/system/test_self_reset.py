"""A code by mail from the login screen (F19, F67; P10): an empty password, the address that is registered, and one answer
for everybody."""
import re

import pytest

import lab
from lab import NEW, PAM_AUTH_ERR, PAM_CONV_ERR, PAM_PERM_DENIED, PASSWORD, add_user, pam, show, sql, uadmctl
from sink import Sink
from test_codes import CODE, DAY, IN, use, opened_count, sync_count, with_sync_count

MAIL = 'ada@example.org'
SAID = 'a code is on its way'


@pytest.fixture
def sink(host):
    add_user('ada', '--email', MAIL)
    with Sink() as s:
        with open('/etc/uadm/uadm.conf', 'a', encoding='ascii') as f:
            f.write(f'[mail]\ncommand = /usr/bin/msmtp --host=127.0.0.1 --port={s.port} --read-recipients --read-envelope-from\n'
                    'from = uadm@example.org\n')
        yield s


def ask(name='ada', email=MAIL, rhost='192.0.2.50'):
    """An empty password, and then the address: the codes and all that was shown."""
    done = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', name, rhost, 'auth', '', email)
    return done.out.split(), done.err


def codes(kind='self-reset'):
    return int(sql(f"SELECT count(*) FROM code WHERE kind = '{kind}'"))


def mailed(sink):
    """The code of the newest mail, once it is delivered."""
    uadmctl('mail', 'deliver', rc=0)
    return CODE.search(sink.mails[-1].body)[0]



def test_F67_at_a_real_login(sink, sshd):
    """ssh: return, the address, the code from the mail, a password of one's own."""
    server = sshd()
    dialogue = [('assword: ?', ''), ('E-mail address: ?', MAIL)]
    command = [word.replace('LogLevel=ERROR', 'LogLevel=INFO') for word in server.command('ada', 'keyboard-interactive')]
    said = lab.talk(command, dialogue)
    assert said.rc != 0 and SAID in said.text and MAIL in said.text, said  # what is typed shows
    code = mailed(sink)
    mail = sink.mails[-1]
    assert mail.recipients == [MAIL] and 'ada' in mail.body
    assert pam('sshd', 'ada', 'auth', 'account', answers=[PASSWORD], rhost='192.0.2.1') == [0, 0]  # until it is used
    done = server.login('ada', code, dialogue=[('New password: ?', NEW), ('Retype new password: ?', NEW)])
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    rows = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    assert [r['detail'] for r in rows if r['action'] == 'user.change-password'] == ['service=sshd code=self-reset']
    assert [r['actor'] for r in rows if r['action'] == 'user.ask-code'] == ['login (sshd)']


def test_F67_at_login1(sink):
    child = lab.spawn('login', 'ada')
    for pattern, answer in (('assword: ?', ''), ('E-mail address: ?', MAIL), (SAID, None), ('login: ?', None)):
        child.expect(pattern)
        if answer is not None:
            child.send(answer + '\r')
    child.close(force=True)
    assert use(mailed(sink)) == IN


def test_F67_P10_one_answer_for_all(sink):
    """Unknown, known with another address, suspended, locked, who may change users, roles or the account, fresh, and the right
    one: the same words, the same hash, as many commits, the same letter written."""
    uadmctl('account', 'add', 'acme', rc=0)
    powers = {'boss': 'Any_User_Write', 'roler': 'Any_Role_Write', 'chief': 'Account_Write'}
    for name, right in powers.items():
        uadmctl('role', 'add', f'only_{name}', '--scope', 'Admin', '--right', right, rc=0)
    for name, options in (('sus', ()), ('loc', ()), ('nop', ()), *((name, ('--account', 'acme', '--role', f'only_{name}')) for name in powers)):
        add_user(name, '--email', f'{name}@example.org', *options, password=None if name == 'nop' else PASSWORD)
    uadmctl('user', 'suspend', 'sus', rc=0)
    lab.fail_logins('loc', 5)
    preload = lab.Preload()
    with_sync_count()

    def answer(name, email):
        hashes, commits = len(preload.hashes()), sync_count()
        letters = opened_count('"self-reset"')
        codes_, shown = ask(name, email)
        return (tuple(codes_), re.sub(r'\d+', 'N', shown), len(preload.hashes()) - hashes, sync_count() - commits,
                opened_count('"self-reset"') - letters)

    cases = [('nobody1', MAIL), ('ada', 'other@example.org'), ('sus', 'sus@example.org'), ('loc', 'loc@example.org'),
             *((name, f'{name}@example.org') for name in powers), ('nop', 'nop@example.org'), ('ada', MAIL), ('ada', MAIL), ('ada', 'x' * 400), ('nobody1', 'é\x1b[0m'),
             ('ada', "' OR 1=1 --")]
    answers = [answer(*case) for case in cases]
    assert len(set(answers)) == 1, [(case, a[0], a[2:]) for case, a in zip(cases, answers)]
    assert answers[0][0] == (str(PAM_AUTH_ERR),) and SAID in answers[0][1] and answers[0][2] == 1 and answers[0][4] > 0
    lab.run('mv', '/usr/libexec/uadm/uadmd.real', '/usr/libexec/uadm/uadmd', rc=0)
    uadmctl('mail', 'deliver', rc=0)
    assert sorted(m.to for m in sink.mails if CODE.search(m.body)) == [MAIL, 'nop@example.org']


def test_an_address_is_guessed_like_a_password(sink):
    """A wrong one counts, for the source first; the right one from there is of no use then. The right one does not count."""
    uadmctl('policy', 'set', 'source-limit', '3', rc=0)
    for n in range(3):
        ask(email=f'{n}@example.org')
    assert show('ada')['failed_attempts'] == 3 and show('ada')['status'] == 'active'
    ask()
    assert codes() == 0
    ask(rhost='192.0.2.51')
    assert codes() == 1
    for n in range(5):
        ask(rhost=f'192.0.2.{60 + n}')
    assert show('ada')['failed_attempts'] == 3 and codes() == 1
    for n in range(2):
        ask(email='x@example.org', rhost=f'192.0.2.{70 + n}')
    assert show('ada')['status'] == 'locked'


def test_no_new_one_while_one_is_fresh(sink):
    clocks = lab.Preload()
    ask()
    code = mailed(sink)
    clocks.clock(14 * 60)
    ask()
    uadmctl('mail', 'deliver', rc=0)
    assert len(sink.mails) == 1
    clocks.clock(15 * 60)
    ask()
    assert mailed(sink) != code and len(sink.mails) == 2
    assert use(code) == [PAM_AUTH_ERR] and use(mailed(sink)) == IN
    assert codes() == 0


def test_never_instead_of_an_administrators_code(sink):
    """Both are good; the one that is used takes the other along."""
    row, = uadmctl('user', 'reset-password', 'ada', '--print-code', '--json', rc=0).json
    ask()
    mine = mailed(sink)
    assert codes() == codes('reset') == 1
    assert use(row['code']) == IN and use(mine, PASSWORD) == [PAM_AUTH_ERR]
    ask(rhost='192.0.2.52')
    mine = mailed(sink)
    uadmctl('user', 'reset-password', 'ada', '--print-code', rc=0)  # theirs counts more
    assert use(mine, PASSWORD) == [PAM_AUTH_ERR]


def test_F19_for_who_is_invited(sink):
    """Also after the code of the invitation ran out; a live one is not touched."""
    clocks = lab.Preload()
    uadmctl('account', 'add', 'acme', '--default-role', 'viewer', rc=0)
    row, = uadmctl('user', 'invite', 'jo@example.org', '--account', 'acme', '--json', '--print-code', rc=0).json
    ask('jo', 'jo@example.org')
    assert codes('invitation') == 1 and codes() == 1
    clocks.clock(7 * DAY)
    uadmctl('maintain', rc=0)
    assert codes('invitation') == codes() == 0
    ask('jo', 'jo@example.org')
    assert use(row['code'], name='jo', rhost='192.0.2.53') == [PAM_AUTH_ERR]
    assert use(mailed(sink), name='jo') == IN
    assert uadmctl('invite', 'list', '--json', rc=0).json == [] and show('jo')['status'] == 'active'


def test_never_around_a_suspension(sink):
    """Suspended when asked: nothing is sent. Suspended since: the code opens nothing."""
    ask()
    code = mailed(sink)
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert use(code) == [PAM_PERM_DENIED]
    sql('DELETE FROM code')
    ask(rhost='192.0.2.55')
    assert codes() == 0


def test_off_means_off(sink):
    """By policy, without a mailer, under su and sudo, for administrators: an empty password is a wrong one."""
    uadmctl('policy', 'set', 'self-reset', 'no', rc=0)
    shown = ask()
    assert shown[0] == [str(PAM_AUTH_ERR)] and 'E-mail' not in shown[1] and show('ada')['failed_attempts'] == 1
    uadmctl('policy', 'set', 'self-reset', 'default', rc=0)
    assert 'E-mail' not in lab.su('ada', '', user=lab.LOCAL).text
    lab.quick_hashes()  # and with that no mailer
    assert 'E-mail' not in ask(rhost='192.0.2.56')[1]


def test_an_invitation_tells_of_it_where_it_is_on(sink):
    for n, (word, name) in enumerate((('yes', 'eve'), ('no', 'eli'))):
        uadmctl('policy', 'set', 'self-reset', word, rc=0)
        uadmctl('user', 'invite', f'{name}@example.org', rc=0)
        lab.poll(lambda: len(sink.mails) > n, 'the mail')
        body = sink.mails[n].body
        assert f'Hello {name},' in body and (f'one is mailed to {name}@example.org' in body) == (word == 'yes'), body


@pytest.mark.parametrize('kind', ['self-reset', 'reset', 'invitation'])
def test_another_address_ends_the_code(sink, kind):
    """Also one that has arrived: who had the address, or has it now, is somebody else."""
    if kind == 'invitation':
        uadmctl('user', 'invite', 'jo@example.org', rc=0)
    elif kind == 'reset':
        uadmctl('user', 'reset-password', 'ada', rc=0)
    else:
        ask()
        uadmctl('mail', 'deliver', rc=0)
    lab.poll(lambda: sink.mails, 'the mail')
    code, name = CODE.search(sink.mails[0].body)[0], 'jo' if kind == 'invitation' else 'ada'
    said = uadmctl('user', 'set', name, '--email', 'new@example.org', rc=0).err
    again = ['invite', 'resend'] if kind == 'invitation' else ['user', 'reset-password']
    assert f'the code that {name} was given is over; a new one: uadmctl {" ".join(again)} {name}' in said
    assert codes(kind) == 0 and use(code, name=name) != IN
    uadmctl(*again, name, rc=0)
    lab.poll(lambda: len(sink.mails) == 2, 'the next mail')
    assert sink.mails[1].recipients == ['new@example.org']
    assert use(CODE.search(sink.mails[1].body)[0], name=name) == IN
    assert uadmctl('user', 'set', name, '--email', 'newer@example.org', rc=0).err == ''


def test_no_address_is_an_empty_password(sink):
    """P17: refused and charged; and who goes away before an answer is not."""
    assert ask(email='')[0] == [str(PAM_AUTH_ERR)] and show('ada')['failed_attempts'] == 1
    assert pam('sshd', 'ada', 'auth', answers=['']) == [PAM_CONV_ERR]
    assert show('ada')['failed_attempts'] == 1


def test_no_mail_no_code(sink):
    """A mail that cannot be written leaves no code that somebody could guess at."""
    uadmctl('user', 'set', 'ada', '--email', '', rc=0)
    ask()
    ask(email='', rhost='192.0.2.57')
    assert codes() == 0
    uadmctl('user', 'set', 'ada', '--email', MAIL, rc=0)
    lab.run('rm', '-r', '/usr/share/uadm/mail', rc=0)
    ask(rhost='192.0.2.58')
    assert codes() == 0 and sink.mails == []
