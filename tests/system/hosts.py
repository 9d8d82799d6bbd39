"""hosts.py - many logins through libpam from one process, for tests that try hundreds of them.

`Host` runs standin/pam_host.c, compiled in the box; a login is a line to it and its answer a line
back, so that one costs what PAM costs and not what starting a program does.
"""
import os
import select
import subprocess
import urllib.parse

import lab

STANDIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'standin')


def build(name, *flags):
    """standin/NAME.c as /keys/NAME, compiled once a box."""
    out = f'/keys/{name}'
    if not os.path.exists(out):
        lab.run('gcc', '-std=c11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', '-o', out,
                os.path.join(STANDIN, f'{name}.c'), *flags, rc=0, seconds=120)
    return out


class Login:
    """The codes of the phases, how often somebody was asked, how often pam_uadm logged."""

    def __init__(self, line):
        words = line.split()
        self.codes = [int(w) for w in words if '=' not in w]
        self.asked, self.logged = (int(w.split('=')[1]) for w in words if '=' in w)

    def __repr__(self):
        return f'codes {self.codes}, asked {self.asked} times, {self.logged} lines of pam_uadm'


class Host:
    def __init__(self):
        # before any preload of a test's own: that is for what comes after
        program = build('pam_host', '-lpam', '-ldl')
        self.child = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, env=lab.ENVIRONMENT, cwd='/')

    def login(self, seconds=60, **words):
        """Keywords as in pam_host.c: service, user, phases, answers (a list), rhost, ..."""
        if 'answers' in words:
            words['answers'] = ','.join(words['answers'])
        self.child.stdin.write(' '.join(
            f'{key}={urllib.parse.quote(str(value), safe=",")}' for key, value in words.items()) + '\n')
        self.child.stdin.flush()
        ready, _, _ = select.select([self.child.stdout], [], [], seconds)
        assert ready, f'no end within {seconds} s: {words}'
        line = self.child.stdout.readline()
        assert line, f'the host ended with {self.child.wait()}: {words}'
        return Login(line)

    def close(self):
        self.child.kill()
        self.child.wait()
