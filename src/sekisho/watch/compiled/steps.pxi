# Steps: what each keeps of a key in its row, and when it fires. Times take six bytes; where zero means "never", the time
# is kept plus one. A ring has its first place, its length, then its entries.

cdef struct Kept:
    int op
    int number  # its bit
    int group
    int field
    int64_t window
    int64_t n
    int64_t least
    double far
    double fast
    int inputs[32]
    int input_count
    uint64_t needs[WORDS]
    uint64_t asked[WORDS]
    uint64_t added[WORDS]
    uint64_t removed[WORDS]
    int entry  # bytes of one entry of its ring, 0: it has none
    uint32_t most  # entries that it ever needs
    size_t fixed  # bytes beside the ring
    size_t offset[CLASSES]
    uint32_t cap[CLASSES]
    Seen seen  # FIRST_SEEN and REGISTERED
    Seen entries  # IN_LIST: what stands in the list, not part of the state

cdef struct Group:
    Rows rows
    int field_count
    int fields[3]
    int largest  # class

cdef extern from *:
    """
    static const double sekisho_degree = 3.14159265358979323846 / 180.0;
    static volatile double sekisho_two = 2.0;  /* read anew: gcc must call libm's pow, as Python does, not multiply */
    """
    double DEGREE "sekisho_degree"
    double TWO "sekisho_two"

cdef enum:
    KM_OF_DEGREE = 112  # a degree of latitude is less, on the sphere of EARTH

cdef double EARTH = 12742.0


cdef inline bint meets(uint64_t *a, uint64_t *b) noexcept nogil:
    return (a[0] & b[0] | a[1] & b[1] | a[2] & b[2] | a[3] & b[3]) != 0


cdef inline bint has_bit(uint64_t *bits, int number) noexcept nogil:
    return bits[number >> 6] >> (number & 63) & 1


cdef inline uint16_t *ring_of(char *payload) noexcept nogil:
    return <uint16_t *> payload


cdef inline char *entry_at(Kept *step, char *payload, uint32_t cap, uint32_t n) noexcept nogil:
    """The n-th oldest entry of a ring."""
    n += ring_of(payload)[0]
    if n >= cap:
        n -= cap
    return payload + 4 + n * step.entry


cdef inline char *appended(Kept *step, char *payload, uint32_t cap) noexcept nogil:
    """The place of a new entry at the end of a ring; in a full one the oldest makes way."""
    cdef uint16_t *ring = ring_of(payload)
    if ring[1] == cap:
        ring[0] = ring[0] + 1 if ring[0] + 1u < cap else 0
    else:
        ring[1] += 1
    return entry_at(step, payload, cap, ring[1] - 1)


cdef inline void drop_oldest(char *payload, uint32_t cap) noexcept nogil:
    cdef uint16_t *ring = ring_of(payload)
    ring[0] = ring[0] + 1 if ring[0] + 1u < cap else 0
    ring[1] -= 1


cdef inline void drop_old(Kept *step, char *payload, uint32_t cap, int64_t now) noexcept nogil:
    """What is as old as the window counts no longer."""
    while ring_of(payload)[1] and time_at(entry_at(step, payload, cap, 0)) <= now - step.window:
        drop_oldest(payload, cap)


cdef inline bint full(Kept *step, char *payload, uint32_t cap) noexcept nogil:
    """Whether a new entry needs a larger row."""
    return ring_of(payload)[1] == cap and cap < step.most


cdef inline bint count_fires(Kept *step, char *payload, uint32_t cap, int64_t now) noexcept nogil:
    set_time(appended(step, payload, cap), now)
    return ring_of(payload)[1] == step.n


cdef bint forget_value(Kept *step, char *payload, uint32_t cap, uint64_t value) noexcept nogil:
    """Take a value out of its ring, so that it can be the newest; False where it is not there."""
    cdef uint32_t n, count = ring_of(payload)[1]
    for n in range(count - 1, -1, -1):
        if memcmp(entry_at(step, payload, cap, n) + 6, &value, 8) == 0:
            for n in range(n, count - 1):
                memcpy(entry_at(step, payload, cap, n), entry_at(step, payload, cap, n + 1), step.entry)
            ring_of(payload)[1] -= 1
            return True
    return False


cdef inline bint distinct_fires(Kept *step, char *payload, uint32_t cap, int64_t now, uint64_t value) noexcept nogil:
    cdef char *entry = appended(step, payload, cap)
    set_time(entry, now)
    memcpy(entry + 6, &value, 8)
    return ring_of(payload)[1] == step.n


cdef bint sum_fires(Kept *step, char *payload, uint32_t cap, int64_t now, int64_t amount) noexcept nogil:
    """Keeps no more of the newest amounts than reach the limit."""
    cdef int64_t total = 0, part
    cdef uint32_t n
    cdef char *entry = appended(step, payload, cap)
    set_time(entry, now)
    memcpy(entry + 6, &amount, 8)
    for n in range(ring_of(payload)[1]):
        memcpy(&part, entry_at(step, payload, cap, n) + 6, 8)
        total += part
    while True:
        memcpy(&part, entry_at(step, payload, cap, 0) + 6, 8)
        if total - part < step.n:
            return total >= step.n
        total -= part
        drop_oldest(payload, cap)


cdef bint together_fires(Kept *step, char *payload, uint64_t *bits, int64_t now) noexcept nogil:
    cdef int n
    cdef int64_t time
    cdef bint fires = True
    for n in range(step.input_count):
        if has_bit(bits, step.inputs[n]):
            set_time(payload + 6 * n, now + 1)
        time = time_at(payload + 6 * n)
        fires = fires and time > 0 and now + 1 - time <= step.window
    return fires


cdef bint ordered_fires(Kept *step, char *payload, uint64_t *bits, int64_t now) noexcept nogil:
    """For each part the latest beginning of a run that came so far: no other run can do better."""
    cdef int n, last = step.input_count - 1
    cdef int64_t begun = time_at(payload + 6 * (last - 1))
    cdef bint fires = has_bit(bits, step.inputs[last]) and begun > 0 and now + 1 - begun <= step.window
    for n in range(last - 1, 0, -1):
        if has_bit(bits, step.inputs[n]):
            set_time(payload + 6 * n, max(time_at(payload + 6 * n), time_at(payload + 6 * (n - 1))))
    if has_bit(bits, step.inputs[0]):
        set_time(payload, now + 1)
    return fires


cdef double kilometres(double lat, double lon, double lat2, double lon2) noexcept nogil:
    """The great-circle distance by the haversine formula, in the order of sekisho.watch.twin."""
    cdef double a = (
        pow(sin((lat2 - lat) * DEGREE / 2), TWO)
        + cos(lat * DEGREE) * cos(lat2 * DEGREE) * pow(sin((lon2 - lon) * DEGREE / 2), TWO)
    )
    return EARTH * asin(sqrt(a if a < 1.0 else 1.0))


cdef bint speed_fires(Kept *step, char *payload, int64_t now, double lat, double lon) noexcept nogil:
    cdef double place[2]
    cdef double way
    cdef int64_t before = time_at(payload)
    memcpy(place, payload + 6, 16)
    set_time(payload, now + 1)
    memcpy(payload + 6, &lat, 8)
    memcpy(payload + 14, &lon, 8)
    if before == 0 or KM_OF_DEGREE * (fabs(place[0] - lat) + fabs(place[1] - lon)) < step.far:
        return False  # surely nearer: not worth the sines
    way = kilometres(place[0], place[1], lat, lon)
    return way > step.far and way > step.fast * (<double> (now + 1 - before) / 3.6e6)


cdef bint row_gone(Kept *step, char *payload, uint32_t cap, int64_t now) noexcept nogil:
    """Whether nothing in it can matter any more."""
    cdef int n
    cdef uint32_t count
    cdef int64_t time
    if step.entry:
        count = ring_of(payload)[1]
        return count == 0 or time_at(entry_at(step, payload, cap, count - 1)) <= now - step.window
    if step.op == TOGETHER or step.op == ORDERED:
        for n in range(<int> (step.fixed // 6)):
            time = time_at(payload + 6 * n)
            if time and now + 1 - time <= step.window:
                return False
        return True
    if step.op == FIRST_SEEN and not step.window:
        return payload[0] == 0
    time = time_at(payload)
    return time == 0 or (step.op == FIRST_SEEN and now + 1 - time > step.window)


cdef size_t canonical(Kept *step, char *payload, uint32_t cap, int64_t now, char *out) noexcept nogil:
    """What can still matter, in one form, for fingerprints; its length."""
    cdef int n
    cdef uint32_t place
    cdef size_t size = 0
    cdef char *entry
    cdef int64_t time
    if row_gone(step, payload, cap, now):
        return 0
    if step.entry:
        for place in range(ring_of(payload)[1]):
            entry = entry_at(step, payload, cap, place)
            if time_at(entry) > now - step.window:
                memcpy(out + size, entry, step.entry)
                size += step.entry
        return size
    memcpy(out, payload, step.fixed)
    if step.op == TOGETHER or step.op == ORDERED:
        for n in range(<int> (step.fixed // 6)):
            time = time_at(payload + 6 * n)
            if now + 1 - time > step.window:
                memset(out + 6 * n, 0, 6)
    return step.fixed
