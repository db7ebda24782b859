#define _GNU_SOURCE
#include "CEpoll.h"

#include <sys/epoll.h>
#include <time.h>

enum { events_most = 512 };

int poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int poll_watch(int poll, int descriptor, uint64_t tag, bool for_writing, bool again) {
    struct epoll_event event = {.events = EPOLLIN | (for_writing ? EPOLLOUT : 0), .data.u64 = tag};
    return epoll_ctl(poll, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
}

int poll_wait(int poll, struct poll_event *events, int count, int64_t nanoseconds) {
    struct epoll_event ready[events_most];
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int found = epoll_pwait2(poll, ready, count < events_most ? count : events_most, &time, NULL);
    for (int i = 0; i < found; i++)
        events[i] = (struct poll_event){
            .tag = ready[i].data.u64,
            .is_writable = ready[i].events & EPOLLOUT,
            .is_readable = ready[i].events & ~EPOLLOUT,
        };
    return found;
}
