#!/bin/bash
# bench/login.sh [ROUNDS]: a login through libpam beside one bare argon2id, in a box.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${UADM_IN_BOX:-}" ]; then
	make --no-print-directory image >/dev/null
	mkdir -p build/bench
	gcc -O2 -Wall -o build/bench/login bench/login.c -lpam -lsodium
	lscpu | sed -n 's/^Model name: */machine: /p'
	echo "cores: $(nproc); $(uname -sr)"
	UADM_IN_BOX=1 exec tests/system/box.sh bash "$PWD/bench/login.sh" "$@"
fi
cp -a build/image/. /
ldconfig
uadmctl host enable --yes >/dev/null
# As shipped, and with the cheapest hash there is: where one hash varies by more than all the rest
# of a login costs, the second tells the rest.
for cost in "2 67108864" "1 8388608"; do
	read -r ops mem <<<"$cost"
	printf '[hash]\nopslimit = %s\nmemlimit = %s\n' "$ops" "$mem" >/etc/uadm/uadm.conf
	printf '\nopslimit %s, memlimit %s\n' "$ops" "$mem"
	echo 'Secret-pass1' | uadmctl user add "jo$ops" --password-stdin >/dev/null
	echo 'Secret-pass1' | build/bench/login "jo$ops" "${1:-60}" "$ops" "$mem"
done
