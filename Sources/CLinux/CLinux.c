#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int reprocess_rename_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int reprocess_rename_noreplace(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int reprocess_mount_id(const char *path, uint64_t *mount_id) {
    struct statx answer;
    if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &answer) != 0) return -1;
    *mount_id = (answer.stx_mask & STATX_MNT_ID) ? answer.stx_mnt_id : 0;
    return 0;
}

int reprocess_lower_thread(int32_t thread, int32_t nice_value, int32_t only_idle) {
    errno = 0;
    int current = getpriority(PRIO_PROCESS, (id_t)thread);
    if (errno == ESRCH) return 0;
    if (errno != 0) return -1;
    if (current < nice_value && setpriority(PRIO_PROCESS, (id_t)thread, nice_value) != 0 && errno != ESRCH) return -1;
    // ioprio_set(2) has no declaration: IOPRIO_WHO_PROCESS is 1, the classes are 2 for best effort, with level 7 the last,
    // and 3 for idle.
    const int class_shift = 13;
    syscall(SYS_ioprio_set, 1, thread, only_idle ? 3 << class_shift : (2 << class_shift) | 7);
    return 0;
}
