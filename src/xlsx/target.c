/* The temporary file that becomes the workbook.
 *
 * See the header for names and signals. A path is resolved first, so that a
 * link's target is replaced and not the link; leftovers of processes that are
 * gone are removed when a target is opened. */
/* realpath(), link(), sigprocmask() and gethostname() are POSIX 2008. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "xlsx/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "base/allocation.h"

struct cap_signal_mask {
    sigset_t set;
};

#define PREFIX ".cybercap-"
#define SUFFIX ".tmp"
#define NAME_SIZE 64
#define STALE_SECONDS (24 * 60 * 60)

/* The end of a long path says more than its start. */
static const char *shown(const char *path)
{
    size_t n = strlen(path);
    if (n <= 300) {
        return path;
    }
    path += n - 300;
    while (((unsigned char)*path & 0xC0) == 0x80) {
        path++;
    }
    return path;
}

static cap_status io_error(cap_error *err, const char *what, const char *path)
{
    return cap_fail(err, CAP_ERR_IO, "%s \"%s\": %s.", what, shown(path),
                    strerror(errno));
}

static char *copy_text(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = cap_calloc(n, 1);
    if (copy != NULL) {
        memcpy(copy, text, n);
    }
    return copy;
}

/* Bytes of the folder part of a path with its slash, 0 when there is none. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* FNV-1a over what tells one set of process ids from another. */
static uint32_t host_sum(void)
{
    char name[256] = {0};
    struct stat info;
    uint32_t sum = 2166136261u;
    if (gethostname(name, sizeof name - 1) != 0) {
        name[0] = '\0';
    }
    for (size_t i = 0; name[i] != '\0'; i++) {
        sum = (sum ^ (unsigned char)name[i]) * 16777619u;
    }
    if (stat("/proc/self/ns/pid", &info) == 0) {
        sum = (sum ^ (uint32_t)info.st_ino) * 16777619u;
    }
    return sum;
}

/* ---- what a killed run left ------------------------------------------- */

/* Reads ".cybercap-<8 hex>-<pid>-<n>.tmp"; 0 for any other name. */
static int read_name(const char *name, uint32_t *host, long *pid)
{
    size_t prefix = strlen(PREFIX);
    if (strncmp(name, PREFIX, prefix) != 0 || strlen(name) >= NAME_SIZE) {
        return 0;
    }
    char *end;
    *host = (uint32_t)strtoul(name + prefix, &end, 16);
    if (end != name + prefix + 8 || *end != '-') {
        return 0;
    }
    const char *digits = end + 1;
    *pid = strtol(digits, &end, 10);
    if (end == digits || *end != '-' || *pid <= 0) {
        return 0;
    }
    digits = end + 1;
    (void)strtoul(digits, &end, 10);
    return end != digits && strcmp(end, SUFFIX) == 0;
}

static int is_stale(int folder, const char *name, uint32_t host)
{
    uint32_t its_host;
    long pid;
    struct stat info;
    if (!read_name(name, &its_host, &pid) ||
        fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(info.st_mode) || info.st_uid != geteuid()) {
        return 0;
    }
    int gone = its_host == host && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
    return gone || difftime(time(NULL), info.st_mtime) > STALE_SECONDS;
}

static void remove_stale(const char *folder, uint32_t host)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (is_stale(dirfd(dir), entry->d_name, host)) {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    closedir(dir);
}

/* ---- opening ----------------------------------------------------------- */

/* The path with symbolic links resolved when it exists, else as it is. */
static cap_status resolve(cap_target *target, const char *path, cap_error *err)
{
    struct stat info;
    char *real = NULL;
    if (stat(path, &info) == 0) {
        if (!S_ISREG(info.st_mode)) {
            return cap_fail(err, CAP_ERR_IO,
                            "\"%s\" exists and is not a regular file.",
                            shown(path));
        }
        target->mode = (unsigned)info.st_mode & 0777u;
        real = realpath(path, NULL);
    }
    target->path = copy_text(real == NULL ? path : real);
    free(real);
    return target->path == NULL
               ? cap_fail(err, CAP_ERR_MEMORY, "no memory for a file name")
               : CAP_OK;
}

static cap_status refuse_existing(const char *path, cap_error *err)
{
    return cap_fail(err, CAP_ERR_IO,
                    "the file \"%s\" exists; use overwrite = TRUE to replace "
                    "it.",
                    shown(path));
}

static cap_status mask_signals(cap_target *target, cap_error *err)
{
    sigset_t waiting;
    sigemptyset(&waiting);
    sigaddset(&waiting, SIGTERM);
    sigaddset(&waiting, SIGHUP);
    target->mask = cap_calloc(1, sizeof *target->mask);
    if (target->mask == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory for a file");
    }
    if (sigprocmask(SIG_BLOCK, &waiting, &target->mask->set) != 0) {
        cap_free(target->mask);
        target->mask = NULL;
    }
    return CAP_OK;
}

/* Tries names until one is free. `target->temporary` holds the folder and has
 * room for a name. */
static int create_temporary(cap_target *target, size_t folder, uint32_t host)
{
    for (unsigned n = 0; n < 1000; n++) {
        snprintf(target->temporary + folder, NAME_SIZE,
                 PREFIX "%08lx-%ld-%u" SUFFIX, (unsigned long)host,
                 (long)getpid(), n);
        int fd = open(target->temporary,
                      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                      target->mode == 0 ? 0666 : 0600);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

static cap_status make_temporary(cap_target *target, cap_error *err)
{
    size_t folder = folder_length(target->path);
    target->temporary = cap_calloc(folder + NAME_SIZE, 1);
    if (target->temporary == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory for a file name");
    }
    memcpy(target->temporary, target->path, folder);
    uint32_t host = host_sum();
    remove_stale(folder == 0 ? "." : target->temporary, host);
    cap_status status = mask_signals(target, err);
    if (status != CAP_OK) {
        cap_free(target->temporary);
        target->temporary = NULL;
        return status;
    }
    int fd = create_temporary(target, folder, host);
    if (fd < 0) {
        status = io_error(err, "cannot write in the folder of", target->path);
        cap_free(target->temporary);
        target->temporary = NULL;
        return status;
    }
    close(fd);
    return CAP_OK;
}

cap_status cap_target_open(cap_target *target, const char *path, int overwrite,
                           cap_error *err)
{
    struct stat info;
    memset(target, 0, sizeof *target);
    target->overwrite = overwrite;
    size_t length = strlen(path);
    if (length == 0 || path[length - 1] == '/') {
        return cap_fail(err, CAP_ERR_IO, "\"%s\" names no file.", shown(path));
    }
    if (!overwrite && lstat(path, &info) == 0) {
        return refuse_existing(path, err);
    }
    cap_status status = resolve(target, path, err);
    if (status == CAP_OK) {
        status = make_temporary(target, err);
    }
    if (status != CAP_OK) {
        cap_target_close(target);
    }
    return status;
}

/* Whether a signal waits that the caller would have let through. */
static int waits(const sigset_t *pending, const sigset_t *mask, int sig)
{
    return sigismember(pending, sig) == 1 && sigismember(mask, sig) == 0;
}

int cap_target_terminated(const cap_target *target)
{
    sigset_t pending;
    return target->mask != NULL && sigpending(&pending) == 0 &&
           (waits(&pending, &target->mask->set, SIGTERM) ||
            waits(&pending, &target->mask->set, SIGHUP));
}

/* ---- putting in place -------------------------------------------------- */

static void forget_temporary(cap_target *target)
{
    cap_free(target->temporary);
    target->temporary = NULL;
}

static void flush_folder(const char *path)
{
    size_t folder = folder_length(path);
    char *name = copy_text(folder == 0 ? "." : path);
    if (name == NULL) {
        return;
    }
    if (folder > 0) {
        name[folder] = '\0';
    }
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* some file systems refuse it: nothing is lost */
        close(fd);
    }
    cap_free(name);
}

/* File systems without hard links: claim the name, then rename over it. */
static cap_status claim_name(cap_target *target, cap_error *err)
{
    int fd = open(target->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST ? refuse_existing(target->path, err)
                               : io_error(err, "cannot write", target->path);
    }
    close(fd);
    if (rename(target->temporary, target->path) != 0) {
        cap_status status = io_error(err, "cannot write", target->path);
        (void)unlink(target->path);
        return status;
    }
    forget_temporary(target);
    return CAP_OK;
}

static cap_status place_new(cap_target *target, cap_error *err)
{
    if (link(target->temporary, target->path) == 0) {
        (void)unlink(target->temporary);
        forget_temporary(target);
        return CAP_OK;
    }
    return errno == EEXIST ? refuse_existing(target->path, err)
                           : claim_name(target, err);
}

cap_status cap_target_commit(cap_target *target, int fd, cap_error *err)
{
    if (target->mode != 0) {
        (void)fchmod(fd,
                     (mode_t)target->mode); /* a private file stays private */
    }
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) {
        return io_error(err, "cannot write to the disk of", target->path);
    }
    if (!target->overwrite) {
        cap_status status = place_new(target, err);
        if (status != CAP_OK) {
            return status;
        }
    } else {
        if (rename(target->temporary, target->path) != 0) {
            return io_error(err, "cannot replace", target->path);
        }
        forget_temporary(target);
    }
    flush_folder(target->path);
    return CAP_OK;
}

void cap_target_close(cap_target *target)
{
    if (target->temporary != NULL) {
        (void)unlink(target->temporary);
        forget_temporary(target);
    }
    cap_free(target->path);
    target->path = NULL;
    if (target->mask != NULL) {
        (void)sigprocmask(SIG_SETMASK, &target->mask->set, NULL);
        cap_free(target->mask);
        target->mask = NULL;
    }
}
