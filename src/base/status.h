/* Status codes and error reports shared by every C module of cybercap. */
#ifndef CAP_STATUS_H
#define CAP_STATUS_H

#include <stddef.h>

typedef enum {
    CAP_OK = 0,
    CAP_ERR_MEMORY,    /* an allocation failed */
    CAP_ERR_INPUT,     /* an argument breaks a precondition of the header */
    CAP_ERR_NUMERIC,   /* the input is valid but has no defined result */
    CAP_ERR_IO,        /* a file could not be written or checked */
    CAP_ERR_INTERRUPT, /* the poll callback asked to stop */
} cap_status;

#define CAP_MESSAGE_SIZE 512

/* What went wrong. `row` and `column` are zero-based positions in the
 * caller's input where one cell is at fault, else CAP_NOWHERE. */
#define CAP_NOWHERE ((size_t)-1)
typedef struct {
    cap_status status;
    size_t row;
    size_t column;
    char message[CAP_MESSAGE_SIZE];
} cap_error;

/* Fills `err` (which may be NULL) and returns `status`, so that a function
 * can write `return cap_fail(err, CAP_ERR_INPUT, "...", ...)`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
cap_status
cap_fail(cap_error *err, cap_status status, const char *format, ...);

/* As cap_fail(), with the position of the cell at fault. */
cap_status cap_fail_at(cap_error *err, cap_status status, size_t row,
                       size_t column, const char *message);

/* Callbacks that long loops make now and then, on the calling thread: a
 * non-zero answer means stop, free everything and return CAP_ERR_INTERRUPT.
 * `report` is told the share of the work that is done, 0 to 1. A NULL pointer
 * or a NULL callback never stops. */
typedef struct {
    int (*should_stop)(void *context);
    void *context;
    int (*report)(void *context, double share);
} cap_poll;

int cap_poll_stop(const cap_poll *poll);
int cap_poll_report(const cap_poll *poll, double share);

#endif
