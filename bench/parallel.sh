#!/bin/bash
# bench/parallel.sh [ROUNDS [LOGINS]]: 200 right logins at once beside 200 bare argon2id, one per core,
# and the memory of 50 at once, in a box. What it printed is kept in bench/data/parallel.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${UADM_IN_BOX:-}" ]; then
	make --no-print-directory image >/dev/null
	mkdir -p build/bench
	gcc -O2 -Wall -Wextra -D_GNU_SOURCE -o build/bench/parallel bench/parallel.c -lpam -lsodium
	{
		echo "# bench/parallel.sh $*, $(date +%F); load before: $(cut -d' ' -f1-3 /proc/loadavg)"
		lscpu | sed -n 's/^Model name: */machine: /p'
		awk '/MemTotal/ { printf "cores: %d; memory: %.1f GiB; ", n, $2 / 1048576 }' \
			n="$(nproc)" /proc/meminfo
		uname -sr
		UADM_IN_BOX=1 tests/system/box.sh bash "$PWD/bench/parallel.sh" "$@"
	} | tee build/bench/parallel.txt
	mkdir -p bench/data
	exec cp build/bench/parallel.txt bench/data/parallel.txt
fi
cp -a build/image/. /
ldconfig
uadmctl host enable --yes >/dev/null
echo 'Secret-pass1' | uadmctl user add jo --password-stdin >/dev/null
# As shipped.
printf '\n'
echo 'Secret-pass1' | build/bench/parallel time jo "${2:-200}" "${1:-5}" 2 67108864
printf '\n'
echo 'Secret-pass1' | build/bench/parallel memory jo 50 4
printf '\nuser jo afterwards: '
uadmctl user list -o status,failed_attempts --noheadings --raw
