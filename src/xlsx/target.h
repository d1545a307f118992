/* The file that a workbook is written to, so that a reader of the path sees
 * the old file or the new one and never a part.
 *
 * The data go to ".cybercap-<host>-<pid>-<n>.tmp" in the folder of the path,
 * created exclusively with the mode that umask (or the file to be replaced)
 * gives. cap_target_commit() flushes it to the disk and renames it. Without
 * `overwrite` it is linked to the path, which fails when somebody else made a
 * file of that name meanwhile.
 *
 * SIGTERM and SIGHUP wait while a target is open and are delivered when it
 * has been cleaned up; cap_target_terminated() says that one waits. After a
 * SIGKILL or power failure the temporary file stays: cap_target_open() removes
 * those of this user and host whose process is gone, and any older than a
 * day. <host> is a sum over the host's name and the process namespace, so that
 * a folder shared by machines or containers is safe. */
#ifndef CAP_XLSX_TARGET_H
#define CAP_XLSX_TARGET_H

#include "base/status.h"

typedef struct {
    char *path;      /* symbolic links resolved */
    char *temporary; /* NULL when there is none on disk */
    unsigned mode;   /* of the file to be replaced, 0 when there is none */
    int overwrite;
    struct cap_signal_mask *mask; /* the caller's; NULL: not changed */
} cap_target;

/* Starts with an empty file at target->temporary. On failure everything is
 * undone; cap_target_close() is harmless then. */
cap_status cap_target_open(cap_target *target, const char *path, int overwrite,
                           cap_error *err);

/* 1 when a SIGTERM or SIGHUP waits for this process. */
int cap_target_terminated(const cap_target *target);

/* Flushes the finished temporary file, open at `fd`, and puts it in place. */
cap_status cap_target_commit(cap_target *target, int fd, cap_error *err);

/* Removes the temporary file if it is still there, frees, and lets waiting
 * signals through. */
void cap_target_close(cap_target *target);

#endif
