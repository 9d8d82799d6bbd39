"""The outbox: F17, F24, F28, F62, F100, F103 (what was done and its mail are one transaction), S7. The mailer is msmtp,
and SMTP is spoken to a sink; or a script, where it has to misbehave."""
import contextlib
import os
import re
import signal
import stat
import subprocess

import pytest

import lab
from hostile import HOSTILE, judge, judge_json
from lab import poll, uadmctl
from sink import Sink

CONF = '/etc/uadm/uadm.conf'
CHEAP = '[hash]\nopslimit = 1\nmemlimit = 8388608\n'
MAILER = '/usr/local/sbin/mailer'
FROM = 'uadm@example.org'
NAME = 'Jö "the <boss>" Ünser, Dr. =?UTF-8?Q?x?='


def configure(command, language='en'):
    with open(CONF, 'w', encoding='utf-8') as f:
        f.write(f'{CHEAP}[mail]\ncommand = {command}\nfrom = {FROM}\nlanguage = {language}\n')


def script(text, path=MAILER):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(f'#!/bin/bash\n{text}\n')
    os.chmod(path, 0o755)
    return path


def outbox(*args):
    return uadmctl('mail', 'list', *args, '--json', rc=0).json


def shown(number):
    return uadmctl('mail', 'show', str(number), '--json', rc=0).json


def states():
    return [m['state'] for m in outbox()]


def deliver():
    return uadmctl('mail', 'deliver', '--json', rc=0).json


def add_jo(name='jo', display=NAME):
    uadmctl('user', 'add', name, '--email', f'{name}@example.org', '--display-name', display, rc=0)


@pytest.fixture
def by_hand(host):
    """As with systemd: what a verb has queued is not sent by it, but by who looks at the file that it touches."""
    os.makedirs('/run/systemd/system', exist_ok=True)
    shutil_gone = ['/etc/uadm/mail', MAILER]
    yield host
    os.rmdir('/run/systemd/system')
    lab.run('rm', '-rf', *shutil_gone, rc=0)


@pytest.fixture
def sink(by_hand):
    with Sink() as s:
        configure(f'/usr/bin/msmtp --host=127.0.0.1 --port={s.port} --read-recipients --read-envelope-from')
        yield s


def test_F28_a_change_and_its_mail(sink):
    """Through a real mailer to a real server: what arrives is what was meant."""
    add_jo()
    uadmctl('user', 'delete', 'jo', '--yes', '--dry-run', rc=0)
    assert outbox() == []
    uadmctl('user', 'delete', 'jo', '--yes', rc=0)
    one, = outbox()
    assert (one['state'], one['kind'], one['name'], one['recipient'], one['tries']) == ('queued', 'deleted', 'jo', 'jo@example.org', 0)
    assert os.stat('/run/uadm/outbox').st_mode & 0o777 == 0o600
    assert [(m['name'], m['result'], m['recipient'], m['error']) for m in deliver()] == [(str(one['id']), 'sent', 'jo@example.org', None)]
    mail, = sink.mails
    assert (mail.sender, mail.recipients, mail.to) == (FROM, ['jo@example.org'], 'jo@example.org')
    assert mail.subject == 'Your login jo on box was deleted' == one['subject']
    assert f'Hello {NAME},' in mail.body and mail.body.replace('\r', '') == shown(one['id'])['body']
    assert mail.id == f'<{one["message_id"]}>' and mail.message['From'] == FROM
    assert mail.message['Auto-Submitted'] == 'auto-generated' and mail.message['Date'].datetime.utcoffset().seconds == 0
    after, = outbox()
    assert after['state'] == 'sent' and after['sent_at'] is not None and after['next_at'] is None and after['tries'] == 1
    assert deliver() == [] and len(sink.mails) == 1


def test_a_change_that_does_not_happen_mails_nobody(sink):
    """Refused in the end, by the guard: after the mail was written, or before; nothing is left of it."""
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('user', 'add', 'boss', '--email', 'boss@example.org', '--account', 'acme', '--role', 'administrator', '--password-stdin',
            input=lab.PASSWORD, rc=0)
    for verb in ('suspend', 'delete'):
        assert 'administrator' in uadmctl('user', verb, 'boss', *(['--yes'] if verb == 'delete' else []), rc=65).err
    assert outbox() == []
    # A lock that lasts: the change is not made, and nothing goes out.
    add_jo()
    lab.run('sqlite3', '/var/lib/uadm/store/uadm.db', "CREATE TRIGGER refuse BEFORE INSERT ON audit WHEN new.action = 'user.suspend' "
            "BEGIN SELECT raise(ABORT, 'no'); END", rc=0)
    assert uadmctl('user', 'suspend', 'jo').rc != 0
    assert outbox() == [] and lab.show('jo')['status'] != 'suspended' and deliver() == [] and sink.mails == []


def test_who_has_no_address_and_who_has_no_mailer(sink):
    uadmctl('user', 'add', 'jo', rc=0)
    uadmctl('user', 'suspend', 'jo', rc=0)
    with open(CONF, 'w', encoding='utf-8') as f:
        f.write(CHEAP)
    add_jo('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert outbox() == []
    assert 'there is no mailer' in uadmctl('mail', 'test', 'ada@example.org', rc=78).err
    findings = uadmctl('host', 'status', '--json').json['findings']
    assert [f['level'] for f in findings if f['about'] == 'mail'] == ['note']


@pytest.mark.parametrize('answer', ['450 later', '451 busy', '452 full'])
def test_not_now(sink, answer):
    """4xx: it waits, with the server's own words, and longer each time."""
    add_jo()
    sink.refuse = {'RCPT': answer}
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert [m['result'] for m in deliver()] == ['queued']
    one, = outbox()
    assert one['state'] == 'queued' and answer in one['error'] and one['tries'] == 1 and one['next_at'] > one['created_at']
    assert deliver() == []  # a minute has not gone by
    clock = lab.Preload()
    clock.clock(boot=90)
    sink.refuse = {}
    assert [m['result'] for m in deliver()] == ['sent']
    assert len(sink.mails) == 1 and outbox()[0]['error'] is None and outbox()[0]['tries'] == 2


@pytest.mark.parametrize('answer', ['550 no such user', '554 spam'])
def test_never(sink, answer):
    """5xx: given up at once; a person looks, and has it tried again or drops it."""
    add_jo()
    sink.refuse = {'RCPT': answer}
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert [m['result'] for m in deliver()] == ['failed']
    one, = outbox('--state', 'failed')
    assert answer in one['error'] and deliver() == []
    findings = {f['about']: f for f in uadmctl('host', 'status', '--json').json['findings']}
    assert findings['outbox']['level'] == 'warning' and answer in findings['outbox']['what']
    number = str(one['id'])
    uadmctl('mail', 'retry', number, '--dry-run', rc=0)
    assert states() == ['failed']
    assert [r['changed'] for r in uadmctl('mail', 'retry', '--all', '--json', rc=0).json] == [True]
    assert [r['changed'] for r in uadmctl('mail', 'retry', number, '--json', rc=0).json] == [False]
    sink.refuse = {}
    assert [m['result'] for m in deliver()] == ['sent']
    for verb in ('retry', 'drop'):
        assert 'was sent' in uadmctl('mail', verb, number, rc=65).err
    actions = [r['action'] for r in uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json]
    assert actions.count('mail.retry') == 1


def test_what_is_dropped_is_not_sent(sink):
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    number = str(outbox()[0]['id'])
    assert [r['result'] for r in uadmctl('mail', 'drop', number, '--json', rc=0).json] == ['dropped']
    assert deliver() == [] and states() == ['dropped'] and sink.mails == []
    assert uadmctl('mail', 'drop', number, '--json', rc=0).json[0]['changed'] is False
    uadmctl('mail', 'drop', '999', rc=67)
    uadmctl('mail', 'show', '999', rc=67)
    uadmctl('mail', 'retry', rc=64)
    # Second thoughts: it had no code that would be gone.
    uadmctl('mail', 'retry', number, rc=0)
    assert [m['result'] for m in deliver()] == ['sent'] and len(sink.mails) == 1


def test_two_at_once_send_each_mail_once(sink):
    names = [f'u{n}' for n in range(12)]
    for name in names:
        add_jo(name)
    uadmctl('user', 'suspend', *names, rc=0)
    assert states() == ['queued'] * 12
    couriers = [subprocess.Popen(['uadmctl', 'mail', 'deliver', '--json'], stdout=subprocess.PIPE, env=lab.ENVIRONMENT, cwd='/') for _ in range(4)]
    assert all(c.wait(60) == 0 for c in couriers)
    for c in couriers:
        c.stdout.close()
    assert states() == ['sent'] * 12
    assert sorted(m.to for m in sink.mails) == sorted(f'{n}@example.org' for n in names)
    assert len({m.id for m in sink.mails}) == 12


def test_a_courier_that_is_killed(sink):
    """Between the claim and the mail: it is sent later, by the next one, under the number that it has."""
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    good = open(CONF, encoding='utf-8').read()
    os.mkfifo('/run/held')
    configure(script('echo $$ >/run/started; read x </run/held'))
    courier = subprocess.Popen(['uadmctl', 'mail', 'deliver'], stdout=subprocess.DEVNULL, env=lab.ENVIRONMENT, cwd='/')
    poll(lambda: os.path.exists('/run/started') and os.path.getsize('/run/started'), 'the mailer')
    assert states() == ['sending'] and 'is being sent' in uadmctl('mail', 'retry', '1', rc=75).err
    courier.send_signal(signal.SIGKILL)
    courier.wait()
    with open(CONF, 'w', encoding='utf-8') as f:
        f.write(good)
    assert deliver() == [] and states() == ['sending']
    clock = lab.Preload()
    clock.clock(boot=60)
    assert [m['result'] for m in deliver()] == ['sent']
    one, = outbox()
    assert one['tries'] == 2 and [m.id for m in sink.mails] == [f'<{one["message_id"]}>']
    for path in ('/run/held', '/run/started'):
        os.unlink(path)


@pytest.mark.parametrize('how, words', [
    ('exit 3', 'exited with status 3'), ('echo the disk is gone >&2; exit 74', 'the disk is gone'), ('kill -9 $$', 'signal 9'),
    ('printf "\\033[2J\\x9b\\n%0200000d" 0; exit 75', 'just now')])
def test_a_mailer_that_fails(by_hand, how, words):
    configure(script(how))
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert [m['result'] for m in deliver()] == ['queued']
    one, = outbox()
    assert words in one['error'] and len(one['error']) < 300
    judge(uadmctl('mail', 'list', rc=0))
    judge(uadmctl('mail', 'show', str(one['id']), rc=0))
    done = uadmctl('mail', 'test', 'jo@example.org', rc=69)
    assert words in done.err
    judge(done)


def wrong_mailers():
    def missing():
        os.unlink(MAILER)

    def writable():
        os.chmod(MAILER, 0o775)

    def somebodys():
        lab.run('chown', lab.LOCAL, MAILER, rc=0)

    def in_tmp():
        os.unlink(MAILER)
        os.symlink('/tmp/mailer', MAILER)
        script('exit 0', '/tmp/mailer')

    def by_somebodys_link():
        os.unlink(MAILER)
        lab.run('rm', '-rf', '/home/lokal/way', rc=0)
        os.mkdir('/home/lokal/way')
        os.symlink('/bin/true', '/home/lokal/way/true')
        lab.run('chown', '-R', lab.LOCAL, '/home/lokal/way', rc=0)
        os.symlink('/home/lokal/way/true', MAILER)

    def no_program():
        os.chmod(MAILER, 0o644)

    return [missing, writable, somebodys, in_tmp, by_somebodys_link, no_program]


@pytest.mark.parametrize('spoil', wrong_mailers(), ids=lambda f: f.__name__)
def test_a_mailer_that_is_not_roots(by_hand, spoil):
    """Root runs nothing that others could have put there: the mail waits."""
    configure(script('touch /run/it-ran'))
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    spoil()
    assert [m['result'] for m in deliver()] == ['queued'] and not os.path.exists('/run/it-ran')
    assert 'cannot be run' in outbox()[0]['error']
    findings = {f['about']: f for f in uadmctl('host', 'status', '--json').json['findings']}
    assert findings['mail']['level'] == 'warning'
    assert uadmctl('mail', 'test', 'jo@example.org', rc=78).err


def test_links_to_what_is_roots_are_fine(by_hand):
    """As Debian has them: /usr/sbin/sendmail -> /etc/alternatives/... -> the program, and /bin -> usr/bin."""
    script('cat >/run/mail', '/usr/local/sbin/real-mailer')
    os.symlink('/usr/local/sbin/real-mailer', '/etc/alternatives/mailer')
    os.symlink('../../../etc/alternatives/mailer', MAILER)
    configure(f'{MAILER} -x')
    uadmctl('mail', 'test', 'jo@example.org', rc=0)
    assert 'To: jo@example.org' in open('/run/mail', encoding='ascii').read()
    for path in ('/etc/alternatives/mailer', '/usr/local/sbin/real-mailer', '/run/mail'):
        os.unlink(path)


def test_what_a_mailer_finds(by_hand):
    """No environment, no descriptor, no terminal of ours; and the store is free: other changes go on."""
    script('{ env; ls -l /proc/self/fd; echo args: "$@"; pwd; ps -o pid=,sid=,tty= $$; id -u; sqlite3 /var/lib/uadm/store/uadm.db '
           '"BEGIN IMMEDIATE; ROLLBACK" && echo free; uadmctl user set jo --last-name Free && echo changed; } >/run/seen 2>&1; cat >/run/mail')
    configure(MAILER)
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    done = lab.run('env', 'EVIL=1', 'LD_LIBRARY_PATH=/tmp', 'uadmctl', 'mail', 'deliver', rc=0)
    assert done.out == '1: sent to jo@example.org\n'
    seen = open('/run/seen', encoding='utf-8').read()
    assert 'EVIL' not in seen and 'LD_' not in seen
    assert len(re.findall(r'^[lrwx-]+ .* -> ', seen, re.M)) <= 4, seen  # and the one of ls itself
    assert '\nfree\n' in seen and '\nchanged\n' in seen and '\n/\n' in seen
    assert f'args: -i -t -f {FROM}\n' in seen
    pid, sid, tty = re.search(r'^ *(\d+) +(\d+) +(\?)', seen, re.M).groups()
    assert pid == sid and tty == '?'
    for path in ('/run/seen', '/run/mail'):
        os.unlink(path)


def test_a_mailer_that_goes_on_in_the_background(by_hand):
    """As dma does: what has taken the mail is not waited for, and not killed."""
    os.mkfifo('/run/held')
    configure(script('cat >/run/spool; (read x </run/held; mv /run/spool /run/done) & exit 0'))
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert [m['result'] for m in deliver()] == ['sent']
    with open('/run/held', 'w', encoding='ascii') as f:
        f.write('go\n')
    poll(lambda: os.path.exists('/run/done'), 'the end of it')
    for path in ('/run/held', '/run/done'):
        os.unlink(path)


def test_maintain_sends_too(sink):
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    uadmctl('maintain', '--no-mail', rc=0)
    uadmctl('maintain', '--dry-run', rc=0)
    assert states() == ['queued']
    assert uadmctl('maintain', rc=0).out == '' and states() == ['sent'] and len(sink.mails) == 1
    sink.refuse = {'RCPT': '550 never'}
    uadmctl('user', 'resume', 'jo', rc=0)
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert '550 never' in uadmctl('maintain', rc=0).out


def test_without_systemd_it_goes_out_at_once(sink):
    """By a process that nobody waits for, after the verb has said that it is done."""
    os.rename('/run/systemd', '/run/no-systemd')
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    poll(lambda: sink.mails, 'the mail')
    poll(lambda: states() == ['sent'], 'the row')
    os.rename('/run/no-systemd', '/run/systemd')


def test_never_from_inside_a_login(sink):
    """A password that is changed in a login queues a mail: uadmd runs no mailer, also after the answer."""
    configure(script('cat >>/run/mails'))
    uadmctl('user', 'add', 'jo', '--email', 'jo@example.org', '--password-stdin', '--create-home', input=lab.PASSWORD, rc=0)
    with contextlib.suppress(FileNotFoundError):
        os.unlink('/run/uadm/outbox')
    done = lab.passwd('jo', [('urrent', lab.PASSWORD), ('ew password', lab.NEW), ('assword', lab.NEW)])
    assert done.rc == 0, done
    poll(lambda: os.path.exists('/run/uadm/outbox'), 'the sign for who delivers')
    poll(lambda: not lab.run('pgrep', '-x', 'uadmd').out, 'the end of uadmd')
    one, = outbox()
    assert one['kind'] == 'password-changed' and one['state'] == 'queued' and one['tries'] == 0 and not os.path.exists('/run/mails')
    assert [m['result'] for m in deliver()] == ['sent']
    assert 'password of jo' in open('/run/mails', encoding='ascii').read()
    os.unlink('/run/mails')


# Templates

def template(kind, text, language='en', mode=0o644):
    path = f'/etc/uadm/mail/{language}/{kind}'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8', errors='surrogateescape', newline='') as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def test_languages_and_ones_own_words(sink):
    add_jo()
    conf = open(CONF, encoding='utf-8').read()
    with open(CONF, 'w', encoding='utf-8') as f:
        f.write(conf.replace('language = en', 'language = de'))
    uadmctl('mail', 'test', 'jo@example.org', rc=0)
    assert 'Eine Probe von uadm auf box' == sink.mails[-1].subject and 'weiß' in sink.mails[-1].body
    assert sink.mails[-1].message['Content-Language'] == 'de'
    # A language that nobody has written in yet is English.
    with open(CONF, 'w', encoding='utf-8') as f:
        f.write(conf.replace('language = en', 'language = fr'))
    uadmctl('mail', 'test', 'jo@example.org', rc=0)
    assert sink.mails[-1].message['Content-Language'] == 'en'
    template('suspended', 'Subject: {login}: fini {role}\n\nAdieu {name}\nle compte {account}\n{braces stay} {} { login }\n', 'fr')
    uadmctl('user', 'suspend', 'jo', rc=0)
    deliver()
    assert sink.mails[-1].subject == 'jo: fini' and sink.mails[-1].body == f'Adieu {NAME}\r\n{{braces stay}} {{}} {{ login }}\r\n'
    for kind in ('invitation', 'reset', 'self-reset', 'suspended', 'deleted', 'password-changed', 'test'):
        for language in ('en', 'de'):
            with open(CONF, 'w', encoding='utf-8') as f:
                f.write(conf.replace('language = en', f'language = {language}'))
            uadmctl('mail', 'test', 'jo@example.org', '--kind', kind, rc=0)
            mail = sink.mails[-1]
            assert mail.message['Content-Language'] == language and '{' not in mail.body + mail.subject
            assert ('NOT-A-CODE' in mail.body) == (kind in ('invitation', 'reset', 'self-reset'))


@pytest.mark.parametrize('text, words', [
    ('Subject: x\n\n{nothing}\n', 'line 3: {nothing}'), ('Hello\n', 'line 1'), ('Subject: x\nBcc: all@example.org\n\n', 'line 2'), ('', 'line 1'),
    ('Subject: x\n\n\x1b[2J\n', 'control character'), ('Subject: x\r\n\r\nx\r\n', 'line 2'), ('Subject: x\n\n\udcff\n', 'UTF-8'),
    ('Subject: a\rb\n\nx\n', 'control character'), ('Subject: x\n\na\0b\n', 'NUL'), ('Subject: x\n\n' + 'x' * 20000, 'larger'),
    ('Subject: x\n\na\u202eb\n', 'invisible')], ids=lambda value: repr(value)[:30])
def test_a_template_that_is_none(sink, text, words):
    """The shipped one is used, and it is said; who asks for it by a test is told that it is wrong."""
    template('suspended', text)
    done = uadmctl('mail', 'test', 'jo@example.org', '--kind', 'suspended', rc=65)
    assert words in done.err and '/etc/uadm/mail/en/suspended' in done.err and sink.mails == []
    judge(done)
    add_jo()
    done = uadmctl('user', 'suspend', 'jo', rc=0)
    assert 'warning' in done.err and words in done.err
    deliver()
    assert sink.mails[-1].subject == 'Your login jo on box is suspended'


def test_a_template_that_others_could_write(sink):
    path = template('suspended', 'Subject: evil\n\nevil\n', mode=0o666)
    add_jo()
    for spoil in (lambda: None, lambda: (os.chmod(path, 0o644), lab.run('chown', lab.LOCAL, path, rc=0)),
                  lambda: (lab.run('chown', 'root', path, rc=0), os.chmod('/etc/uadm/mail', 0o777)),
                  lambda: (os.chmod('/etc/uadm/mail', 0o755), os.unlink(path), os.symlink('/root/evil', path)),
                  lambda: (os.unlink(path), os.mkfifo(path))):
        spoil()
        assert 'warning' in uadmctl('user', 'suspend', 'jo', rc=0).err
        uadmctl('user', 'resume', 'jo', rc=0)
    deliver()
    assert len(sink.mails) == 5 and {m.subject for m in sink.mails} == {'Your login jo on box is suspended'}


def test_a_host_without_templates_is_no_reason_to_keep_anybody(sink):
    os.rename('/usr/share/uadm/mail', '/usr/share/uadm/away')
    try:
        add_jo()
        done = uadmctl('user', 'suspend', 'jo', rc=0)
        assert 'gets no mail' in done.err and lab.show('jo')['status'] == 'suspended' and outbox() == []
        uadmctl('mail', 'test', 'jo@example.org', rc=67)
    finally:
        os.rename('/usr/share/uadm/away', '/usr/share/uadm/mail')


def test_F88_times_are_the_readers(sink):
    add_jo()
    uadmctl('user', 'set', 'jo', '--time-zone', 'Asia/Tokyo', rc=0)
    add_jo('ada')
    lab.run('env', 'TZ=America/Lima', 'uadmctl', 'user', 'suspend', 'jo', 'ada', rc=0)
    bodies = {m['name']: shown(m['id'])['body'] for m in outbox()}
    assert re.search(r'suspended \(\d{4}-\d\d-\d\d \d\d:\d\d JST\)', bodies['jo']), bodies
    assert re.search(r'suspended \(\d{4}-\d\d-\d\d \d\d:\d\d -05\)', bodies['ada']), bodies


# S7

def test_S7_names_in_mails(sink):
    """Whatever is taken as a name stands in the mail as it is, and adds nothing to it."""
    template('suspended', 'Subject: {name} and {name}\n\n{name}\n')
    taken = []
    for n, text in enumerate(HOSTILE.values()):
        if uadmctl('user', 'add', f'u{n}', '--email', f'u{n}@example.org', '--display-name', text).rc == 0 and text:
            uadmctl('user', 'suspend', f'u{n}', rc=0)
            taken.append((f'u{n}@example.org', text))
    assert len(taken) > 10
    sent = []
    while True:
        more = deliver()
        sent += more
        if not more:
            break
    assert [m['result'] for m in sent] == ['sent'] * len(taken)
    arrived = {m.to: m for m in sink.mails}
    headers = set(arrived[taken[0][0]].message.keys())
    for address, text in taken:
        mail = arrived[address]
        assert mail.recipients == [address] and set(mail.message.keys()) == headers and len(mail.message.keys()) == len(headers)
        assert mail.body == text + '\r\n' and mail.subject == f'{text} and {text}'[:len(mail.subject)] and text[:100] in mail.subject
        assert all(len(line) <= 78 for line in mail.raw.split(b'\r\n')) and max(mail.raw) < 128
    judge(uadmctl('mail', 'list', rc=0))
    judge_json(uadmctl('mail', 'list', '--json', rc=0))


@pytest.mark.parametrize('text', HOSTILE, ids=str)
def test_S7_addresses(sink, text):
    for address in (HOSTILE[text], f'{HOSTILE[text]}@example.org', f'a@{HOSTILE[text]}'):
        done = uadmctl('mail', 'test', '--', address)
        judge(done)
        assert done.rc in (0, 65) and (done.rc == 0) == (len(sink.mails) == 1), done
        if sink.mails:
            assert sink.mails.pop().recipients == [address]


def test_S7_addresses_that_look_like_options(sink):
    for address in ('-oQ/tmp@example.org', '--help@example.org', '|id@example.org', "a'b@example.org", 'a+b=c@example.org', '`id`@example.org'):
        uadmctl('mail', 'test', '--', address, rc=0)
        assert sink.mails.pop().recipients == [address]


# What happens to the store

def test_a_restore_mails_nothing_again(sink):
    add_jo()
    uadmctl('user', 'suspend', 'jo', rc=0)
    uadmctl('store', 'backup', '/root/b', rc=0)
    deliver()
    uadmctl('store', 'restore', '/root/b', '--yes', rc=0)
    assert states() == ['sent'] and deliver() == [] and len(sink.mails) == 1
    assert uadmctl('store', 'check', rc=0)


def test_only_root(sink):
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('user', 'add', 'boss', '--account', 'acme', '--role', 'administrator', '--password-stdin', input=lab.PASSWORD, rc=0)
    for words in (['list'], ['show', '1'], ['retry', '1'], ['drop', '1'], ['test', 'a@example.org'], ['deliver']):
        assert 'only root' in uadmctl('--as', 'boss', 'mail', *words, rc=77).err
    assert stat.S_IMODE(os.stat('/var/lib/uadm/store/uadm.db').st_mode) == 0o600


def test_a_mailer_that_quotes_the_code(by_hand):
    """What it says is shown, and kept for a month: not so a code in it."""
    configure(script('grep -E "^ +[0-9A-Z]{5}-" | tee /tmp/quoted >&2; exit 75') + ' now')
    add_jo()
    uadmctl('user', 'reset-password', 'jo', rc=0)
    deliver()
    with open('/tmp/quoted', encoding='ascii') as f:
        code = re.search(r'(\w{5}-){3}\w{5}', f.read())[0]
    said = repr(outbox()) + uadmctl('mail', 'list', rc=0).out + uadmctl('mail', 'show', '1', rc=0).out + uadmctl('host', 'status').out
    assert 'there is a code in it' in said and not [g for g in code.split('-') if g in said], (code, said)


def test_what_is_being_sent_is_not_dropped(by_hand):
    """The mailer has it: it may go out yet, and nobody is told otherwise."""
    configure(script('cat >/dev/null; touch /tmp/has-it; while ! [ -e /tmp/go ]; do :; done') + ' now')
    add_jo()
    uadmctl('user', 'reset-password', 'jo', rc=0)
    sending = subprocess.Popen(['uadmctl', 'mail', 'deliver'], env=lab.ENVIRONMENT, stdout=subprocess.DEVNULL, cwd='/')
    try:
        poll(lambda: os.path.exists('/tmp/has-it'), 'the mailer')
        for verb in ('drop', 'retry'):
            assert 'is being sent' in uadmctl('mail', verb, '1', rc=75).err
    finally:
        with open('/tmp/go', 'w', encoding='ascii'):
            pass
        sending.wait(timeout=30)
    assert states() == ['sent']


def test_some_that_cannot_be_sent_do_not_hold_up_the_rest(by_hand):
    """A mailer that fails with those of one sender is not to blame for all: the newest has its turn, and any."""
    configure(script('grep -q "^To: bad" && exit 75; exit 0') + ' now')
    for n in range(12):
        uadmctl('user', 'invite', f'bad{n}@example.org', rc=0)
    add_jo()
    uadmctl('user', 'reset-password', 'jo', rc=0)
    deliver()
    assert [m['state'] for m in outbox() if m['name'] == 'jo'] == ['sent']
    assert states().count('sent') == 1


def test_host_status_tells_waiting_from_failed(host):
    """Mail that waits for long is no mail that could not be sent."""
    def told():
        return [f['what'] for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'outbox']

    def put(number, state, error):
        lab.sql(f"""INSERT INTO letter (kind, language, uid, name, recipient, subject, body, message_id, state, next, queued, error, created_at) VALUES
            ('suspended', 'en', 30000, 'ada', 'ada@example.org', 'x', 'y', '{number}@box', '{state}',
            {"NULL" if state == "failed" else 1}, {number}, {error}, 1)""")

    put(1, 'queued', 'NULL')
    assert len(told()) == 1 and re.match('no mail failed, but for more than an hour 1 waits, the oldest since', told()[0]), told()
    put(2, 'failed', "'no such host'")
    assert re.match('1 mail could not be sent, 1 waits, .*; no such host', told()[0]), told()

