/* The dictionary check: words and what is made of them; and a dictionary that is missing or
 * damaged in whatever way lets nothing pass, ends nobody and is named. */
#include "libuadm/secrets/quality.h"

#include "tests/unit/check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define HOSTS "/var/cache/cracklib/cracklib_dict"
#define OURS  UADM_ROOT "/dict/words"
#define PARTS 3

static const char *const suffixes[PARTS] = { ".pwd", ".pwi", ".hwm" };
static struct uadm_err err;

static enum uadm_code
check(const char *dictionary, const char *text, struct quality *q)
{
	CLEANUP(secret_wipe) struct secret pw = { 0 };

	CHECK_OK(secrets_init(&err));
	CHECK_OK(secret_new(&pw, &err));
	CHECK_OK(secret_set(&pw, text, strlen(text), &err));
	return quality_check(dictionary, &pw, q, &err);
}

static void
test_words(void **state)
{
	static const struct {
		const char *text, *says; /* NULL: it passes */
	} cases[] = {
		{ "Correct-Horse-1", NULL },
		{ "Elephant-1", "it is based on a dictionary word" },
		{ "elephant12", "it is based on a dictionary word" },
		{ "1!tnahpelE", "it is based on a (reversed) dictionary word" },
		{ "aaaaAAAA1!", "it does not contain enough DIFFERENT characters" },
		{ "abcdefg123456", "it is too simplistic/systematic" },
		{ "Ab1!x", "it is too short" },
		{ "Rx7!pp!7xR", "it is a palindrome" },
		/* not the dictionary's business */
		{ "qzvkwpjxmr", NULL },
		{ "Gr\xc3\xbc\xc3\x9f"
		  "e-4711x",
		    NULL },
	};
	struct quality q;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_OK(check(NULL, cases[i].text, &q));
		CHECK_EQ(q.passed, cases[i].says == NULL, cases[i].text);
		CHECK_TEXT(
		    q.says, cases[i].says == NULL ? "" : cases[i].says, cases[i].text);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static size_t
load(const char *suffix, char *out, size_t size)
{
	char path[200];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), HOSTS "%s", suffix);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(out, 1, size, f);
	fclose(f);
	assert_true(n > 0 && n < size);
	return n;
}

/* A copy of the host's dictionary, of which one part is cut to `keep` bytes (-1: gone; -2: as it
 * is) and has bytes from `from` on overwritten. */
static void
copy_dictionary(int part, long keep, long from)
{
	static char data[8 << 20];

	root_clean();
	root_dir("/dict", 0755);
	for (int i = 0; i < PARTS; i++) {
		char path[40];
		size_t n = load(suffixes[i], data, sizeof(data));

		if (i == part && keep == -1)
			continue;
		if (i == part && keep >= 0 && (size_t)keep < n)
			n = (size_t)keep;
		if (i == part && from >= 0)
			memset(data + from, 0xa5, n - (size_t)from);
		snprintf(path, sizeof(path), "/dict/words%s", suffixes[i]);
		root_file(path, 0644, data, n);
	}
}

static void
test_missing_or_damaged(void **state)
{
	enum { AS_IT_IS = -2, GONE = -1, NOTHING = -1 };
	static const struct {
		const char *label;
		int part;
		long keep, from;
	} cases[] = {
		{ "no words", 0, GONE, NOTHING },
		{ "no index", 1, GONE, NOTHING },
		{ "no hashes", 2, GONE, NOTHING },
		{ "words empty", 0, 0, NOTHING },
		{ "words cut off", 0, 1000, NOTHING },
		{ "index empty", 1, 0, NOTHING },
		{ "index without entries", 1, 12, NOTHING },
		{ "index cut off", 1, 1000, NOTHING },
		{ "index of another format", 1, AS_IT_IS, 0 },
		{ "index with wild offsets", 1, AS_IT_IS, 12 },
	};
	struct quality q;

	(void)state;
	copy_dictionary(-1, 0, NOTHING);
	CHECK_OK(check(OURS, "Elephant-1", &q));
	assert_false(q.passed);
	CHECK_OK(check(OURS, "Correct-Horse-1", &q));
	assert_true(q.passed);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		copy_dictionary(cases[i].part, cases[i].keep, cases[i].from);
		CHECK_EQ(check(OURS, "Correct-Horse-1", &q), UADM_UNAVAILABLE,
		    cases[i].label);
		CHECK_EQ(q.passed, false, cases[i].label);
		CHECK_HAS(err.msg, "cracklib's dictionary " OURS);
		CHECK_HAS(err.hint, "apt install cracklib-runtime");
		CHECK_HAS(err.hint, "uadmctl policy set dictionary no");
	}
	CHECK_FAILS(UADM_UNAVAILABLE, check("/nowhere/at/all", "Correct-Horse-1", &q));
}

/* cracklib's format has no checksum: whatever becomes of the child, we go on. */
static void
test_garbled_words(void **state)
{
	struct quality q;

	(void)state;
	copy_dictionary(0, -2, 0);
	if (check(OURS, "Correct-Horse-1", &q) != UADM_OK)
		CHECK_EQ(err.code, UADM_UNAVAILABLE, "garbled");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* The child of `parent`; 0: it has none (any more). */
static pid_t
child_of(pid_t parent)
{
	char path[80], text[32] = "";
	FILE *f;

	snprintf(
	    path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	return (pid_t)atoi(text);
}

static bool
is_stopped(pid_t pid)
{
	char path[40], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f != NULL && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	if (f != NULL)
		fclose(f);
	return state == 'T';
}

/* P18: whoever is killed while a child asks takes it along: it has copies of the socket and of the
 * password, and nobody waits for it. */
static void
test_P18_child_goes_too(void **state)
{
	bool caught = false;
	int status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (int tries = 0; tries < 1000 && !caught; tries++) {
		pid_t parent = fork(), child = 0;
		struct quality q;

		assert_true(parent >= 0);
		if (parent == 0)
			_exit(check(NULL, "Correct-Horse-1", &q) != UADM_OK);
		while (waitpid(parent, NULL, WNOHANG) == 0 &&
		    (child = child_of(parent)) == 0)
			;
		if (child == 0 || kill(child, SIGSTOP) != 0)
			continue;
		for (int i = 0; i < 1000 && !(caught = is_stopped(child)) &&
		     child_of(parent) == child;
		     i++)
			usleep(100);
		kill(parent, SIGKILL);
		waitpid(parent, NULL, 0);
		kill(child, SIGCONT); /* stopped before it asked to be taken along */
		while (waitpid(-1, &status, 0) > 0)
			;
	}
	assert_true(caught);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 1);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_missing_or_damaged),
		cmocka_unit_test(test_garbled_words),
		cmocka_unit_test(test_P18_child_goes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
