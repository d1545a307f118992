/* A lock that the system lifts when its holder ends, however it ends: so that
 * two runs never write into one folder, and a killed run blocks no other. */
#define _XOPEN_SOURCE 700
#include "glue/glue.h"
#include "glue/entries.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the open file still stands in a folder: who let go of the lock has
 * removed it. */
static int is_there(int file)
{
    struct stat info;
    return fstat(file, &info) == 0 && info.st_nlink > 0;
}

/* .Call(C_file_lock, path): the descriptor that holds the lock, NA when
 * another process holds it. Forked children do not hold it. */
SEXP glue_file_lock(SEXP path)
{
    const char *name = glue_string(path, "path");
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0 && errno != ENOENT) {
        cap_error err;
        (void)cap_fail(&err, CAP_ERR_IO, "Cannot lock \"%s\": %s.", name,
                       strerror(errno));
        glue_raise(&err);
    }
    if (file >= 0 && (fcntl(file, F_SETLK, &whole) != 0 || !is_there(file))) {
        close(file);
        file = -1;
    }
    return Rf_ScalarInteger(file < 0 ? NA_INTEGER : file);
}

/* .Call(C_file_unlock, lock) */
SEXP glue_file_unlock(SEXP lock)
{
    (void)close((int)glue_whole_number(lock, 3, INT_MAX, "lock"));
    return R_NilValue;
}

/* .Call(C_parent_process): its id, another one once it has ended. */
SEXP glue_parent_process(void) { return Rf_ScalarInteger((int)getppid()); }
