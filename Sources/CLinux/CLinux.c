#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

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
