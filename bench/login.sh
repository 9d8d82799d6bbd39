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
echo 'Secret-pass1' | uadmctl user add jo --password-stdin >/dev/null
echo 'Secret-pass1' | build/bench/login jo "${1:-60}"
