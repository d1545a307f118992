/* Messages of errors, and the poll of a caller who may wish to stop. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

cap_status cap_fail(cap_error *err, cap_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
        err->status = status;
        err->row = CAP_NOWHERE;
        err->column = CAP_NOWHERE;
    }
    return status;
}

cap_status cap_fail_at(cap_error *err, cap_status status, size_t row,
                       size_t column, const char *message)
{
    cap_fail(err, status, "%s", message);
    if (err != NULL) {
        err->row = row;
        err->column = column;
    }
    return status;
}

int cap_poll_stop(const cap_poll *poll)
{
    return poll != NULL && poll->should_stop != NULL &&
           poll->should_stop(poll->context);
}

int cap_poll_report(const cap_poll *poll, double share)
{
    return poll != NULL && poll->report != NULL &&
           poll->report(poll->context, share);
}
