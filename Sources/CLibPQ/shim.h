#include <libpq-fe.h>

// Glibc's module leaves this header out; the wait for a socket of libpq is woken through it.
#include <sys/eventfd.h>
