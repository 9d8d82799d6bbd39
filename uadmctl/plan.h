/*
 * plan.h - what will follow of a change, told before it is asked for (libuadm/ops/plan.h).
 */
#ifndef UADM_UADMCTL_PLAN_H
#define UADM_UADMCTL_PLAN_H

#include "libuadm/ops/plan.h"
#include "uadmctl/input.h"

typedef enum uadm_code plan_op(
    struct cli *cli, const struct input_row *row, void *arg, struct uadm_err *err);

/* Is a plan for anybody: a dry run, or somebody who can be asked? */
bool plan_is_wanted(const struct cli *cli);
/* Rehearse it. Nothing is done where no plan is wanted (plan->any is false then). */
enum uadm_code plan_make(struct cli *cli, const struct input_row *row, plan_op *op,
    void *arg, struct plan *plan, struct uadm_err *err);
/* Would it be refused? Then nobody is asked about it first. What --yes answers or a dry run tries is not rehearsed. */
enum uadm_code plan_rehearse(struct cli *cli, const char *name,
    enum uadm_code (*op)(struct uadm *, const char *, struct uadm_err *),
    struct uadm_err *err);
/* On a terminal ask, with the plan below the question; elsewhere, and with --yes or --no-input, it goes on:
 * what can be taken back needs no answer. */
bool plan_consent(struct cli *cli, const char *question, const struct plan *plan);

/* A line for each thing that follows, each behind a newline. */
char *plan_text(const struct plan *plan, char *text, size_t size);
struct json_t;
struct json_t *plan_json(const struct plan *plan);
enum { PLAN_TEXT_SIZE = 5 * PLAN_LIST_SIZE + 1024 };

#endif
