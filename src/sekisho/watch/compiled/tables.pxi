# Open-addressing tables. A table of rows has cells of 12 bytes (hash of the key, row); the rows stand in pools by size,
# so that a key that was seen once costs little and one that is attacked a fixed most. A table of the seen has cells of
# 8 bytes (a hash) or 16 (a hash and a time).

cdef enum:
    CLASSES = 6  # a row's rings hold 1, 4, 16, 64, 256 or 1024 entries
    EMPTIEST = 64  # cells

cdef extern from *:
    """
    #include <stdlib.h>
    #ifdef __linux__
    #include <sys/mman.h>
    /* Straight from the system: what is let go is the system's again, what is not touched yet takes no memory, and
       large tables stand on large pages, where a random look is cheaper. */
    static void *sekisho_memory(void *old, size_t was, size_t size) {
        void *found = old == NULL ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                  : mremap(old, was, size, MREMAP_MAYMOVE);
        if (found == MAP_FAILED) return NULL;
        if (size >= (16u << 20)) madvise(found, size, MADV_HUGEPAGE);
        return found;
    }
    static void sekisho_let_go(void *old, size_t was) { if (old != NULL) munmap(old, was); }
    #else
    static void *sekisho_memory(void *old, size_t was, size_t size) {
        char *found = realloc(old, size);
        if (found != NULL && size > was) memset(found + was, 0, size - was);
        return found;
    }
    static void sekisho_let_go(void *old, size_t was) { (void)was; free(old); }
    #endif
    """
    void *memory "sekisho_memory"(void *old, size_t was, size_t size) noexcept nogil
    void let_go "sekisho_let_go"(void *old, size_t was) noexcept nogil


cdef void *zeros(size_t size) except NULL:
    cdef void *found = memory(NULL, 0, max(size, 64))
    if found == NULL:
        raise MemoryError()
    return found


cdef packed struct Cell:
    uint64_t key  # 0: free
    uint32_t row  # index in its pool * 8 + class

cdef struct Pool:
    char *rows
    size_t size  # of a row
    uint32_t used  # rows that were ever given out, and one more: row 0 is nobody's
    uint32_t room
    uint32_t free  # the first of those given back, each naming the next
    uint32_t spare  # how many were given back

cdef struct Rows:
    Cell *cells
    uint64_t room
    uint64_t used
    Pool pools[CLASSES]

cdef struct Seen:
    char *cells
    size_t width  # 8 or 16
    uint64_t room
    uint64_t used
    int64_t window  # entries older than this may go; -1: never


cdef inline char *row_at(Rows *rows, uint32_t row) noexcept nogil:
    cdef Pool *pool = &rows.pools[row & 7]
    return pool.rows + (row >> 3) * pool.size


cdef uint32_t new_row(Rows *rows, int size_class) except 0:
    """A row of zeros."""
    cdef Pool *pool = &rows.pools[size_class]
    cdef uint32_t index = pool.free
    cdef uint32_t room
    cdef char *grown
    if index:
        memcpy(&pool.free, pool.rows + index * pool.size, 4)
        pool.spare -= 1
    else:
        if pool.used >= pool.room:
            room = max(EMPTIEST, pool.room + pool.room // 4)
            if room >> 29:
                raise MemoryError("more than 536,870,912 keys")
            grown = <char *> memory(pool.rows, pool.room * pool.size, room * pool.size)
            if grown == NULL:
                raise MemoryError()
            pool.rows, pool.room = grown, room
            pool.used = max(pool.used, 1)
        index = pool.used
        pool.used += 1
    memset(pool.rows + index * pool.size, 0, pool.size)
    return index << 3 | size_class


cdef void free_row(Rows *rows, uint32_t row) noexcept nogil:
    cdef Pool *pool = &rows.pools[row & 7]
    memcpy(pool.rows + (row >> 3) * pool.size, &pool.free, 4)
    pool.free = row >> 3
    pool.spare += 1


cdef inline bint is_ragged(Rows *rows, int size_class) noexcept nogil:
    """Whether a pool has to grow while a quarter of what the pools hold is given back."""
    cdef size_t held = 0, spare = 0
    cdef int n
    if rows.pools[size_class].free or rows.pools[size_class].used < rows.pools[size_class].room:
        return False
    for n in range(CLASSES):
        held += rows.pools[n].used * rows.pools[n].size
        spare += rows.pools[n].spare * rows.pools[n].size
    return spare * 4 > held


cdef int compact(Rows *rows) except -1:
    """Move the rows together, in the order of their cells."""
    cdef Pool old[CLASSES]
    cdef uint64_t n
    cdef uint32_t row
    memcpy(old, rows.pools, sizeof(old))
    for n in range(CLASSES):
        rows.pools[n].rows = NULL
        rows.pools[n].used = rows.pools[n].room = rows.pools[n].free = rows.pools[n].spare = 0
        if old[n].used > old[n].spare + 1:
            rows.pools[n].room = old[n].used - old[n].spare
            rows.pools[n].rows = <char *> zeros(rows.pools[n].room * old[n].size)
            rows.pools[n].used = 1
    for n in range(rows.room):
        if rows.cells[n].key:
            row = new_row(rows, rows.cells[n].row & 7)
            memcpy(row_at(rows, row), old[row & 7].rows + (rows.cells[n].row >> 3) * old[row & 7].size, old[row & 7].size)
            rows.cells[n].row = row
    for n in range(CLASSES):
        let_go(old[n].rows, old[n].room * old[n].size)
    return 0


cdef inline Cell *find(Rows *rows, uint64_t key) noexcept nogil:
    """The key's cell, or the free one where it belongs."""
    cdef uint64_t at = place_of(key, rows.room)
    cdef Cell *cell = rows.cells + at
    while cell.key and cell.key != key:
        at += 1
        if at == rows.room:
            at = 0
        cell = rows.cells + at
    return cell


cdef inline char *find_seen(Seen *seen, uint64_t key) noexcept nogil:
    cdef uint64_t at = place_of(key, seen.room)
    cdef char *cell = seen.cells + at * seen.width
    while (<uint64_t *> cell)[0] and (<uint64_t *> cell)[0] != key:
        at += 1
        if at == seen.room:
            at = 0
        cell = seen.cells + at * seen.width
    return cell


cdef inline bint gone(Seen *seen, char *cell, int64_t now) noexcept nogil:
    """Free, taken back, or older than what any window reaches."""
    if (<uint64_t *> cell)[0] == 0 or seen.width == 8:
        return (<uint64_t *> cell)[0] == 0
    cdef int64_t time = (<int64_t *> cell)[1] - 1
    return time < 0 or (seen.window >= 0 and now - time > seen.window)


cdef int resize_seen(Seen *seen, int64_t now) except -1:
    """Leave out what is gone, and make room where less than a third is free."""
    cdef char *old = seen.cells
    cdef uint64_t was = seen.room, n, live = 0
    if seen.width == 8:
        live = seen.used
    else:
        for n in range(was):
            live += not gone(seen, old + n * seen.width, now)
    cdef uint64_t room = max(<uint64_t> EMPTIEST, live * 25 // 16)
    seen.cells = <char *> zeros(room * seen.width)
    seen.room, seen.used = room, live
    for n in range(was):
        if not gone(seen, old + n * seen.width, now):
            memcpy(find_seen(seen, (<uint64_t *> (old + n * seen.width))[0]), old + n * seen.width, seen.width)
    let_go(old, was * seen.width)
    return 0


cdef inline char *add_seen(Seen *seen, uint64_t key, int64_t now) except NULL:
    """The key's cell, which is there afterwards."""
    cdef char *cell = find_seen(seen, key)
    if (<uint64_t *> cell)[0] == 0:
        if (seen.used + 1) * 5 > seen.room * 4:
            resize_seen(seen, now)
            cell = find_seen(seen, key)
        (<uint64_t *> cell)[0] = key
        seen.used += 1
    return cell
