"""pam_uadm with the real uadmd in a program that calls PAM: no error that valgrind finds (P23), and
conversations that are missing, fail, give nothing or never end are no failure of the user's (P26)."""
import os

import pytest

import hosts
import lab
from lab import LOCAL, LOCAL_PASSWORD, NEW, PASSWORD, WRONG, add_user, show


def uadmds():
    """Processes of uadmd, also those that wait for one."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.readlink(f'/proc/{pid}/exe').endswith('/uadmd'):
                found.append(int(pid))
        except OSError:
            continue
    return found


def charged():
    """Everything that a failure leaves in the store."""
    return lab.run('sqlite3', '-cmd', '.timeout 5000', '/var/lib/uadm/store/uadm.db',
                   'SELECT count(*) FROM attempt; SELECT count(*) FROM lockout; SELECT sum(attempts) FROM bucket',
                   rc=0).out.split()


def test_P23_valgrind(host):
    add_user('ada')
    with open('/etc/pam.d/only', 'w', encoding='ascii') as f:
        f.writelines(f'{kind} required pam_uadm.so\n' for kind in ('auth', 'account', 'session', 'password'))
    every = 'auth,account,setcred,open,close'
    logins = [f'service={service} user={user} phases={phases} on=1 {answers}'
              for service in ('only', 'sshd')
              for user in ('ada', LOCAL, 'root', 'nobodys')
              for phases, answers in ((every, f'answers={PASSWORD}'), ('auth', f'answers={WRONG}'),
                                      ('change', f'answers={WRONG},{NEW},{NEW}'), (every, 'conv=none'),
                                      (every, 'conv=empty'))]
    done = lab.run('valgrind', '--quiet', '--error-exitcode=99', '--leak-check=full',
                   '--show-leak-kinds=definite,indirect,possible', '--errors-for-leak-kinds=definite,possible',
                   hosts.build('pam_host', '-lpam', '-ldl'), input='\n'.join(logins) + '\n', seconds=300)
    assert done.rc == 0 and len(done.out.splitlines()) == len(logins), done
    assert '== Invalid' not in done.err and 'lost' not in done.err, done
    assert done.out.startswith('0 0 0 0 0 '), done  # ada is in


@pytest.mark.parametrize('conv', ['none', 'fails', 'empty'])
def test_P26_no_answer_is_no_failure(host, conv):
    """In every service and phase, a hundred times: nothing is counted, and the password is still good."""
    add_user('ada')
    before, program = charged(), hosts.Host()
    for n in range(100):
        service = ('sshd', 'login', 'sudo', 'cron', 'other')[n % 5]  # not su: root may
        for phases in ('auth', 'auth-null'):
            login = program.login(service=service, user='ada', phases=phases, conv=conv, rhost='192.0.2.1')
            assert login.codes[0] not in (0, 25), (service, phases, login)
    login = program.login(service='passwd', user='ada', phases='change', conv=conv, **{'as': 30000})
    assert login.codes[0] not in (0, 25), login
    assert charged() == before and show('ada')['failed_attempts'] == 0
    # where nobody is asked nothing is missed
    assert program.login(service='cron', user='ada', phases='account,setcred,open,close', conv=conv).codes == [0] * 4
    assert program.login(service='sshd', user='ada', phases='auth,account', answers=[PASSWORD]).codes == [0, 0]
    assert program.login(service='sshd', user=LOCAL, phases='auth,account', answers=[LOCAL_PASSWORD]).codes == [0, 0]
    program.close()


def test_P26_nobody_answers_in_time(host, sshd):
    """sshd gives up while the human is being asked: no failure, and no uadmd stays behind."""
    add_user('ada')
    before, server = charged(), sshd(LoginGraceTime='1')
    child = lab.spawn(*server.command('ada', 'keyboard-interactive'))
    child.expect('assword:')
    assert uadmds()
    lab.poll(lambda: not uadmds(), 'uadmd to end')
    child.close(force=True)
    assert charged() == before


@pytest.mark.parametrize('signal', ['KILL', 'TERM', 'HUP'])
def test_P26_the_program_goes_while_asked(host, signal):
    add_user('ada')
    before = charged()
    child = lab.spawn('su', 'ada', '-c', 'true', user=LOCAL)
    child.expect('assword:')
    assert uadmds()
    assert lab.run('pkill', f'-{signal}', '-x', 'su').rc == 0
    lab.poll(lambda: not uadmds(), 'uadmd to end')
    child.close(force=True)
    assert charged() == before
