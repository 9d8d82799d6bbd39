"""S7: hostile strings in every option and argument of every verb, in secrets and in the environment:
refused or shown escaped. Tables, JSON, logs, the trail and the published file stay what they are."""
import re

import pytest

import lab
from hostile import ALL, HOSTILE, NAMES, WORDS, forms, judge, judge_json, make_people, stored_is_clean, unclean, well_formed
from lab import PASSWORD, uadmctl


class Shape:
    """A command as its help has it: what it takes, and the options that take something."""

    def __init__(self, words):
        self.words, self.noun = words, words[0]
        text = uadmctl('help', *words, rc=0).out
        usage = text.splitlines()[0].split()[1 + len(words):]
        self.takes = [w.strip('.[]') for w in usage if not w.startswith('[--')]
        self.valued = re.findall(r'^  (?:-., |    )?\s*(--[a-z-]+) [A-Z]', text, re.M)
        self.flags = set(re.findall(r'--[a-z-]+', text))

    def sample(self, word, fresh):
        if word == 'NAME':
            return fresh if self.words[1:] in (['add'], ['clone']) else NAMES[self.noun]
        return WORDS[word]

    def command(self, fresh, position=None, value=None, option=None):
        """With `value` in the place of one argument or option; all else is good."""
        words = [value if i == position else self.sample(word, fresh) for i, word in enumerate(self.takes)]
        if option == '--from' or (self.words == ['session', 'terminate'] and option):
            words = words[:-1]
        fixed = [flag for flag in ('--yes', '--no-input') if flag in self.flags]
        if self.noun == 'host' or self.words == ['store', 'restore']:
            fixed += [flag for flag in ('--dry-run',) if flag in self.flags]
        if self.words == ['user', 'set'] and option is None:
            fixed.append('--first-name=Ada')
        needed = {'user add': '--role=viewer --account=acme', 'member add': '--role=viewer', 'member role': '--role=viewer', 'can': '--account=acme',
                  'account set': '--description=old', 'member grant': '--right=Row', 'member deny': '--right=Row', 'role grant': '--right=Row',
                  'role deny': '--right=Row', 'right list': '--account=acme', 'user transfer': '--to=acme', 'contact add': '--kind=partner',
                  'factor enroll': '--pending'}.get(' '.join(self.words), '').split()
        fixed += [word for word in needed if word.split('=')[0] != option]
        if self.words in (['user', 'set-password'], ['policy', 'test']) and option not in ('--password-fd', '--hash-fd'):
            fixed.append('--password-stdin')
        return [*self.words, *fixed, *([f'{option}={value}'] if option else []), '--', *words]


def all_verbs():
    return re.findall(r'^  (?!help )([a-z]+(?: [a-z-]+)?)  ', lab.run(lab.BUILD + '/image/usr/sbin/uadmctl' if lab.BUILD else 'uadmctl', 'help').out, re.M)


@pytest.fixture
def people(host):
    make_people()
    return host


@pytest.mark.parametrize('verb', all_verbs())
def test_every_option_and_argument(people, verb):
    shape = Shape(verb.split())
    places = [{'position': i} for i in range(len(shape.takes))] + [{'option': o} for o in shape.valued]
    n = 0
    for turn, place in enumerate(places):
        # Of the texts every ninth, other ones for each verb and place: what looks at them is shared by all.
        texts = list(HOSTILE.values())
        for text in texts if ALL else texts[(sum(verb.encode()) + turn) % 13::13]:
            for form in forms(n + turn):
                n += 1
                command = shape.command(f'fresh{n}', value=text, **place)
                done = uadmctl(*form, *command, input=PASSWORD + str(n) + '\n')
                judge(done)
                if form:
                    judge_json(done)
    if '--dry-run' in shape.flags or shape.noun == 'store':
        stored_is_clean()
        assert uadmctl('group', 'show', 'crew').rc in (0, 67)
        uadmctl('user', 'add', 'ada', input='')
        uadmctl('group', 'add', 'crew')
        uadmctl('account', 'add', 'acme')
        well_formed()


def test_verbs_are_found():
    """An empty list above would pass."""
    assert len(all_verbs()) > 25 and 'user add' in all_verbs()


@pytest.mark.parametrize('command', [['user', 'set-password', 'ada', '--password-stdin'], ['user', 'set-password', 'ada', '--hash-stdin'],
                                     ['policy', 'test', '--user', 'ada', '--password-stdin']], ids=lambda c: c[-1] + c[0])
def test_secrets(people, command):
    """Passwords and hashes, alone and with more behind them: nothing of them is shown."""
    for n, text in enumerate(HOSTILE.values()):
        for form in forms(n):
            done = uadmctl(*form, *command, input=text + ('\n' if n % 3 else '\nmore'))
            judge(done)
            if form:
                judge_json(done)
            assert len(text) < 9 or text not in done.out + done.err
    stored_is_clean()
    well_formed(2)


def test_environment_and_completion(people):
    for text in HOSTILE.values():
        env = {key: text for key in ('TERM', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'COLUMNS', 'NO_COLOR')}
        judge(uadmctl('user', 'list', env=env, rc=0))
        judge_json(uadmctl('audit', 'list', '--json', env=env, rc=0))
    for shell in ('bash', 'zsh', 'fish'):
        assert not unclean(uadmctl('help', '--completion', shell, rc=0).out.replace('\t', ' '))
