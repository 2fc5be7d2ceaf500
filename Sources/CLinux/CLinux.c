#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
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

#if defined(__x86_64__)
#define REPROCESS_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define REPROCESS_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

int reprocess_never_raise(int32_t nice_value) {
#ifdef REPROCESS_ARCHITECTURE
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REPROCESS_ARCHITECTURE, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setpriority, 0, 4),
        // The lower half of the third argument: both processors are little-endian.
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        // Comparisons have no sign: what is negative is greater than all that is not.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1u << 31, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)nice_value, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    const unsigned all_threads = SECCOMP_FILTER_FLAG_TSYNC;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, all_threads, &program) == 0) return 0;
    // Whoever is not allowed that may do it after giving up what programs of other users would add to their rights.
    if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, all_threads, &program) == 0 ? 0 : -1;
#else
    errno = ENOSYS;
    return -1;
#endif
}

// sched_setattr(2) has no declaration.
struct reprocess_scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice_value;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

int reprocess_lower_thread(int32_t thread, int32_t nice_value, int32_t only_idle) {
    errno = 0;
    int current = getpriority(PRIO_PROCESS, (id_t)thread);
    if (errno == ESRCH) return 0;
    if (errno != 0) return -1;
    struct reprocess_scheduling lower = {.size = sizeof lower, .policy = 0, .nice_value = nice_value};
    if (current < nice_value && syscall(SYS_sched_setattr, thread, &lower, 0) != 0 && errno != ESRCH) return -1;
    // ioprio_set(2) has no declaration: IOPRIO_WHO_PROCESS is 1, the classes are 2 for best effort, with level 7 the last,
    // and 3 for idle.
    const int class_shift = 13;
    syscall(SYS_ioprio_set, 1, thread, only_idle ? 3 << class_shift : (2 << class_shift) | 7);
    return 0;
}
