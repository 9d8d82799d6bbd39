# uadm - user administration for Linux logins.  `make demo`, `make test`, `make install`.
#
# Everything built lands in $(BUILD). SAN=1 adds ASan+UBSan, WERROR=1 makes warnings errors (CI
# does), CC=clang works. Sources are found by directory, so a new file needs no line here.

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

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wswitch-enum \
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wno-format-nonliteral
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection
ifeq ($(SAN),)
OPT ?= -O2 -D_FORTIFY_SOURCE=2
else
OPT ?= -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDEN :=
endif
ifneq ($(WERROR),)
WARN += -Werror
endif
CFLAGS	?= -g
override CFLAGS += -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) $(HARDEN) -fPIC -fvisibility=hidden \
	-fno-semantic-interposition -I. $(PKG_CFLAGS) -DUADM_VERSION='"$(VERSION)"' \
	-DUADM_PREFIX='"$(PREFIX)"' -DUADM_UADMD_PATH='"$(LIBEXECDIR)/uadmd"'
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

obj = $(patsubst %.c,$(BUILD)/$(2)/%.o,$(1))
LIB   := $(BUILD)/libuadm.a
PAM   := $(BUILD)/pam_uadm.so
NSS   := $(BUILD)/libnss_uadm.so.2
UADMD := $(BUILD)/uadmd.bin
UADMCTL := $(BUILD)/uadmctl.bin
UNIT  := $(patsubst %.c,$(BUILD)/%,$(UNIT_SRC))

.PHONY: all test demo install uninstall deps lint format san clean units programs check-deps \
	bench layers

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

MODTEST := $(patsubst %.c,$(BUILD)/%,$(MODTEST_SRC))
units: $(UNIT) $(MODTEST)
ifneq ($(MODTEST)$(UNIT),)
units: $(BUILD)/test/pam_uadm.so $(BUILD)/test/libnss_uadm.so.2 $(BUILD)/test/uadmd $(BUILD)/test/uadmctl
endif

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
