"""The login stack that `host enable` writes, on trial with stand-in modules.

A box (a throwaway view of this machine) is entered once for each group of questions; this file
runs itself in it (`inside NAME`), tries everything in one process, and prints what it saw as
JSON; the tests judge that. Nothing reaches the machine.
"""

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

RUNS_OUTSIDE = True
HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / os.environ.get("BUILD", "build") / "system"
STANDIN = HERE / "standin"

# Linux-PAM's codes
SUCCESS, SYSTEM_ERR, PERM_DENIED, AUTH_ERR, AUTHINFO_UNAVAIL = 0, 4, 6, 7, 9
USER_UNKNOWN, NEW_AUTHTOK_REQD, IGNORE, MODULE_UNKNOWN = 10, 12, 25, 28
CODES = range(32)
LOCAL = {"root": "rootpw12", "loc": "locpw123"}
SHADOW = {  # of these passwords, at a cost that lets thousands of logins pass quickly
    "root": "$6$rounds=1000$uadmuadm$adlkGFk0BbkwdM2WHzXSdjkLSmXe4ODNWjYg"
            "Mx.xjy4NEgVnlAf6xko6vOZTgoI0zUcPB9UK5oiwSoNGeiwdH0",
    "loc": "$6$rounds=1000$uadmuadm$pmGYIw8In00v7dCdrNfjhO0lPDhYFccMSyHi"
            "pVrYcAWMYteqp6.EcPekgrs0QVxzAfCq2X2.xZ3.AEJq8sWxf/",
}
MANAGED, OTHER = "mng", "oth"


# ---- what runs in the box ------------------------------------------------------------------

KRB5 = """Name: fake krb5
Default: no
Priority: 704
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_fake.so /run/standin/krb5 try_first_pass
Account-Type: Additional
Account:
	required	pam_fake.so /run/standin/krb5
Password-Type: Primary
Password:
	[success=end default=ignore]	pam_fake.so /run/standin/krb5
"""
SSS = """Name: fake sss
Default: no
Priority: 300
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_fake.so /run/standin/sss use_first_pass
Account-Type: Primary
Account:
	[success=end new_authtok_reqd=done default=ignore]	pam_fake.so /run/standin/sss
Password-Type: Primary
Password:
	[success=end default=ignore]	pam_fake.so /run/standin/sss
Session-Type: Additional
Session:
	optional	pam_fake.so /run/standin/sss
"""
LATE = """Name: fake source behind pam_unix
Default: no
Priority: 128
Auth-Type: Primary
Auth:
	sufficient	pam_fake.so /run/standin/sss use_first_pass
Account-Type: Primary
Account:
	sufficient	pam_fake.so /run/standin/sss
Password-Type: Primary
Password:
	sufficient	pam_fake.so /run/standin/sss
"""
QUALITY = """Name: fake pwquality
Default: no
Priority: 1024
Password-Type: Primary
Password:
	requisite	pam_fake.so token
Password-Initial:
	requisite	pam_fake.so token
"""


def sh(*argv, **kw):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kw)


def libdir():
    return Path("/usr/lib") / sh("gcc", "-print-multiarch").stdout.strip()


def install():
    """uadm as `make install` leaves it, but with stand-ins; and other sources beside it."""
    lib = libdir()
    for name in ("pam_uadm.so", "pam_fake.so"):
        shutil.copy(OUT / "pam_standin.so", lib / "security" / name)
    for name in ("uadm", "other"):
        shutil.copy(OUT / f"libnss_{name}.so.2", lib)
    Path("/usr/libexec/uadm").mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/true", "/usr/libexec/uadm/uadmd")
    for profile in (TOP / "packaging/pam-config").iterdir():
        shutil.copy(profile, "/usr/share/pam-configs/")
    Path("/run/standin").mkdir(exist_ok=True)
    Path("/etc/nsswitch.conf").write_text(
        "# local\n\npasswd:         files systemd\ngroup:          files systemd\n"
        "shadow:         files\n\nhosts:          files\n", "ascii")
    with open("/etc/passwd", "a", encoding="ascii") as f:
        f.write("loc:x:1500:1500::/tmp:/bin/sh\n")
    lines = Path("/etc/shadow").read_text("ascii").splitlines()
    lines = [line for line in lines if line.split(":")[0] not in LOCAL]
    lines += [f"{name}:{verifier}:19000:0:99999:7:::" for name, verifier in SHADOW.items()]
    Path("/etc/shadow").write_text("\n".join(lines) + "\n", "ascii")


def add_profiles(**profiles):
    for name, text in profiles.items():
        Path("/usr/share/pam-configs", name).write_text(text, "ascii")
    if profiles:
        sh("pam-auth-update", "--enable", *profiles,
           env={"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive"})


def other_source():
    conf = Path("/etc/nsswitch.conf")
    conf.write_text(conf.read_text("ascii").replace("files uadm", "files uadm other"), "ascii")


def host(*argv, before=()):
    return subprocess.run([*before, OUT / "host_driver", *argv], capture_output=True, text=True,
                          check=False)


def enable():
    done = host("enable")
    assert done.returncode == 0, done.stdout + done.stderr


PHASES = ("auth", "setcred", "account", "open", "close", "chauthtok")


def answers(name, code, user="*"):
    """Lines for the driver that make stand-in `name` answer `code` (or {phase: code})."""
    codes = code if isinstance(code, dict) else dict.fromkeys(PHASES, code)
    text = [f"{p} {user} {c}" for p, c in codes.items()]
    return [f"ANSWERS /run/standin/{name} {len(text)}", *text]


def drive(script):
    """One dict of phase → code for each login in the script."""
    out = sh(OUT / "stack_driver", "other", input="\n".join(script) + "\n").stdout
    return [{k: int(v) for k, v in (w.split("=") for w in line.split())}
            for line in out.splitlines()]


LOGIN = "auth,setcred,account,open,close"


def matrix(others):
    """{code: {user: result}} for every code of ours, with the other sources saying `others`."""
    # as the real pam_krb5 does for users without a principal: its account line is `required`
    krb5 = {**dict.fromkeys(PHASES, others), "account": SUCCESS if others == SUCCESS else IGNORE}
    script = answers("krb5", krb5) + answers("sss", others)
    users = {**LOCAL, MANAGED: "x", OTHER: "x"}
    for code in CODES:
        script += answers("uadm", code)
        script += [f"{LOGIN} {user} {password}" for user, password in users.items()]
    seen = iter(drive(script))
    return {code: {user: next(seen) for user in users} for code in CODES}


def passwords(codes):
    script = answers("krb5", USER_UNKNOWN) + answers("sss", USER_UNKNOWN)
    users = {**LOCAL, MANAGED: "x", OTHER: "x"}
    for code in codes:
        script += answers("uadm", code)
        script += [f"chauthtok {user} {password}" for user, password in users.items()]
    seen = iter(drive(script))
    return {code: {user: next(seen)["chauthtok"] for user in users} for code in codes}


def without_module(question):
    module = libdir() / "security/pam_uadm.so"
    shutil.move(module, "/tmp/away.so")
    try:
        return question()
    finally:
        shutil.move("/tmp/away.so", module)


def logins():
    script = [f"{LOGIN} {user} {password}" for user, password in
              {**LOCAL, MANAGED: "x", OTHER: "x"}.items()]
    return dict(zip([*LOCAL, MANAGED, OTHER], drive(script)))


def inside_shipped():
    install()
    enable()
    other_source()
    few = (SUCCESS, SYSTEM_ERR, PERM_DENIED, AUTHINFO_UNAVAIL, USER_UNKNOWN, IGNORE, MODULE_UNKNOWN)
    drive(answers("krb5", USER_UNKNOWN) + answers("sss", USER_UNKNOWN))
    return {
        "alone": matrix(USER_UNKNOWN),
        "passwords": passwords(few),
        "wrong": drive(answers("uadm", SUCCESS) + ["auth loc wrongpw1", "auth root wrongpw1"]),
        "missing": without_module(logins),
        "missing passwords": without_module(lambda: passwords([0])),
        "odd names": drive(answers("uadm", AUTH_ERR) + [
            f"{LOGIN} {name} x" for name in ("root:x:0", "roo", "ROOT", "root/", "x" * 100)]),
    }


def inside_peers():
    install()
    add_profiles(krb5=KRB5, sss=SSS, late=LATE, quality=QUALITY)
    enable()
    other_source()
    yes = {"unlocked": matrix(SUCCESS), "silent": matrix(USER_UNKNOWN)}
    few = (SUCCESS, PERM_DENIED, AUTHINFO_UNAVAIL, USER_UNKNOWN)
    script = answers("uadm", PERM_DENIED) + answers("krb5", SUCCESS)
    script += answers("sss", {**dict.fromkeys(PHASES, SUCCESS), "account": NEW_AUTHTOK_REQD})
    # a close that fails, after an open that worked, must not keep others from closing
    Path("/run/standin/sss.log").unlink()
    drive(answers("uadm", {"open": SUCCESS, "close": AUTHINFO_UNAVAIL}) + [f"open,close {MANAGED} x"])
    log = Path("/run/standin/sss.log").read_text("ascii")
    # and nothing behind us is told of a session that we refuse
    drive(answers("uadm", PERM_DENIED) + [f"open {MANAGED} x"])
    return {
        **yes,
        "closed": log,
        "refused": Path("/run/standin/sss.log").read_text("ascii")[len(log):],
        "passwords": passwords(few),
        "done": drive(script + [f"account,expired,open {MANAGED} x newpw123"]),
        "namesake missing": without_module(
            lambda: drive(answers("krb5", SUCCESS) + answers("sss", SUCCESS)) or logins()),
        "order": [line.split()[-1] if "pam_fake" in line else line.split("pam_")[1].split()[0]
                  for line in Path("/etc/pam.d/common-auth").read_text("ascii").splitlines()
                  if line.startswith("auth")],
    }


def inside_above():
    """Somebody's own profile with a priority above ours."""
    install()
    add_profiles(above=KRB5.replace("704", "4000"))
    enable()
    drive(answers("krb5", SUCCESS))
    return matrix(SUCCESS)


def tree():
    """Names, owners, modes and bytes of everything that enable may touch."""
    seen = {}
    for top in ("/etc/pam.d", "/var/lib/pam", "/etc/nsswitch.conf"):
        for path in [Path(top), *Path(top).rglob("*")]:
            if not path.exists():
                continue
            st = path.lstat()
            seen[str(path)] = [st.st_mode, st.st_uid, st.st_gid,
                               path.read_text("utf8") if path.is_file() else ""]
    return seen


def differing(a, b):
    return sorted(p for p in a.keys() | b.keys() if a.get(p) != b.get(p))


def run(verb, *more):
    done = host(verb, *more)
    return {"exit": done.returncode, "out": done.stdout + done.stderr}


def inside_host():
    install()
    conf = Path("/etc/nsswitch.conf")
    conf.chmod(0o640)
    os.chown(conf, 0, 4)
    before = tree()
    seen = {"dry": run("enable", "dry"), "dry changed": differing(before, tree())}
    seen["enable"] = run("enable")
    enabled = tree()
    seen["changed"] = differing(before, enabled)
    seen["again"] = run("enable")
    seen["again changed"] = differing(enabled, tree())
    seen["snapshot"] = oct(Path("/var/lib/uadm/host").stat().st_mode)
    sh("pam-auth-update", "--package", env={"DEBIAN_FRONTEND": "noninteractive",
                                            "PATH": os.environ["PATH"]})
    seen["survives"] = host("look").stdout
    seen["disable dry"] = run("disable", "dry")
    seen["disable"] = run("disable")
    seen["left"] = differing(before, tree())
    seen["disable again"] = run("disable")
    return seen


def inside_edited():
    install()
    auth, conf = Path("/etc/pam.d/common-auth"), Path("/etc/nsswitch.conf")
    password = Path("/etc/pam.d/common-password")
    before = tree()
    seen = {}
    enable()
    # by pam-auth-update, for another package
    add_profiles(krb5=KRB5)
    conf.write_text(conf.read_text("ascii").replace("uadm systemd", "uadm systemd mine") +
                    "# mine\n", "ascii")
    seen["merged"] = run("disable")
    seen["merged files"] = [auth.read_text("ascii"), conf.read_text("ascii")]
    seen["merged look"] = host("look").stdout
    sh("pam-auth-update", "--remove", "krb5", env={"DEBIAN_FRONTEND": "noninteractive",
                                                   "PATH": os.environ["PATH"]})
    # by hand, in a way that pam-auth-update refuses to merge
    enable()
    for path, kind in ((auth, "auth"), (password, "password")):
        path.write_text(path.read_text("ascii").replace(
            '"Primary" block)\n', f'"Primary" block)\n{kind} optional pam_warn.so\n'), "ascii")
    seen["by hand"] = run("disable")
    seen["by hand file"] = auth.read_text("ascii")
    seen["by hand look"] = host("look").stdout
    seen["by hand logins"] = logins()
    seen["by hand passwd"] = drive(["chauthtok loc locpw123"])
    # and enable refuses on such a host, with nothing changed
    now = tree()
    seen["refused"] = run("enable")
    seen["refused changed"] = differing(now, tree())
    seen["untouched"] = sorted(set(before) ^ set(tree()))
    return seen


def inside_refusals():
    install()
    now = tree()
    module = libdir() / "security/pam_uadm.so"
    seen = {}

    def attempt(name):
        seen[name] = [run("enable"), differing(now, tree())]

    module.chmod(0o666)
    attempt("writable")
    module.chmod(0o644)
    os.chown(module, 1500, 0)
    attempt("foreign")
    os.chown(module, 0, 0)
    shutil.move(module, "/tmp/away.so")
    attempt("missing")
    shutil.move("/tmp/away.so", module)
    Path("/usr/sbin/pam-auth-update").rename("/usr/sbin/away")
    attempt("not debian")
    Path("/usr/sbin/away").rename("/usr/sbin/pam-auth-update")
    Path("/etc/nsswitch.conf").rename("/etc/nsswitch.real")
    Path("/etc/nsswitch.conf").symlink_to("nsswitch.real")
    seen["link"] = [run("enable"), []]
    Path("/etc/nsswitch.conf").unlink()
    without = tree()
    seen["no nsswitch"] = [run("enable"), []]
    seen["no nsswitch look"] = host("look").stdout
    seen["no nsswitch back"] = [run("disable"), differing(without, tree())]
    return seen


def inside_crashes():
    """Killed at every rename: everybody local gets in, nobody refused does, and it mends."""
    install()
    before = tree()
    drive(answers("uadm", PERM_DENIED))
    seen = []
    kill = ("strace", "-o", "/tmp/strace", "-e", "trace=/rename", "-e")

    def crash(verb, n, when):
        done = host(verb, before=[*kill, f"inject=/rename:signal=KILL:{when}"])
        now = logins()
        seen.append({"verb": verb, "n": n, "killed": done.returncode != 0,
                     "local": [now[u] for u in LOCAL], "managed": now[MANAGED],
                     "changed": len(differing(before, tree()))})

    for n in range(1, 14):
        crash("enable", n, f"when={n}")
        mend = "disable" if n % 2 else "enable"
        seen[-1]["mended"] = host(mend).returncode
        if mend == "enable":
            seen[-1]["look"] = host("look").stdout
            seen[-1]["mended"] = host("disable").returncode
        seen[-1]["left"] = differing(before, tree())
    for n in range(1, 13):
        enable()
        crash("disable", n, f"when={n}")
        seen[-1]["mended"] = host("disable").returncode
        seen[-1]["left"] = differing(before, tree())
    return seen


# ---- what judges ---------------------------------------------------------------------------

@functools.cache
def in_box(name, program=__file__):
    """Build what is needed, enter a box, and hand back what inside_NAME() of the program saw there."""
    OUT.mkdir(parents=True, exist_ok=True)
    # Compiled here and not by make, whose flags (sanitizers, test root) may be others.
    parts = [p for name in ("base/*.c", "ops/host*.c", "ops/nsswitch.c", "ops/home_tree.c")
             for p in sorted((TOP / "libuadm").glob(name))]
    where = [f'-DUADM_LIBDIR="{libdir()}"', '-DUADM_UADMD_PATH="/usr/libexec/uadm/uadmd"']
    shared = ["-fPIC", "-shared", "-fvisibility=hidden"]
    programs = {
        "pam_standin.so": [*shared, STANDIN / "pam_standin.c", "-lpam"],
        "libnss_uadm.so.2": [*shared, "-DSOURCE=uadm", '-DNAME="mng"', "-DID=60001",
                             STANDIN / "nss_standin.c"],
        "libnss_other.so.2": [*shared, "-DSOURCE=other", '-DNAME="oth"', "-DID=60002",
                              STANDIN / "nss_standin.c"],
        "stack_driver": [STANDIN / "stack_driver.c", "-lpam"],
        "host_driver": [*where, STANDIN / "host_driver.c", *parts],
    }
    for target, how in programs.items():
        sources = [p for p in how if isinstance(p, Path)]
        newest = max(p.stat().st_mtime for p in [*sources, *TOP.glob("libuadm/*/*.h")])
        if (OUT / target).exists() and (OUT / target).stat().st_mtime > newest:
            continue
        sh("gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", f"-I{TOP}", "-o", OUT / target,
           *how)
    done = subprocess.run([HERE / "box.sh", sys.executable, program, "inside", name],
                          cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout, object_hook=lambda d: {
        int(k) if k.isdigit() else k: v for k, v in d.items()})


def gets_in(login):
    return login["auth"] == login["account"] == login["open"] == SUCCESS


def assert_local_unaffected(table):
    for code, by_user in table.items():
        for user in LOCAL:
            got = dict(by_user[user])
            got.pop("asked")
            assert set(got.values()) == {SUCCESS}, (code, user, got)


def test_P14_shipped_stack():
    seen = in_box("shipped")
    assert_local_unaffected(seen["alone"])
    for code, by_user in seen["alone"].items():
        ours, other = by_user[MANAGED], by_user[OTHER]
        assert (ours["auth"] == SUCCESS) == (code == SUCCESS), (code, ours)
        assert (ours["account"] == SUCCESS) == (code in (SUCCESS, USER_UNKNOWN)), (code, ours)
        assert (ours["open"] == SUCCESS) == (code in (SUCCESS, USER_UNKNOWN)), (code, ours)
        assert gets_in(ours) == (code == SUCCESS), (code, ours)
        assert gets_in(other) == (code == SUCCESS), (code, other)  # the stand-in vouches for all
    ours = seen["alone"][NEW_AUTHTOK_REQD][MANAGED]
    assert ours["account"] == NEW_AUTHTOK_REQD  # a forced change reaches the program
    assert seen["alone"][SUCCESS][MANAGED]["asked"] == 0  # pam_unix was not asked as well
    assert seen["alone"][PERM_DENIED][MANAGED]["asked"] == 0
    assert seen["alone"][USER_UNKNOWN][OTHER]["account"] == SUCCESS
    assert seen["alone"][USER_UNKNOWN][OTHER]["open"] == SUCCESS
    assert all(w["auth"] == AUTH_ERR for w in seen["wrong"])
    assert not any(gets_in(w) for w in seen["odd names"])
    assert all(w["auth"] == AUTH_ERR for w in seen["odd names"])


def test_passwords():
    seen = in_box("shipped")
    for code, by_user in seen["passwords"].items():
        assert by_user["root"] == by_user["loc"] == SUCCESS, (code, by_user)
        assert (by_user[MANAGED] == SUCCESS) == (code == SUCCESS), (code, by_user)
    gone = seen["missing passwords"][0]
    assert gone["root"] == gone["loc"] == SUCCESS and gone[MANAGED] != SUCCESS


def test_P13_module_missing():
    seen = in_box("shipped")["missing"]
    assert all(gets_in(seen[user]) for user in LOCAL)
    assert seen[MANAGED]["auth"] != SUCCESS and seen[MANAGED]["account"] != SUCCESS
    assert seen[MANAGED]["open"] != SUCCESS


def test_P19_other_primaries_cannot_overrule_us():
    seen = in_box("peers")
    assert seen["order"][:2] == ["localuser.so", "uadm.so"]
    for others in ("unlocked", "silent"):
        assert_local_unaffected(seen[others])
    for code, by_user in seen["unlocked"].items():
        # USER_UNKNOWN is "not ours": then, and only then, others vouch
        assert gets_in(by_user[MANAGED]) == (code in (SUCCESS, USER_UNKNOWN)), (code, by_user)
        assert gets_in(by_user[OTHER]) == (code in (SUCCESS, USER_UNKNOWN)), (code, by_user)
        if code not in (SUCCESS, USER_UNKNOWN, MODULE_UNKNOWN):
            assert by_user[MANAGED]["auth"] != SUCCESS
            assert by_user[MANAGED]["account"] != SUCCESS
    for code, by_user in seen["silent"].items():
        assert gets_in(by_user[MANAGED]) == (code == SUCCESS), (code, by_user)
    for code, by_user in seen["passwords"].items():
        assert by_user["root"] == by_user["loc"] == SUCCESS, (code, by_user)  # behind pwquality
        assert (by_user[MANAGED] == SUCCESS) == (code == SUCCESS), (code, by_user)


def test_sessions_of_others():
    seen = in_box("peers")
    assert seen["closed"].splitlines()[-1].startswith("close " + MANAGED)
    assert seen["refused"] == ""


def test_P19_another_account_module_that_ends_the_phase():
    """new_authtok_reqd=done of a namesake ends account before our line: the session judges."""
    seen = in_box("peers")["done"][0]
    assert seen["account"] == NEW_AUTHTOK_REQD
    assert seen["expired"] != SUCCESS or seen["open"] != SUCCESS
    assert seen["open"] == PERM_DENIED


def test_P19_namesake_with_the_module_missing():
    seen = in_box("peers")["namesake missing"]
    assert all(gets_in(seen[user]) for user in LOCAL)
    assert not gets_in(seen[MANAGED]) and seen[MANAGED]["account"] != SUCCESS


def test_P19_primary_above_ours():
    seen = in_box("above")
    assert_local_unaffected(seen)
    for code, by_user in seen.items():
        assert gets_in(by_user[MANAGED]) == (code in (SUCCESS, USER_UNKNOWN)), (code, by_user)


def test_enable_and_disable():
    seen = in_box("host")
    assert seen["dry"]["exit"] == 0 and seen["dry changed"] == []
    assert "+passwd:         files uadm systemd" in seen["dry"]["out"]
    assert seen["enable"]["exit"] == 0 and len(seen["changed"]) == 12
    assert seen["again"]["exit"] == 0 and seen["again"]["out"].startswith("already")
    assert seen["again changed"] == [] and seen["snapshot"] == "0o40700"
    assert seen["survives"] == "on -\n"
    assert seen["disable dry"]["exit"] == 0 and seen["disable"]["exit"] == 0
    assert seen["left"] == []
    assert seen["disable again"]["out"].startswith("already")


def test_edited_in_between():
    seen = in_box("edited")
    auth, conf = seen["merged files"]
    assert seen["merged"]["exit"] == 0 and seen["merged look"].startswith("off")
    assert "/etc/pam.d/common-auth cleaned" in seen["merged"]["out"]
    assert "| -passwd:" in seen["merged"]["out"] and "| +# mine" not in seen["merged"]["out"]
    assert "pam_uadm" not in auth and "/run/standin/krb5" in auth
    assert "files systemd mine" in conf and conf.endswith("# mine\n")
    assert seen["by hand"]["exit"] == 0 and seen["by hand look"].startswith("off")
    assert "pam_warn.so" in seen["by hand file"]
    assert all(gets_in(seen["by hand logins"][user]) for user in LOCAL)
    assert not gets_in(seen["by hand logins"][MANAGED])
    assert seen["by hand passwd"][0]["chauthtok"] == SUCCESS
    assert seen["refused"]["exit"] == 69 and "/etc/pam.d/common-auth" in seen["refused"]["out"]
    assert "Local modifications" in seen["refused"]["out"]
    assert seen["refused changed"] == [] and seen["untouched"] == []


def test_refusals():
    seen = in_box("refusals")
    for name, words in {"writable": "chmod", "foreign": "chown root",
                        "missing": "is not installed", "not debian": "by hand"}.items():
        attempt, changed = seen[name]
        assert attempt["exit"] == 69 and changed == [], (name, attempt)
        assert words in attempt["out"], (name, attempt)
    assert "pam_uadm.so try_first_pass" in seen["not debian"][0]["out"]
    assert "symbolic link" in seen["link"][0]["out"]
    assert seen["no nsswitch"][0]["exit"] == 0 and seen["no nsswitch look"] == "on -\n"
    assert seen["no nsswitch back"] == [seen["no nsswitch back"][0], []]


def test_killed_at_every_step():
    seen = in_box("crashes")
    assert sum(s["killed"] for s in seen) >= 24
    for step in seen:
        for login in step["local"]:
            assert gets_in(login), step
        assert not gets_in(step["managed"]), step
        assert step["mended"] == 0 and step["left"] == [], step
        assert step.get("look", "on -\n") == "on -\n", step


if __name__ == "__main__" and sys.argv[1:2] == ["inside"]:
    with contextlib.redirect_stdout(sys.stderr):
        result = globals()["inside_" + sys.argv[2]]()
    print(json.dumps(result))
