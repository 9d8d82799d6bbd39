/* For libFuzzer: what is wrong ends the program, and so leaves its input behind. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned outcomes[OUTCOMES] = { 0 };
	const char *wrong = fuzz_run(data, size, outcomes);

	if (wrong != NULL) {
		fprintf(stderr, "wrong: %s\n", wrong);
		abort();
	}
	return 0;
}
