#pragma once
#include <stdbool.h>
#include <stdint.h>

// Linux's epoll with plain types. Swift's Glibc module leaves <sys/epoll.h> out, and a module that included it would
// claim types such as `timespec` for itself.

struct poll_event {
    uint64_t tag;
    bool is_writable;
    bool is_readable;  // or closed, or broken: reading tells
};

// A new instance, closed on exec; -1 and errno on failure.
int poll_create(void);

// Watches a descriptor for reading and, if asked, for writing; with `again`, changes what it is watched for.
int poll_watch(int poll, int descriptor, uint64_t tag, bool for_writing, bool again);

// Fills `events` with up to `count` (at most 512) after at most `nanoseconds`; the number, or -1 and errno.
int poll_wait(int poll, struct poll_event *events, int count, int64_t nanoseconds);
