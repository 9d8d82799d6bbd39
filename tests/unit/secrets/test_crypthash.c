/* Hashes that other systems made: which are taken (P20), and how one is checked. */
#include "libuadm/secrets/crypthash.h"
#include "libuadm/secrets/libcrypt.h"
#include "libuadm/secrets/pwhash.h"

#include "tests/unit/check.h"

#include <crypt.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SECRET CLEANUP(secret_wipe) struct secret

#define PASSWORD "Correct-Horse-1"
#define SHA512                                                                         \
	"IYDsqQwIVzMm/PRmEvnSLCRxBhX3ug9jHRbgqZXlDIx5YwmSk7Bo2MVcxbEOVzIWwP8y9GjS"     \
	"PDxZmuZ1aA0y0/"
#define SHA256   "HfPkCAT/L7gJ.ZVixxBLRMH/Qz/R16V4P1.1aLcA6t0"
#define Y_SALT   "F5Jx5fExrKuPp53xLKQ..1"
#define Y_DIGEST "P75OqWyNMKWBis17Uchp5iQfPN1sUOruzLsXz1lTdq0"
#define A_SALT   "c2FsdHNhbHRzYWx0c2FsdA"
#define A_DIGEST "JFXSBXHGzoJ4aCXYEUVCd8ZTFaqNLV2TzaTtgGAVPpo"

static const struct pwhash_cost cheap = { 1, 8 << 20 };

static int
start(void **state)
{
	struct uadm_err err;

	(void)state;
	CHECK_OK(secrets_init(&err));
	return 0;
}

static void
fill(struct secret *s, const char *text)
{
	struct uadm_err err;

	if (s->text == NULL)
		CHECK_OK(secret_new(s, &err));
	CHECK_OK(secret_set(s, text, strlen(text), &err));
}

/* P20: taken to the last character, or not at all. The host's own argon2id is 96 MiB, t=20. */
static void
test_kinds(void **state)
{
	static const struct {
		const char *label, *text;
		enum crypthash_kind want;
	} cases[] = {
		{ "yescrypt", "$y$j9T$" Y_SALT "$" Y_DIGEST, CRYPTHASH_YESCRYPT },
		{ "yescrypt, least", "$y$j75$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_YESCRYPT },
		{ "yescrypt, 64 MiB", "$y$jBT$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_YESCRYPT },
		{ "yescrypt, 128 MiB", "$y$jCT$" Y_SALT "$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, 64 MiB and a bit", "$y$jBU$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, N beyond", "$y$jzT$" Y_SALT "$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, long r", "$y$j9zzzzzz$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, two passes", "$y$j9T//$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_YESCRYPT },
		{ "yescrypt, three", "$y$j9T/0$" Y_SALT "$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, threads", "$y$j9T..$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, both", "$y$j9T0..$" Y_SALT "$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, upgraded", "$y$j9T1.$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, a ROM", "$y$j9T5.$" Y_SALT "$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, passes cut off", "$y$j9T/$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, another flavour", "$y$/9T$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, no parameters", "$y$$" Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, parameters cut off", "$y$j9", CRYPTHASH_NONE },
		{ "yescrypt, no salt", "$y$j9T$$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, bad salt", "$y$j9T$F5Jx=$" Y_DIGEST, CRYPTHASH_NONE },
		{ "yescrypt, long salt",
		    "$y$j9T$" Y_SALT Y_SALT Y_SALT Y_SALT "$" Y_DIGEST,
		    CRYPTHASH_NONE },
		{ "yescrypt, no digest", "$y$j9T$" Y_SALT, CRYPTHASH_NONE },
		{ "yescrypt, empty digest", "$y$j9T$" Y_SALT "$", CRYPTHASH_NONE },
		{ "yescrypt, one more", "$y$j9T$" Y_SALT "$" Y_DIGEST ".",
		    CRYPTHASH_NONE },
		{ "yescrypt, a blank behind", "$y$j9T$" Y_SALT "$" Y_DIGEST " ",
		    CRYPTHASH_NONE },
		{ "GOST-yescrypt", "$gy$j9T$" Y_SALT "$" Y_DIGEST, CRYPTHASH_NONE },
		{ "scrypt", "$7$CU..../....F5Jx5fExrKuPp$" Y_DIGEST, CRYPTHASH_NONE },

		{ "SHA-512", "$6$saltsalt$" SHA512, CRYPTHASH_SHA512 },
		{ "SHA-512, one of salt", "$6$s$" SHA512, CRYPTHASH_SHA512 },
		{ "SHA-512, 16 of salt", "$6$0123456789abcdef$" SHA512,
		    CRYPTHASH_SHA512 },
		{ "SHA-512, 17", "$6$0123456789abcdefg$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, odd salt", "$6$a=b-c#@'\"$" SHA512, CRYPTHASH_SHA512 },
		{ "SHA-512, salt of a field", "$6$a:b$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, salt that locks", "$6$!$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, blank", "$6$a b$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, newline", "$6$a\nb$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, escape",
		    "$6$a\x1b"
		    "b$" SHA512,
		    CRYPTHASH_NONE },
		{ "SHA-512, 8 bits", "$6$a\xe4$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, no salt", "$6$$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, least rounds", "$6$rounds=1000$salt$" SHA512,
		    CRYPTHASH_SHA512 },
		{ "SHA-512, fewer", "$6$rounds=999$salt$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, most", "$6$rounds=1000000$salt$" SHA512, CRYPTHASH_SHA512 },
		{ "SHA-512, more", "$6$rounds=1000001$salt$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, far more", "$6$rounds=99999999999999999999$salt$" SHA512,
		    CRYPTHASH_NONE },
		{ "SHA-512, +", "$6$rounds=+5000$salt$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, zero first", "$6$rounds=05000$salt$" SHA512,
		    CRYPTHASH_NONE },
		{ "SHA-512, no number", "$6$rounds=$salt$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, no salt", "$6$rounds=5000$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, impossible end",
		    "$6$saltsalt$" SHA256 "HfPkCAT/L7gJ.ZVixxBLRMH/Qz/R16V4P1.1aLcA6t2",
		    CRYPTHASH_NONE },
		{ "SHA-512 of SHA-256's length", "$6$saltsalt$" SHA256,
		    CRYPTHASH_NONE },
		{ "SHA-512, locked", "!$6$saltsalt$" SHA512, CRYPTHASH_NONE },
		{ "SHA-512, newline behind", "$6$saltsalt$" SHA512 "\n",
		    CRYPTHASH_NONE },
		{ "SHA-512, return behind", "$6$saltsalt$" SHA512 "\r",
		    CRYPTHASH_NONE },
		{ "SHA-512, blank before", " $6$saltsalt$" SHA512, CRYPTHASH_NONE },

		{ "SHA-256", "$5$saltsalt$" SHA256, CRYPTHASH_SHA256 },
		{ "SHA-256, rounds", "$5$rounds=656000$saltsalt$" SHA256,
		    CRYPTHASH_SHA256 },
		{ "SHA-256 of SHA-512's length", "$5$saltsalt$" SHA512,
		    CRYPTHASH_NONE },

		{ "argon2id", "$argon2id$v=19$m=65536,t=2,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_ARGON2ID },
		{ "argon2id, the host's",
		    "$argon2id$v=19$m=98304,t=20,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_ARGON2ID },
		{ "argon2id, more memory",
		    "$argon2id$v=19$m=98305,t=2,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_NONE },
		{ "argon2id, more passes",
		    "$argon2id$v=19$m=65536,t=21,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_NONE },
		{ "argon2id, no passes",
		    "$argon2id$v=19$m=65536,t=0,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_NONE },
		{ "argon2id, threads",
		    "$argon2id$v=19$m=65536,t=2,p=4$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_NONE },
		{ "argon2id, old version",
		    "$argon2id$v=16$m=65536,t=2,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_NONE },
		{ "argon2id, short salt",
		    "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$" A_DIGEST, CRYPTHASH_NONE },
		{ "argon2id, padded",
		    "$argon2id$v=19$m=65536,t=2,p=1$" A_SALT "$" A_DIGEST "=",
		    CRYPTHASH_NONE },
		{ "argon2i", "$argon2i$v=19$m=65536,t=2,p=1$" A_SALT "$" A_DIGEST,
		    CRYPTHASH_NONE },

		{ "empty", "", CRYPTHASH_NONE },
		{ "locked", "!", CRYPTHASH_NONE },
		{ "no password", "*", CRYPTHASH_NONE },
		{ "failure token", "*0", CRYPTHASH_NONE },
		{ "DES", "abJnggxhB/yWI", CRYPTHASH_NONE },
		{ "MD5", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", CRYPTHASH_NONE },
		{ "bcrypt",
		    "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
		    CRYPTHASH_NONE },
		{ "clear text", PASSWORD, CRYPTHASH_NONE },
		{ "a line of shadow",
		    "jo:$6$saltsalt$" SHA512 ":19000:0:99999:7:::", CRYPTHASH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum crypthash_kind kind = crypthash_kind(cases[i].text, 96 * 1024, 20);

		CHECK_EQ(kind, cases[i].want, cases[i].label);
		CHECK_EQ(crypthash_is_foreign(cases[i].text),
		    kind != CRYPTHASH_NONE && kind != CRYPTHASH_ARGON2ID,
		    cases[i].label);
	}
	CHECK_TEXT(crypthash_name(CRYPTHASH_SHA512), "SHA-512", "name");
	CHECK_TEXT(crypthash_name((enum crypthash_kind)99), "none", "no name");
}

/* One message for each cause; nothing of the hash is in it. */
static void
test_why_not(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "there is no hash" },
		{ "!", "locked" },
		{ "*", "locked" },
		{ "!$6$saltsalt$xyzzy", "locked" },
		{ "jo:$6$saltsalt$xyzzy:19000:0:99999:7:::", "second field" },
		{ "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "of that kind is not taken" },
		{ "$2b$10$xyzzy", "of that kind is not taken" },
		{ "xyzzy", "of that kind is not taken" },
		{ "$6$rounds=2000000$saltsalt$xyzzy",
		    "2000000 rounds, which is not from 1000 to 1000000" },
		{ "$5$rounds=10$saltsalt$xyzzy", "10 rounds" },
		{ "$y$jCT$saltsalt$xyzzy", "KiB of memory, more than 65536" },
		{ "$argon2id$v=19$m=999999999,t=2,p=1$xyzzy",
		    "999999999 KiB of memory, more than 65536" },
		{ "$argon2id$v=19$m=65536,t=99,p=1$xyzzy", "99 passes, more than 16" },
		{ "$6$saltsalt$xyzzy", "not whole, or not of the form that SHA-512" },
		{ "$6$rounds=5000", "SHA-512" },
		{ "$y$", "not of the form that yescrypt" },
		{ "$argon2id$v=19$m=1,t=", "not of the form that argon2id" },
	};
	char why[CRYPTHASH_WHY_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_HAS(crypthash_why_not(cases[i].text, 0, 0, why), cases[i].want);
		assert_null(strstr(why, "xyzzy"));
		assert_null(strstr(why, "saltsalt"));
	}
}

static uint32_t
next_random(void)
{
	static uint32_t n = 4711;

	n ^= n << 13;
	n ^= n >> 17;
	return n ^= n << 5;
}

/* Some bytes changed, left out, put in or swapped for those of another hash: whatever is taken is
 * one line of printable ASCII that fits, and libcrypt does not call its setting wrong. */
static void
test_mutations(void **state)
{
	static const char *const seeds[] = { "$y$j9T$" Y_SALT "$" Y_DIGEST,
		"$6$rounds=5000$saltsalt$" SHA512, "$5$saltsalt$" SHA256,
		"$argon2id$v=19$m=65536,t=2,p=1$" A_SALT "$" A_DIGEST };
	static const char likely[] = "$./019jzTrounds=,:!* \n\x7f\xff";
	int taken = 0, refused = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		const char *seed = seeds[i % (int)ARRAY_LEN(seeds)];
		char text[300];
		size_t n = strlen(seed), cut;

		memcpy(text, seed, n + 1);
		for (uint32_t k = next_random() % 3 + 1; k > 0; k--) {
			size_t at = next_random() % n;

			switch (next_random() % 4) {
			case 0:
				text[at] = likely[next_random() % (sizeof(likely) - 1)];
				break;
			case 1:
				text[at] = (char)(next_random() % 255 + 1);
				break;
			case 2:
				memmove(text + at, text + at + 1, n - at);
				n--;
				break;
			default:
				memmove(text + at + 1, text + at, n - at + 1);
				text[at] = seed[next_random() % strlen(seed)];
				n++;
				break;
			}
		}
		if (crypthash_kind(text, 0, 0) == CRYPTHASH_NONE) {
			refused++;
			continue;
		}
		taken++;
		assert_true(n < UADM_VERIFIER_SIZE);
		for (cut = 0; cut < n; cut++)
			assert_true(text[cut] > ' ' && text[cut] < 0x7f);
		if (crypthash_is_foreign(text)) {
			int answer = crypt_checksalt(text);

			assert_true(answer == CRYPT_SALT_OK ||
			    answer == CRYPT_SALT_METHOD_LEGACY);
		}
		/* Nothing shorter is whole. */
		cut = next_random() % n;
		text[cut] = '\0';
		CHECK_EQ(crypthash_kind(text, 0, 0), CRYPTHASH_NONE, seed);
	}
	assert_true(taken > 1000 && refused > 1000);
}

/* The kinds that are taken, made here by libcrypt. */
static const struct {
	const char *label, *setting;
} made[] = {
	{ "yescrypt", "$y$j75$" Y_SALT "$" },
	{ "yescrypt, as shipped by Debian", "$y$j9T$" Y_SALT "$" },
	{ "yescrypt, two passes", "$y$j75//$" Y_SALT "$" },
	{ "SHA-512", "$6$saltsalt$" },
	{ "SHA-512, rounds", "$6$rounds=1000$0123456789abcdef$" },
	{ "SHA-256", "$5$odd=salt#$" },
	{ "SHA-256, rounds", "$5$rounds=1234$s$" },
};

static void
make(const char *password, const char *setting, struct verifier *v)
{
	static struct crypt_data data;
	const char *hash = crypt_r(password, setting, &data);

	assert_non_null(hash);
	assert_int_equal(hash[0], '$');
	memset(v, 0, sizeof(*v));
	snprintf(v->text, sizeof(v->text), "%s", hash);
}

static enum pwhash_answer
check(const struct verifier *v, const char *password)
{
	SECRET pw = { 0 };
	enum pwhash_answer answer = PWHASH_MATCH;
	struct uadm_err err;

	fill(&pw, password);
	CHECK_OK(pwhash_check(v, &pw, cheap, &answer, &err));
	return answer;
}

/* P20, P16: each is imported, matches its password as one that is to be replaced, and no other. */
static void
test_checked(void **state)
{
	char most[512];

	(void)state;
	memset(most, 'p', sizeof(most) - 1);
	most[511] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		struct verifier v, taken;
		struct uadm_err err;
		SECRET hash = { 0 };
		const char *kind;

		make(PASSWORD, made[i].setting, &v);
		fill(&hash, v.text);
		CHECK_OK(pwhash_import(&taken, &hash, cheap, &kind, &err));
		CHECK_TEXT(taken.text, v.text, made[i].label);
		assert_memory_equal(kind, made[i].label, 7);
		CHECK_EQ(check(&taken, PASSWORD), PWHASH_MATCH_OLD, made[i].label);
		CHECK_EQ(check(&taken, PASSWORD "x"), PWHASH_MISMATCH, made[i].label);
		CHECK_EQ(check(&taken, "Correct-Horse-"), PWHASH_MISMATCH, "prefix");
		CHECK_EQ(check(&taken, ""), PWHASH_MISMATCH, "empty (P17)");
		CHECK_EQ(check(&taken, v.text), PWHASH_MISMATCH, "the hash itself");
		make(most, made[i].setting, &v);
		CHECK_EQ(check(&v, most), PWHASH_MATCH_OLD, "511 bytes");
		most[510] = 'q';
		CHECK_EQ(check(&v, most), PWHASH_MISMATCH, "the last of them");
		most[510] = 'p';
		make("", made[i].setting, &v);
		CHECK_EQ(check(&v, "x"), PWHASH_MISMATCH, "of an empty one");
	}
}

/* argon2id, moved from another store. */
static void
test_own_kind(void **state)
{
	static const struct pwhash_cost dear = { 3, 8 << 20 };
	SECRET pw = { 0 };
	SECRET hash = { 0 };
	struct verifier v, taken;
	struct uadm_err err;
	const char *kind;

	(void)state;
	fill(&pw, PASSWORD);
	CHECK_OK(pwhash_make(&v, &pw, dear, &err));
	fill(&hash, v.text);
	CHECK_OK(pwhash_import(&taken, &hash, cheap, &kind, &err));
	CHECK_TEXT(kind, "argon2id", "kind");
	CHECK_EQ(check(&taken, PASSWORD), PWHASH_MATCH_OLD, "match");
	CHECK_EQ(check(&taken, "wrong"), PWHASH_MISMATCH, "mismatch");
}

/* What is refused says what is taken, and never the hash; nothing of it is kept. */
static void
test_refused(void **state)
{
	char longest[SECRET_SIZE];
	const char *const cases[] = { "", "!", "secret-secret", "$6$salt$secret",
		/* Whole to look at: libcrypt and libsodium know better. */
		"$y$j..$" Y_SALT "$" Y_DIGEST, "$y$j9T$z$" Y_DIGEST,
		"$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdB$" A_DIGEST,
		longest };
	SECRET hash = { 0 };

	(void)state;
	memset(longest, 's', sizeof(longest) - 1);
	memcpy(longest, "$6$", 3);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verifier v;
		struct uadm_err err;
		const char *kind;

		fill(&hash, cases[i]);
		CHECK_FAILS(UADM_INVALID, pwhash_import(&v, &hash, cheap, &kind, &err));
		CHECK_TEXT(v.text, "", cases[i]);
		CHECK_HAS(err.hint, "yescrypt ($y$)");
		CHECK_HAS(err.hint, "argon2id ($argon2id$");
		CHECK_HAS(err.hint, "SHA-512 ($6$)");
		CHECK_HAS(err.hint, "SHA-256 ($5$) of 1000 to 1000000 rounds");
		assert_null(strstr(err.msg, "secret"));
		assert_null(strstr(err.msg, "sss"));
	}
}

/* P20: where libcrypt cannot say, nothing was verified: no match and no wrong password. */
static void
test_no_verdict(void **state)
{
	static const char *const cases[] = { "$y$j..$" Y_SALT "$" Y_DIGEST,
		"$y$j9T$z$" Y_DIGEST };
	SECRET pw = { 0 };

	(void)state;
	fill(&pw, PASSWORD);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum pwhash_answer answer = PWHASH_MATCH;
		struct verifier v = { 0 };
		struct uadm_err err;

		snprintf(v.text, sizeof(v.text), "%s", cases[i]);
		CHECK_FAILS(
		    UADM_UNAVAILABLE, pwhash_check(&v, &pw, cheap, &answer, &err));
		CHECK_EQ(answer, PWHASH_MISMATCH, cases[i]);
	}
}

/* The same when memory runs out in the middle of it. */
static void
test_no_memory(void **state)
{
	int status;
	pid_t pid;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* its own mappings know no bound */
#endif
	if ((pid = fork()) == 0) {
		const struct rlimit little = { 48 << 20, 48 << 20 };
		enum pwhash_answer answer = PWHASH_MATCH;
		struct verifier v;
		struct uadm_err err;
		SECRET pw = { 0 };
		bool refused;

		fill(&pw, PASSWORD);
		make(PASSWORD, "$y$jBT$" Y_SALT "$", &v);
		setrlimit(RLIMIT_AS, &little);
		refused =
		    pwhash_check(&v, &pw, cheap, &answer, &err) == UADM_UNAVAILABLE &&
		    answer == PWHASH_MISMATCH;
		_exit(refused ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A row that never ends, or costs more than is taken, is nobody's: it costs like an unknown name. */
static void
test_rows(void **state)
{
	struct verifier v;

	(void)state;
	memset(v.text, 'a', sizeof(v.text));
	memcpy(v.text, "$6$saltsalt$", 12);
	CHECK_EQ(check(&v, PASSWORD), PWHASH_MISMATCH, "endless");
	make(PASSWORD, "$6$rounds=1000001$saltsalt$", &v);
	CHECK_EQ(check(&v, PASSWORD), PWHASH_MISMATCH, "too dear");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_why_not),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_checked),
		cmocka_unit_test(test_own_kind),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_verdict),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
