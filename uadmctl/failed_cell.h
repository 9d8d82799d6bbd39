/*
 * failed_cell.h - the sources that failed with one user, as a cell.
 */
#ifndef UADM_UADMCTL_FAILED_CELL_H
#define UADM_UADMCTL_FAILED_CELL_H

#include "libuadm/ops/failed.h"
#include "uadmctl/print.h"

struct failed_cell {
	struct failed_sources list;
	char shown[SOURCE_SHOWN_SIZE];
	struct cell_objects objects;
};

/* Filled in when it is printed: then f->list is this user's. */
struct cell failed_cell(struct failed_cell *f);

#endif
