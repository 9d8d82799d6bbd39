"""booted.py - a host on which systemd is pid 1 (sdboot.sh). Where none can be booted the test is skipped."""
import os
import shlex
import subprocess

import pytest

import lab
from lab import poll

BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sdboot.sh')


class Host:
    def __init__(self):
        self.boot = subprocess.Popen([BOOT, os.path.join(lab.BUILD, 'image')], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.pid = self.boot.stdout.readline().strip()
        if not self.pid:
            why = self.boot.stderr.read().strip()
            assert self.boot.wait(lab.SECONDS) == 77, why
            pytest.skip(f'no systemd can be booted here: {why}')
        poll(lambda: self.run('systemctl is-system-running').out in ('running\n', 'degraded\n'), 'systemd', 60)

    def run(self, script, rc=None):
        """A line of shell, as root."""
        return lab.run('nsenter', '-t', self.pid, '-a', 'sh', '-c', script, rc=rc, seconds=60)

    def pids(self, pattern):
        return set(self.run(f'pgrep -f {shlex.quote(pattern)}').out.split())

    def wait_for(self, pattern, count=1):
        return poll(lambda: len(self.pids(pattern)) == count, pattern)

    def stop(self):
        self.boot.terminate()
        self.boot.wait(lab.SECONDS)
