#!/bin/bash
# box-init.sh TREE SOURCE DIRECTORY NET NBINDS [SRC:DST]... CMD [ARG...]
#
# Pid 1 of a box: box.sh has made the namespaces, this builds the view, goes into it for good,
# starts in DIRECTORY, and runs CMD. NET is "--net" when the network is its own, or empty.

set -eu
tree=$1 source=$2 here=$3 net=$4 n=$5
shift 5
m=/boot r=/boot/root
mount -t tmpfs -o mode=755 box $m
mkdir $m/upper $m/work $r
mount -t overlay -o lowerdir="$tree",upperdir=$m/upper,workdir=$m/work box $r
mount -t proc proc $r/proc
mount -t sysfs -o ro sys $r/sys 2>/dev/null || mount --rbind /sys $r/sys
mount -t tmpfs -o mode=755 dev $r/dev
mkdir $r/dev/pts $r/dev/shm
mknod -m 666 $r/dev/null c 1 3
mknod -m 666 $r/dev/zero c 1 5
mknod -m 666 $r/dev/full c 1 7
mknod -m 666 $r/dev/random c 1 8
mknod -m 666 $r/dev/urandom c 1 9
mknod -m 666 $r/dev/tty c 5 0
ln -s /proc/self/fd $r/dev/fd
ln -s fd/0 $r/dev/stdin
ln -s fd/1 $r/dev/stdout
ln -s fd/2 $r/dev/stderr
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 pts $r/dev/pts
ln -s pts/ptmx $r/dev/ptmx
mount -t tmpfs -o mode=1777 shm $r/dev/shm
mount -t tmpfs -o mode=755 run $r/run
mkdir $r/run/lock $r/run/sshd
mount -t tmpfs -o mode=1777 tmp $r/tmp
mkdir -p "$r$source"
mount --bind "$source" "$r$source"
mount -o remount,bind,ro "$r$source"
for (( ; n > 0; n--)); do
	mkdir -p "$r${1#*:}"
	mount --bind "${1%%:*}" "$r${1#*:}"
	shift
done
hostname box
[ -z "$net" ] || ip link set lo up
mkdir $r/.old
cd $r || exit
pivot_root . .old
umount -l /.old
rmdir /.old
cd "$here" 2>/dev/null || cd /
# Not exec: pid 1 reaps what daemons leave, and CMD would be surprised to have to.
"$@"
exit $?
