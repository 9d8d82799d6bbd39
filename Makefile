# uadm - user administration for Linux logins.  `make demo`, `make test`, `make install`.
#
# Everything built lands in $(BUILD). SAN=1 adds ASan+UBSan, SAN=thread TSan, WERROR=1 makes warnings
# errors (CI does), CC=clang works. Sources are found by directory, so a new file needs no line here.

PREFIX	 ?= /usr
BUILD	 ?= build
CC	 ?= gcc
VERSION	 := 0.1.0
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
LIBDIR	 ?= $(PREFIX)/lib$(if $(MULTIARCH),/$(MULTIARCH))
SBINDIR	 ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec/uadm
MANDIR	 ?= $(PREFIX)/share/man
DATADIR	 ?= $(PREFIX)/share

PKGS	 := sqlite3 libsodium libeconf libutf8proc libcrypt
CTL_PKGS := jansson smartcols
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(CTL_PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
CTL_LIBS   := $(shell pkg-config --libs $(CTL_PKGS) 2>/dev/null)

WARN := $(if $(findstring clang,$(CC)),-Wno-unknown-warning-option) -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wswitch-enum \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wno-format-nonliteral -Wno-format-truncation
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection
ifeq ($(SAN),)
OPT ?= -O2 -D_FORTIFY_SOURCE=2
else ifeq ($(SAN),thread)
OPT ?= -O1 -fsanitize=thread -fno-omit-frame-pointer
HARDEN :=
else
OPT ?= -Og -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDEN :=
endif
ifneq ($(WERROR),)
WARN += -Werror
endif
CFLAGS	?= -g
override CFLAGS += -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) $(HARDEN) -fPIC -fvisibility=hidden \
	-fno-semantic-interposition -I. $(PKG_CFLAGS) -DUADM_VERSION='"$(VERSION)"' \
	-DUADM_PREFIX='"$(PREFIX)"' -DUADM_UADMD_PATH='"$(LIBEXECDIR)/uadmd"' \
	-DUADM_LIBDIR='"$(LIBDIR)"' -DUADM_DATADIR='"$(DATADIR)"'
override LDFLAGS += -Wl,-z,relro,-z,now -Wl,--as-needed $(filter -fsanitize=%,$(OPT))
SOFLAGS	= -shared -Wl,-z,defs -Wl,-z,nodelete

# The modules take from libuadm only what knows libc alone.
LIB_SRC	 := $(wildcard libuadm/*/*.c)
PAM_SRC	 := $(wildcard pam_uadm/*.c) $(wildcard libuadm/relay/*.c)
NSS_SRC	 := $(wildcard nss_uadm/*.c) $(wildcard libuadm/directory/reader*.c) libuadm/directory/checksum.c
DAEMON_SRC := $(wildcard uadmd/*.c)
CTL_SRC	 := $(wildcard uadmctl/*.c)
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
MODTEST_SRC := $(wildcard tests/module/*.c)

comma := ,
obj = $(patsubst %.c,$(BUILD)/$(2)/%.o,$(1))
LIB   := $(BUILD)/libuadm.a
PAM   := $(BUILD)/pam_uadm.so
NSS   := $(BUILD)/libnss_uadm.so.2
UADMD := $(BUILD)/uadmd.bin
UADMCTL := $(BUILD)/uadmctl.bin
UNIT  := $(patsubst %.c,$(BUILD)/%,$(UNIT_SRC))

.PHONY: all test demo install uninstall deps lint format san tsan fuzz clean units programs image run-lint \
	bench bench-programs bench-check

all: programs
programs: $(PAM) $(NSS) $(UADMD) $(UADMCTL)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(call obj,$(LIB_SRC),obj)
	@rm -f $@
	ar rcs $@ $^

$(PAM): $(call obj,$(PAM_SRC),obj) pam_uadm/pam_uadm.map
	$(CC) $(LDFLAGS) $(SOFLAGS) -Wl,--version-script=pam_uadm/pam_uadm.map -o $@ \
	    $(filter %.o,$^) -lpam

$(NSS): $(call obj,$(NSS_SRC),obj) nss_uadm/nss_uadm.map
	$(CC) $(LDFLAGS) $(SOFLAGS) -Wl,-soname,libnss_uadm.so.2 \
	    -Wl,--version-script=nss_uadm/nss_uadm.map -o $@ $(filter %.o,$^)

$(UADMD): $(call obj,$(DAEMON_SRC),obj) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(UADMCTL): $(call obj,$(CTL_SRC),obj) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(CTL_LIBS)

# The test build: the same sources with every path below $(BUILD)/test/root.
TESTROOT := $(abspath $(BUILD))/test/root
TESTDEF	 := -DUADM_TEST_ROOT='"$(TESTROOT)"' -DUADM_UADMD='"$(abspath $(BUILD))/test/uadmd"'
$(BUILD)/tobj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(TESTDEF) -MMD -MP -c -o $@ $<

$(BUILD)/test/libuadm.a: $(call obj,$(LIB_SRC),tobj)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/test/pam_uadm.so: $(call obj,$(PAM_SRC),tobj) pam_uadm/pam_uadm.map
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(SOFLAGS) -Wl,--version-script=pam_uadm/pam_uadm.map -o $@ \
	    $(filter %.o,$^) -lpam

$(BUILD)/test/libnss_uadm.so.2: $(call obj,$(NSS_SRC),tobj) nss_uadm/nss_uadm.map
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(SOFLAGS) -Wl,-soname,libnss_uadm.so.2 \
	    -Wl,--version-script=nss_uadm/nss_uadm.map -o $@ $(filter %.o,$^)

$(BUILD)/test/uadmd: $(call obj,$(DAEMON_SRC),tobj) $(BUILD)/test/libuadm.a
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/test/uadmctl: $(call obj,$(CTL_SRC),tobj) $(BUILD)/test/libuadm.a
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(CTL_LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tobj/tests/unit/%.o $(BUILD)/test/libuadm.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(PKG_LIBS) -ldl -lpthread

# One program a file; they load the modules with dlopen or through libpam.
$(BUILD)/tests/module/%: $(BUILD)/tobj/tests/module/%.o $(BUILD)/test/libuadm.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka -lpam $(PKG_LIBS) -ldl -lpthread

# The inputs that `make fuzz` has found, replayed. The module is linked in, and finds its files in
# memory: tests/fuzz/memory.c is what these calls reach.
FUZZ_SRC  := $(wildcard tests/fuzz/*.c)
FUZZ_WRAP := $(patsubst %,-Wl$(comma)--wrap=%,open lstat mmap munmap)
CORPUS	  := $(BUILD)/tests/module/test_nss_corpus
$(CORPUS): $(call obj,$(filter-out %/main_libfuzzer.c,$(FUZZ_SRC)) $(wildcard nss_uadm/*.c),tobj)
$(CORPUS): override LDFLAGS += $(FUZZ_WRAP)

# pam_uadm with short waits, and a uadmd that misbehaves on request.
FAKE	 := $(abspath $(BUILD))/test/fake
FAKEDEF	 := -DUADM_TEST_ROOT='"$(FAKE)"' -DUADM_UADMD='"$(FAKE)/uadmd"' -DUADM_WAIT_AUTH_MS=3000 \
	-DUADM_WAIT_MS=2500 -DUADM_REAP_MS=500 -DUADM_CONNECT_MS=300
$(BUILD)/test/fake/pam_uadm.so: $(PAM_SRC) $(wildcard pam_uadm/*.h libuadm/relay/*.h) pam_uadm/pam_uadm.map
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(FAKEDEF) $(LDFLAGS) $(SOFLAGS) -Wl,--version-script=pam_uadm/pam_uadm.map -o $@ \
	    $(filter %.c,$^) -lpam

$(BUILD)/test/fake/uadmd: $(BUILD)/tobj/tests/module/helpers/fake_uadmd.o $(BUILD)/test/libuadm.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

MODTEST := $(patsubst %.c,$(BUILD)/%,$(MODTEST_SRC))
units: $(UNIT) $(MODTEST)
ifneq ($(MODTEST)$(UNIT),)
units: $(BUILD)/test/pam_uadm.so $(BUILD)/test/libnss_uadm.so.2 $(BUILD)/test/uadmd $(BUILD)/test/uadmctl \
	$(BUILD)/test/fake/pam_uadm.so $(BUILD)/test/fake/uadmd
endif

# Each of these does its own set-up. What a package brings (pkg-config, the compiler) is asked for
# when a Makefile is read, hence the second make.
DEPS	 := packaging/install-deps
TIED	 := setpriv --pdeathsig KILL # our death, also by SIGKILL, is theirs

deps:
	@$(DEPS)

test:
	@$(DEPS) build test
	@$(MAKE) -s --no-print-directory all units image
	@$(TIED) tests/run --build $(BUILD)

demo:
	@$(DEPS) build demo
	@$(MAKE) -s --no-print-directory image
	@$(TIED) demo/run --image $(BUILD)/image $(if $(KEEP),--keep)

# uadm beside its peers; bench/run tells where the numbers go, bench/check which must hold.
BENCH	 := $(addprefix $(BUILD)/bench/,lookup floor cold login memory visible $(patsubst %,libnss_%.so.2,empty tinycdb sqlite))
$(BUILD)/bench/login: BENCH_LIBS = -lpam -lsodium -lcrypt
$(BUILD)/bench/lookup: BENCH_LIBS = -ldl -pthread
$(BUILD)/bench/libnss_tinycdb.so.2: BENCH_LIBS = -lcdb
$(BUILD)/bench/libnss_sqlite.so.2: BENCH_LIBS = -lsqlite3
$(BUILD)/bench/libnss_%.so.2: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(SOFLAGS) -Wl,-soname,$(@F) -o $@ $< $(BENCH_LIBS)
$(BUILD)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_LIBS)

bench-programs: $(BENCH)

bench:
	@$(DEPS) build bench
	@$(MAKE) -s --no-print-directory image bench-programs
	@bench/unpack $(abspath $(BUILD))/bench/peers
	@$(TIED) bench/run --build $(BUILD)

bench-check:
	@bench/check $(BENCH_DATA)

# The unit and module tests once more, where every undefined step ends the program.
san:
	@$(DEPS) build test
	@$(MAKE) -s --no-print-directory SAN=1 BUILD=$(BUILD)/san units
	@$(TIED) tests/run --build $(BUILD)/san programs

# Threads beneath ThreadSanitizer: the module, the writer and the program that asks are all built with
# it, by gcc, whose sanitizers go into shared objects too. It wants its addresses where it looks for
# them, which a kernel that places mappings too much at random does not give: hence setarch. Where that
# is forbidden it may still work, and says so itself if not.
TSAN	 := tests/module/test_nss_threads
TSAN_RUN = $(shell setarch -R true 2>/dev/null && echo setarch -R)

tsan:
	@$(DEPS) build test
	@$(MAKE) -s --no-print-directory SAN=thread CC=gcc BUILD=$(BUILD)/tsan \
		$(BUILD)/tsan/$(TSAN) $(BUILD)/tsan/test/libnss_uadm.so.2
	@$(TIED) $(TSAN_RUN) tests/run --build $(BUILD)/tsan $(BUILD)/tsan/$(TSAN)

# Look for more of what the reader may be given, for FUZZ_SECONDS. What is new and worth keeping is in
# $(BUILD)/fuzz/found, what goes wrong in $(BUILD)/fuzz/wrong-*; see tests/README.md.
FUZZ	     := $(BUILD)/fuzz
FUZZ_SECONDS ?= 600
FUZZ_CFLAGS  := -g -O2 -std=c11 -D_GNU_SOURCE -I. -DUADM_TEST_ROOT='"/nowhere"' \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined $(FUZZ_WRAP)

$(FUZZ)/directory: $(FUZZ_SRC) $(NSS_SRC) $(wildcard tests/fuzz/*.h libuadm/directory/*.h nss_uadm/*.h)
	@mkdir -p $(@D)
	clang -Wno-unknown-warning-option $(WARN) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)

fuzz:
	@$(DEPS) build fuzz
	@$(MAKE) -s --no-print-directory $(FUZZ)/directory
	@mkdir -p $(FUZZ)/found
	@ASAN_OPTIONS=quarantine_size_mb=16 $(TIED) $(FUZZ)/directory -max_total_time=$(FUZZ_SECONDS) \
		-max_len=6000 -timeout=10 -artifact_prefix=$(FUZZ)/wrong- -print_final_stats=1 \
		$(FUZZ)/found tests/fuzz/corpus

C_FILES = $(shell find libuadm pam_uadm nss_uadm uadmd uadmctl tests bench -name '*.[ch]' 2>/dev/null)

lint:
	@$(DEPS) build test lint
	@$(MAKE) -s --no-print-directory run-lint

run-lint:
	@$(TIED) tests/lint $(CFLAGS) $(TESTDEF) -- $(C_FILES)

format:
	clang-format -i $(C_FILES)

# What is installed where, once: uninstall removes what this names and nothing else. A file is
# put beside and renamed over, so that a login in that moment finds the old one or the new one.
SECURITYDIR  ?= $(LIBDIR)/security
CRONDIR	     ?= /etc/cron.d
UNITDIR	     ?= $(PREFIX)/lib/systemd/system
TMPFILESDIR  ?= $(PREFIX)/lib/tmpfiles.d
COMPLETE     ?= $(UADMCTL) help --completion
COMPLETIONS  := bash zsh fish
COMPLETION_bash := $(DATADIR)/bash-completion/completions/uadmctl
COMPLETION_zsh	:= $(DATADIR)/zsh/vendor-completions/_uadmctl
COMPLETION_fish := $(DATADIR)/fish/vendor_completions.d/uadmctl.fish
PAM_CONFIGS  := $(wildcard packaging/pam-config/uadm*)
MAN_PAGES    := $(wildcard man/*.[1-8]) $(BUILD)/man/uadmctl.8
# They name programs, which are where PREFIX says.
PLACED	     := $(patsubst %,$(BUILD)/%,$(wildcard packaging/systemd/*.* packaging/cron/*))
UNIT_FILES   := $(filter $(BUILD)/packaging/systemd/%,$(PLACED))
CRON_FILES   := $(filter $(BUILD)/packaging/cron/%,$(PLACED))
TMPFILES     := $(wildcard packaging/tmpfiles/*.conf)
FAIL2BAN     := $(wildcard packaging/fail2ban/*.local)
MAIL_LANGUAGES := $(notdir $(wildcard packaging/mail/*))

# to FILE below directory DIR: FILES-to-DIR pairs, "mode source destination"
to = $(foreach f,$(3),"$(1) $(f) $(2)/$(notdir $(f))")
INSTALL_PLAN = \
	"0644 $(PAM) $(SECURITYDIR)/pam_uadm.so" \
	"0644 $(NSS) $(LIBDIR)/libnss_uadm.so.2" \
	"0755 $(UADMCTL) $(SBINDIR)/uadmctl" \
	"0755 $(UADMD) $(LIBEXECDIR)/uadmd" \
	$(foreach s,$(COMPLETIONS),"0644 $(BUILD)/completion/$(s) $(COMPLETION_$(s))") \
	$(call to,0644,$(DATADIR)/pam-configs,$(PAM_CONFIGS)) \
	$(foreach n,1 3 5 7 8,$(call to,0644,$(MANDIR)/man$(n),$(filter %.$(n),$(MAN_PAGES)))) \
	$(call to,0644,$(UNITDIR),$(UNIT_FILES)) \
	$(call to,0644,$(CRONDIR),$(CRON_FILES)) \
	$(call to,0644,$(TMPFILESDIR),$(TMPFILES)) \
	$(call to,0644,$(DATADIR)/uadm/fail2ban,$(FAIL2BAN)) \
	$(foreach l,$(MAIL_LANGUAGES),$(call to,0644,$(DATADIR)/uadm/mail/$(l),$(wildcard packaging/mail/$(l)/*)))

$(PLACED): $(BUILD)/%: %
	@mkdir -p $(@D)
	sed -e 's,/usr/sbin/,$(SBINDIR)/,g' -e 's,/usr/libexec/uadm/,$(LIBEXECDIR)/,g' $< >$@.new
	@mv $@.new $@

$(BUILD)/completion/%: $(UADMCTL)
	@mkdir -p $(@D)
	$(COMPLETE) $* >$@.new
	@mv $@.new $@

# The manual's list of commands is the program's own.
$(BUILD)/man/uadmctl.8: man/uadmctl.8.in $(UADMCTL)
	@mkdir -p $(@D)
	$(UADMCTL) help --manual commands >$@.commands
	$(UADMCTL) help --manual policy >$@.policy
	$(UADMCTL) help --manual rights >$@.rights
	sed -e '/@COMMANDS@/{r $@.commands' -e 'd;}' -e '/@POLICY@/{r $@.policy' -e 'd;}' -e '/@RIGHTS@/{r $@.rights' -e 'd;}' -e 's/@VERSION@/$(VERSION)/' $< >$@.new
	@mv $@.new $@

install: all $(PLACED) $(COMPLETIONS:%=$(BUILD)/completion/%) $(BUILD)/man/uadmctl.8
	@umask 022; for f in $(INSTALL_PLAN); do set -- $$f; d="$(DESTDIR)$$3"; \
		install -d -m 0755 "$${d%/*}" && install -m $$1 $$2 "$$d.new" && \
		mv -f "$$d.new" "$$d" || exit 1; done

# A stack that names a module which is gone shuts people out: first disable, then uninstall.
uninstall:
	@if grep -qs pam_uadm $(DESTDIR)/etc/pam.d/* || \
	    grep -Eqs '^(passwd|group):.*\<uadm\>' $(DESTDIR)/etc/nsswitch.conf; then \
		echo 'uninstall: this host uses uadm. First: uadmctl host disable --yes' >&2; \
		exit 1; fi
	@for f in $(INSTALL_PLAN); do set -- $$f; rm -f "$(DESTDIR)$$3"; done
	@rmdir $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DATADIR)/uadm/fail2ban \
		$(MAIL_LANGUAGES:%=$(DESTDIR)$(DATADIR)/uadm/mail/%) $(DESTDIR)$(DATADIR)/uadm/mail \
		$(DESTDIR)$(DATADIR)/uadm 2>/dev/null || :

# What install makes, in a directory: the tests and the demo copy it into their boxes.
image: all
	@rm -rf $(BUILD)/image
	@$(MAKE) --no-print-directory install DESTDIR=$(abspath $(BUILD))/image

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
