#!/bin/bash
# bench/constant.sh [ROUNDS [ROUNDS-AS-SHIPPED]]: does the time of an answer tell why a login failed?
# Through libpam, in a box; see constant.c. With the cheapest hash there is, so that differences show,
# and as shipped; with somebody's imported hash in the store (SHA-512, 5000 rounds) and without.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${UADM_IN_BOX:-}" ]; then
	make --no-print-directory image >/dev/null
	mkdir -p build/bench
	gcc -O2 -Wall -o build/bench/constant bench/constant.c -lpam -lsqlite3 -lm
	lscpu | sed -n 's/^Model name: */machine: /p'
	echo "cores: $(nproc); $(uname -sr); load $(cut -d' ' -f1-3 /proc/loadavg)"
	UADM_IN_BOX=1 exec tests/system/box.sh bash "$PWD/bench/constant.sh" "$@"
fi
cp -a build/image/. /
ldconfig
uadmctl host enable --yes >/dev/null
printf '[hash]\nopslimit = 1\nmemlimit = 8388608\n' >/etc/uadm/uadm.conf
sql() {
	sqlite3 -cmd ".timeout 5000" /var/lib/uadm/store/uadm.db "$1"
}
users() { # users: one for each class, with hashes of the cost that is configured now
	for name in wrong control suspended locked; do
		uadmctl user delete "$name" --yes >/dev/null 2>&1 || :
		echo 'Secret-pass1' | uadmctl user add "$name" --password-stdin >/dev/null
	done
	uadmctl user suspend suspended >/dev/null
	sql "INSERT OR REPLACE INTO policy VALUES (0, 'lock-time', 0);
		INSERT INTO lockout SELECT uid, steady_last, 1 FROM user, meta WHERE name = 'locked'"
}
compare() { # compare TITLE ROUNDS CLASS...
	printf '\n%s, ' "$1"
	shift
	echo 'Secret-wrong2' | build/bench/constant "$@"
}
classes=(wrong=wrong control=control unknown=unknown suspended=suspended locked=locked)
rounds=${1:-2000} shipped=${2:-300}

users
compare 'opslimit 1, memlimit 8388608, nobody imported' "$rounds" "${classes[@]}"
openssl passwd -6 -salt saltsalt Secret-pass1 | uadmctl user add imported --hash-stdin >/dev/null
compare 'opslimit 1, memlimit 8388608, somebody imported' "$rounds" "${classes[@]}" imported=imported
rm /etc/uadm/uadm.conf
users
compare 'as shipped (opslimit 2, memlimit 67108864), somebody imported' "$shipped" "${classes[@]}" imported=imported
