#!/bin/bash
# box.sh [-w] [-t TREE] [-b SRC:DST]... CMD [ARG...]
#
# Run CMD as root in a throwaway copy-on-write view of this machine: what CMD installs, edits or
# starts stays in the box and is gone with it. Mounts, pids, hostname, ipc and network are its
# own; /dev, /run and /tmp are new; the network is a loopback and nothing else. The source tree
# is at its usual place, read-only, wherever it is mounted from. Entering takes about 30 ms.
#
#   -w           with the machine's network
#   -t TREE      a view of TREE (a Debian root) instead of this machine
#   -b SRC:DST   make SRC visible at DST, writable: the way to bring results out
#
# It leaves nothing behind and needs no tidying up: the mounts are made over /boot in a mount
# namespace of its own (a directory that everybody has and nobody works in), and the box dies
# with its caller: unshare kills pid 1 of the box, and the kernel kills unshare when this script
# goes, and this script when its caller goes, also by SIGKILL.
#
# Needs root, overlayfs, unshare(1). Boxes nest once (that is overlayfs' limit).
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "box.sh: root only" >&2; exit 77; }
if [ -z "${BOX_TIED:-}" ]; then
	# A caller that put us in the background has made INT ignored; bash could not trap it.
	BOX_TIED=1 exec env --default-signal=INT,QUIT setpriv --pdeathsig KILL "$0" "$@"
fi
unset BOX_TIED

tree=/ net=--net binds=()
while getopts wt:b: o; do
	case $o in
	w) net= ;;
	t) tree=$(readlink -f "$OPTARG") ;;
	b) binds+=("$OPTARG") ;;
	*) exit 64 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "box.sh: no command" >&2; exit 64; }
source=$(cd "$(dirname "$0")/../.." && pwd -P)

# In the background, for the traps; with the terminal's input and signals as they were.
env --default-signal=INT,QUIT setpriv --pdeathsig KILL \
	unshare --mount --propagation private --pid --uts --ipc $net --fork --kill-child \
	bash "$source/tests/system/box-init.sh" \
	"$tree" "$source" "$PWD" "$net" "${#binds[@]}" "${binds[@]}" "$@" <&0 &
box=$!
trap 'kill -KILL $box; wait $box 2>/dev/null || :; exit 130' INT
trap 'kill -KILL $box; wait $box 2>/dev/null || :; exit 143' TERM HUP
wait $box
