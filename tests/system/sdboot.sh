#!/bin/bash
# sdboot.sh IMAGE
#
# Boot systemd, with D-Bus and logind, as pid 1 of a throwaway view of this machine like that of
# box.sh, into which IMAGE (what `make image` made) is copied. Prints that pid 1 as it is seen from
# here, and stays until its caller goes: then everything is gone. `nsenter -t PID -a CMD` gets in.
#
# Exit status 77, with a reason: it cannot be done here (no cgroups to be had, no systemd).
set -euo pipefail

no() { echo "$*" >&2; exit 77; }

[ "$(id -u)" = 0 ] || no 'root only'
for f in /lib/systemd/systemd /lib/systemd/systemd-logind /usr/bin/dbus-daemon; do
	[ -x $f ] || no "there is no $f"
done
if [ -z "${BOOT_TIED:-}" ]; then
	# A mount namespace first: whatever is mounted is gone with us.
	BOOT_TIED=1 exec setpriv --pdeathsig KILL unshare --mount --propagation private "$0" "$@"
fi
unset BOOT_TIED
image=$(readlink -f "$1")

# systemd moves processes about: in a group of its own of the unified hierarchy, which it sees as
# the root of all groups.
m=/boot
mount -t tmpfs -o mode=755 boot $m
mkdir $m/groups $m/upper $m/work $m/root
mount -t cgroup2 groups $m/groups 2>/dev/null || no 'cgroup2 cannot be mounted here'
group=$m/groups/uadm-test.$$
mkdir "$group" 2>/dev/null || no 'no group can be made in the cgroup2 hierarchy'
trap 'echo 1 >"$group/cgroup.kill" 2>/dev/null || :; n=0
	until find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || [ $((n += 1)) -gt 500 ]; do :; done' EXIT
trap 'exit 143' TERM INT HUP

inside() {
	set -eu
	r=$m/root
	mount -t overlay boot -o lowerdir=/,upperdir=$m/upper,workdir=$m/work $r
	mount -t proc proc $r/proc
	mount -t sysfs -o ro sys $r/sys
	mount -t cgroup2 groups $r/sys/fs/cgroup
	mount -t tmpfs -o mode=755 dev $r/dev
	mkdir $r/dev/pts $r/dev/shm
	for d in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
		IFS=: read -r name major minor <<<"$d"
		mknod -m 666 "$r/dev/$name" c "$major" "$minor"
	done
	ln -s /proc/self/fd $r/dev/fd
	ln -s fd/0 $r/dev/stdin
	ln -s fd/1 $r/dev/stdout
	ln -s fd/2 $r/dev/stderr
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 pts $r/dev/pts
	ln -s pts/ptmx $r/dev/ptmx
	mount -t tmpfs -o mode=1777 shm $r/dev/shm
	mount -t tmpfs -o mode=755 run $r/run
	mount -t tmpfs -o mode=1777 tmp $r/tmp
	rm -rf $r/etc/uadm $r/var/lib/uadm
	cp -a "$image/." $r/
	chroot $r ldconfig
	: >$r/etc/machine-id
	# What the tests need, and none of what else this machine would start.
	mkdir -p $r/run/systemd/system
	printf '%s\n' '[Unit]' 'Requires=basic.target dbus.service systemd-logind.service systemd-user-sessions.service' \
		'After=basic.target dbus.service systemd-logind.service systemd-user-sessions.service' >$r/run/systemd/system/lab.target
	hostname box
	ip link set lo up
	cd $r
	mkdir -p .old
	pivot_root . .old
	umount -l /.old
	cd /
	exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd \
		--log-target=null --show-status=0 systemd.unit=lab.target
}
export -f inside
export m image

(
	echo "$BASHPID" >"$group/cgroup.procs"
	exec setpriv --pdeathsig KILL unshare --mount --propagation private --pid --uts --ipc --net --cgroup \
		--fork --kill-child bash -c inside
) </dev/null >/dev/null &
shim=$!
while pid=$(cat /proc/$shim/task/$shim/children 2>/dev/null) && [ -z "$pid" ]; do :; done
[ -n "$pid" ] || no 'the namespaces cannot be made'
echo "$pid"
wait $shim
