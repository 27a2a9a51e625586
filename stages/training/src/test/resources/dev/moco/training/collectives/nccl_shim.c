/*
 * NCCL's binary interface over the memory of one process, for tests without GPUs: each rank is a thread. It checks what it
 * is called with, and ends a collective that not all ranks call after ten minutes instead of waiting for ever.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OK = 0, SYSTEM_ERROR = 2, INVALID_ARGUMENT = 4, INVALID_USAGE = 5 };
enum { UINT8 = 1, FLOAT32 = 7 };
enum { MAX_RANKS = 64, MAX_CALLS = 4096, PATIENCE_SECONDS = 600 };

typedef struct { char internal[128]; } ncclUniqueId;

typedef struct message {
    struct message *next;
    size_t bytes;
    char data[];
} message;

typedef struct group {
    struct group *next;
    ncclUniqueId id;
    int ranks;
    int joined;
    message *waiting[MAX_RANKS][MAX_RANKS];
} group;

typedef struct {
    group *group;
    int rank;
} communicator;

typedef struct {
    int receives;
    char *memory;
    size_t bytes;
    int peer;
    communicator *own;
} call;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static group *groups;
static int ids;

static __thread call calls[MAX_CALLS];
static __thread int called;
static __thread int depth;

static int wait_for_change(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_SECONDS;
    return pthread_cond_timedwait(&changed, &lock, &until);
}

int ncclGetVersion(int *version) {
    *version = 22602;
    return OK;
}

const char *ncclGetErrorString(int result) {
    return result == INVALID_ARGUMENT ? "invalid argument" : result == INVALID_USAGE ? "invalid usage" : "system error";
}

int ncclGetUniqueId(ncclUniqueId *id) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < sizeof id->internal; i++) {
        id->internal[i] = (char) (i * 37 + 200);
    }
    memcpy(id->internal + 60, &ids, sizeof ids);
    ids++;
    pthread_mutex_unlock(&lock);
    return OK;
}

int ncclCommInitRank(communicator **created, int ranks, ncclUniqueId id, int rank) {
    if (ranks < 1 || ranks > MAX_RANKS || rank < 0 || rank >= ranks || id.internal[127] != (char) (127 * 37 + 200)) {
        return INVALID_ARGUMENT;
    }
    pthread_mutex_lock(&lock);
    group *own = groups;
    while (own != NULL && memcmp(&own->id, &id, sizeof id) != 0) {
        own = own->next;
    }
    if (own == NULL) {
        own = calloc(1, sizeof *own);
        own->id = id;
        own->ranks = ranks;
        own->next = groups;
        groups = own;
    }
    int result = own->ranks == ranks ? OK : INVALID_USAGE;
    own->joined++;
    pthread_cond_broadcast(&changed);
    while (result == OK && own->joined < ranks) {
        result = wait_for_change() == 0 ? OK : SYSTEM_ERROR;
    }
    pthread_mutex_unlock(&lock);
    *created = malloc(sizeof **created);
    (*created)->group = own;
    (*created)->rank = rank;
    return result;
}

static void deliver(const call *sent) {
    message *added = malloc(sizeof *added + sent->bytes);
    added->next = NULL;
    added->bytes = sent->bytes;
    memcpy(added->data, sent->memory, sent->bytes);
    message **end = &sent->own->group->waiting[sent->own->rank][sent->peer];
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = added;
    pthread_cond_broadcast(&changed);
}

static int take(const call *wanted) {
    message **first = &wanted->own->group->waiting[wanted->peer][wanted->own->rank];
    while (*first == NULL) {
        if (wait_for_change() != 0) {
            return SYSTEM_ERROR;
        }
    }
    message *taken = *first;
    *first = taken->next;
    int result = taken->bytes == wanted->bytes ? OK : INVALID_USAGE;
    if (result == OK) {
        memcpy(wanted->memory, taken->data, taken->bytes);
    }
    free(taken);
    return result;
}

int ncclGroupStart(void) {
    depth++;
    return OK;
}

/* Everything is sent before anything is received, as no call of a group may wait for another. */
int ncclGroupEnd(void) {
    if (depth == 0) {
        return INVALID_USAGE;
    }
    if (--depth > 0) {
        return OK;
    }
    int result = OK;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < called; i++) {
        if (!calls[i].receives) {
            deliver(&calls[i]);
        }
    }
    for (int i = 0; i < called; i++) {
        if (calls[i].receives) {
            int taken = take(&calls[i]);
            result = result == OK ? taken : result;
        }
    }
    called = 0;
    pthread_mutex_unlock(&lock);
    return result;
}

static int add(int receives, void *memory, size_t bytes, int peer, communicator *own) {
    if (own == NULL || memory == NULL || peer < 0 || peer >= own->group->ranks || called == MAX_CALLS) {
        return INVALID_ARGUMENT;
    }
    calls[called++] = (call) {receives, memory, bytes, peer, own};
    return OK;
}

static int valid(int type, void *stream) {
    return (type == UINT8 || type == FLOAT32) && stream == NULL;
}

static size_t size_of(int type) {
    return type == FLOAT32 ? sizeof(float) : 1;
}

int ncclSend(const void *from, size_t count, int type, int peer, communicator *own, void *stream) {
    if (!valid(type, stream)) {
        return INVALID_ARGUMENT;
    }
    ncclGroupStart();
    int result = add(0, (void *) from, count * size_of(type), peer, own);
    int ended = ncclGroupEnd();
    return result == OK ? ended : result;
}

int ncclRecv(void *to, size_t count, int type, int peer, communicator *own, void *stream) {
    if (!valid(type, stream)) {
        return INVALID_ARGUMENT;
    }
    ncclGroupStart();
    int result = add(1, to, count * size_of(type), peer, own);
    int ended = ncclGroupEnd();
    return result == OK ? ended : result;
}

int ncclBroadcast(
        const void *from, void *to, size_t count, int type, int root, communicator *own, void *stream) {
    if (!valid(type, stream) || root < 0 || root >= own->group->ranks) {
        return INVALID_ARGUMENT;
    }
    int result = OK;
    ncclGroupStart();
    if (own->rank == root) {
        for (int peer = 0; peer < own->group->ranks; peer++) {
            if (peer != root && result == OK) {
                result = add(0, (void *) from, count * size_of(type), peer, own);
            }
        }
        memmove(to, from, count * size_of(type));
    } else {
        result = add(1, to, count * size_of(type), root, own);
    }
    int ended = ncclGroupEnd();
    return result == OK ? ended : result;
}

int ncclAllGather(const void *from, void *to, size_t count, int type, communicator *own, void *stream) {
    if (!valid(type, stream)) {
        return INVALID_ARGUMENT;
    }
    size_t bytes = count * size_of(type);
    int result = OK;
    ncclGroupStart();
    for (int peer = 0; peer < own->group->ranks && result == OK; peer++) {
        if (peer == own->rank) {
            memcpy((char *) to + peer * bytes, from, bytes);
        } else {
            result = add(0, (void *) from, bytes, peer, own);
            result = result == OK ? add(1, (char *) to + peer * bytes, bytes, peer, own) : result;
        }
    }
    int ended = ncclGroupEnd();
    return result == OK ? ended : result;
}

/* Sums from the last rank to the first: another order than that of the ranks, as NCCL's own is. */
int ncclAllReduce(
        const void *from, void *to, size_t count, int type, int operation, communicator *own, void *stream) {
    if (type != FLOAT32 || operation != 0 || stream != NULL) {
        return INVALID_ARGUMENT;
    }
    float *all = malloc(own->group->ranks * count * sizeof(float));
    int result = ncclAllGather(from, all, count, FLOAT32, own, NULL);
    for (size_t i = 0; i < count; i++) {
        float sum = 0;
        for (int rank = own->group->ranks - 1; rank >= 0; rank--) {
            sum += all[rank * count + i];
        }
        ((float *) to)[i] = sum;
    }
    free(all);
    return result;
}

int ncclCommDestroy(communicator *own) {
    free(own);
    return OK;
}
