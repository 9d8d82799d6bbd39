#!/usr/bin/python3
"""picture.py [DATA [SVG]]: what a lookup costs against the number of users, drawn from a data file of `make bench`.

Without arguments from the newest file of bench/data to docs/lookup.svg. Both axes are logarithmic. The same data
give the same bytes. A case without at least two sizes is not drawn; a line ends where nothing was measured.
"""
import math
import os
import sys
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import results  # noqa: E402

SVG = os.path.normpath(os.path.join(os.path.dirname(results.DATA), '..', 'docs', 'lookup.svg'))
PANELS = [('lookup', 'getpwnam', 'getpwnam, in the module'), ('lookup', 'miss', 'a name that nobody has, in the module'),
          ('lookup', 'initgroups', 'initgroups of 5 groups, in the module'),
          ('threads', 'getpwnam', 'getpwnam by 8 threads, for each call of all'),
          ('libc', 'getpwnam', 'getpwnam_r(3), all of libc'), ('cold', 'one getpwnam', 'a process that asks once')]
# Told apart by more than their colours: each line has its name at its end.
COLOURS = {'uadm': '#c8102e', 'files': '#555555', 'extrausers': '#8a6d1b', 'db': '#7b4ea3', 'cache': '#1f7a4d',
           'tinycdb': '#1f5fa8', 'sqlite': '#c46a10', 'sss': '#00838f', 'files + nscd': '#a03070',
           'uadm + nscd': '#e27a7a', 'empty module': '#888888', 'no lookup': '#bbbbbb'}
COLUMNS, WIDE, HIGH = 2, 580, 330
LEFT, RIGHT, TOP, BOTTOM = 74, 160, 44, 46  # of a panel, around what is drawn
HEADING = 74
LABEL = 13  # from one name to the next


def series(rows, part, case):
    """{who: [(users, ns)]} in the order of the file."""
    out = {}
    for r in rows:
        if (r.part, r.case) == (part, case) and r.median is not None and r.median > 0:
            out.setdefault(r.who, []).append((r.users, results.ns(r)))
    return {who: sorted(points) for who, points in out.items()}


def apart(wanted, low, high):
    """Heights near the wanted ones, LABEL apart, in the same order."""
    at = {}
    order = sorted(wanted, key=lambda w: (wanted[w], w))
    last = low - LABEL
    for who in order:
        last = at[who] = max(wanted[who], last + LABEL)
    last = high + LABEL
    for who in reversed(order):
        last = at[who] = min(at[who], last - LABEL)
    return at


def text(x, y, words, **attributes):
    more = ''.join(f' {k.replace("_", "-")}="{escape(str(v))}"' for k, v in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'


def line(x1, y1, x2, y2, colour):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


class Scale:
    """From logarithms to the paper."""
    def __init__(self, low, high, begin, end):
        self.low, self.high, self.begin, self.end = math.log10(low), math.log10(high), begin, end

    def __call__(self, value):
        return self.begin + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.begin)


def decades(values):
    return range(math.floor(math.log10(min(values))), max(math.ceil(math.log10(max(values))),
                                                          math.floor(math.log10(min(values))) + 1) + 1)


def curve(who, points, x, y):
    colour = COLOURS.get(who, '#333333')
    ours = results.is_ours(who)
    path = ' '.join(f'{x(n):.1f},{y(ns):.1f}' for n, ns in points)
    out = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{3 if ours else 1.6}"'
           + (' stroke-dasharray="6 3"' if who == 'empty module' else '') + '/>']
    return out + [f'<circle cx="{x(n):.1f}" cy="{y(ns):.1f}" r="{3.5 if ours else 2.5}" fill="{colour}"/>'
                  for n, ns in points]


def panel(left, top, title, lines):
    right, bottom = left + WIDE - RIGHT, top + HIGH - BOTTOM
    sizes = sorted({n for points in lines.values() for n, _ in points})
    costs = decades([ns for points in lines.values() for _, ns in points])
    x = Scale(sizes[0], sizes[-1], left + LEFT, right)
    y = Scale(10.0 ** costs[0], 10.0 ** costs[-1], bottom, top + TOP)
    out = [text(left + LEFT, top + TOP - 14, title, font_size=15, font_weight='bold')]
    for power in costs:
        out += [line(left + LEFT, y(10.0 ** power), right, y(10.0 ** power), '#dddddd'),
                text(left + LEFT - 6, y(10.0 ** power) + 4, tick(10.0 ** power), text_anchor='end')]
    for n in sizes:
        out += [line(x(n), top + TOP, x(n), bottom, '#dddddd'),
                text(x(n), bottom + 16, f'{n:,}', text_anchor='middle')]
    out += [text((left + LEFT + right) / 2, bottom + 34, 'users', text_anchor='middle'),
            text(left + 14, (top + TOP + bottom) / 2, 'time of a call', text_anchor='middle',
                 transform=f'rotate(-90 {left + 14:.1f} {(top + TOP + bottom) / 2:.1f})')]
    names = apart({who: y(points[-1][1]) for who, points in lines.items()}, top + TOP, bottom - 6)
    for who, points in sorted(lines.items(), key=lambda item: results.is_ours(item[0])):
        out += curve(who, points, x, y)
        out.append(text(right + 8, names[who] + 4, f'{who} {results.quantity(points[-1][1])}',
                        fill=COLOURS.get(who, '#333333'), font_weight='bold' if results.is_ours(who) else 'normal'))
    return out


def tick(ns):
    """A power of ten, without the digits of a measurement."""
    unit, size = next((u, s) for u, s in (('s', 1e9), ('ms', 1e6), ('µs', 1e3), ('ns', 1)) if ns >= s or s == 1)
    return f'{ns / size:g} {unit}'


def picture(facts, rows):
    panels = [(title, series(rows, part, case)) for part, case, title in PANELS]
    drawn = [(title, lines) for title, lines in panels if len({n for points in lines.values() for n, _ in points}) > 1]
    width, height = COLUMNS * WIDE, HEADING + HIGH * ((len(drawn) + COLUMNS - 1) // COLUMNS)
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
           ' font-family="DejaVu Sans, Verdana, sans-serif" font-size="11" fill="#222222">',
           '<title>What a lookup costs against the number of users</title>',
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           text(20, 30, 'What a lookup costs against the number of users', font_size=20, font_weight='bold'),
           text(20, 52, f'Medians of make bench of {facts.get("date", "")}, uadm {facts.get("uadm", "")}: '
                f'{facts.get("machine", "")}, {facts.get("cores", "?").split(",")[0]} cores; lower is better', font_size=12)]
    for i, (title, lines) in enumerate(drawn):
        out += panel(i % COLUMNS * WIDE, HEADING + i // COLUMNS * HIGH, title, lines)
    return '\n'.join([*out, '</svg>', ''])


def draw(data, svg=SVG):
    facts, rows = results.read(data)
    os.makedirs(os.path.dirname(os.path.abspath(svg)), exist_ok=True)
    with open(svg, 'w', encoding='utf-8') as f:
        f.write(picture(facts, rows))


def main():
    data = sys.argv[1] if len(sys.argv) > 1 else results.last()
    if data is None:
        sys.exit('bench/picture.py: there is nothing in bench/data yet: make bench')
    draw(data, *sys.argv[2:3])


if __name__ == '__main__':
    main()
