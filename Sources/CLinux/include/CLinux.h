// Calls of Linux that Swift's Glibc module does not import, because their declarations need _GNU_SOURCE.
#ifndef REPROCESS_CLINUX_H
#define REPROCESS_CLINUX_H

#include <stdint.h>

// renameat2(2) with RENAME_EXCHANGE: both paths must exist, and trade places in one step.
int reprocess_rename_exchange(const char *one, const char *other);

// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST where the new path exists.
int reprocess_rename_noreplace(const char *from, const char *to);

// The id of the mount that a path lies on (statx(2), STATX_MNT_ID). 0 on success, -1 and errno otherwise; a kernel
// before 5.8 answers with mount id 0 for every path.
int reprocess_mount_id(const char *path, uint64_t *mount_id);

// Lets no thread of this process, those to come and its children included, ask for a nice value below one that is not negative:
// setpriority(2) answers as if it had done so. 0 on success, -1 and errno otherwise.
int reprocess_never_raise(int32_t nice_value);

// Lowers the priority of one thread of this process to a nice value, unless it is that low already, and its disk access to
// the last level of best effort (ioprio_set(2)), or to what nobody else wants where `only_idle` is not 0. 0 on success, also
// where the thread has ended or where only the class of the disk access may not be changed; else -1 and errno.
int reprocess_lower_thread(int32_t thread, int32_t nice_value, int32_t only_idle);

#endif
