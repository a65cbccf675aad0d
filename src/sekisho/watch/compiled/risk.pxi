# Risk scores: sekisho.watch.risk.Model, number for number, in one table of counts under hashes. What is counted: events of
# each value, of each user, of each value of a user; which coarser values came beside a finest one, and how many did.

from sekisho.watch import risk as _risk

cdef enum:
    MOST_FEATURES = 4
    MOST_LEVELS = 4
    OF_USER = 64  # what is joined to a hash, so that counts of different things never share a cell
    USERS_VALUES = 65
    BESIDE = 66

cdef packed struct Tally:
    uint64_t key  # 0: free
    uint32_t count


cdef class Scores:
    """The counts of one risk step."""

    cdef Tally *cells
    cdef uint64_t room
    cdef uint64_t used
    cdef uint64_t events
    cdef readonly uint64_t users
    cdef uint64_t seen[MOST_FEATURES][MOST_LEVELS]  # different values of each level
    cdef int feature_count
    cdef int levels[MOST_FEATURES]
    cdef int fields[MOST_FEATURES][MOST_LEVELS]
    cdef double weights[MOST_FEATURES][MOST_LEVELS]
    cdef uint32_t most_values

    def __init__(self, features):
        cdef int f, n
        self.most_values = _risk.MOST_VALUES
        self.feature_count = len(features)
        for f, levels in enumerate(features):
            self.levels[f] = len(levels)
            for n, name in enumerate(levels):
                self.fields[f][n] = FIELDS.index(name)
                self.weights[f][n] = _risk.WEIGHTS[len(levels)][n]
        self.room = EMPTIEST
        self.cells = <Tally *> zeros(EMPTIEST * sizeof(Tally))

    def __dealloc__(self):
        let_go(self.cells, self.room * sizeof(Tally))

    cdef inline Tally *find(self, uint64_t key) noexcept nogil:
        cdef uint64_t at = place_of(key, self.room)
        while self.cells[at].key and self.cells[at].key != key:
            at += 1
            if at == self.room:
                at = 0
        return self.cells + at

    cdef inline uint32_t count(self, uint64_t key) noexcept nogil:
        return self.find(key).count  # 0 in a free cell

    cdef int add(self, uint64_t key) except -1:
        """Count one more; whether it is the first."""
        cdef Tally *cell = self.find(key)
        if cell.key == 0:
            if (self.used + 1) * 5 > self.room * 4:
                self.resize(self.used * 2)
                cell = self.find(key)
            cell.key = key
            self.used += 1
        cell.count += 1
        return cell.count == 1

    cdef int resize(self, uint64_t room) except -1:
        cdef Tally *old = self.cells
        cdef uint64_t was = self.room, n
        room = max(<uint64_t> EMPTIEST, room)
        self.cells = <Tally *> zeros(room * sizeof(Tally))
        self.room = room
        for n in range(was):
            if old[n].key:
                self.find(old[n].key)[0] = old[n]
        let_go(old, was * sizeof(Tally))
        return 0

    cdef double judged(self, uint64_t key, uint64_t values[MOST_FEATURES][MOST_LEVELS]) except -2:
        """The score of `key`, -1 where nothing is known of it; then the event is counted. `values` become cells' keys."""
        cdef int f, n
        cdef uint64_t user = joined(key, OF_USER)
        cdef double score
        for f in range(self.feature_count):
            for n in range(self.levels[f]):
                values[f][n] = joined(values[f][n], 1 + f * MOST_LEVELS + n)
        score = self.score(user, values)
        self.learn(user, values)
        return score

    cdef int fetch(self, uint64_t key, uint64_t values[MOST_FEATURES][MOST_LEVELS]) noexcept nogil:
        """Ask memory for the counts that `judged` will look at."""
        cdef int f, n
        cdef uint64_t user = joined(key, OF_USER), value, finest = 0
        prefetch(self.cells + place_of(user, self.room))
        prefetch(self.cells + place_of(joined(user, USERS_VALUES), self.room))
        for f in range(self.feature_count):
            for n in range(self.levels[f]):
                value = joined(values[f][n], 1 + f * MOST_LEVELS + n)
                prefetch(self.cells + place_of(value, self.room))
                prefetch(self.cells + place_of(joined(user, value), self.room))
                if n:
                    prefetch(self.cells + place_of(joined(finest, value), self.room))
                else:
                    finest = value
                    prefetch(self.cells + place_of(joined(value, BESIDE), self.room))
        return 0

    def scored(self, uint64_t key, hashes):
        """The same from outside: the hashes of each feature's levels; None where nothing is known of the key."""
        cdef uint64_t values[MOST_FEATURES][MOST_LEVELS]
        for f, levels in enumerate(hashes):
            for n, value in enumerate(levels):
                values[f][n] = value
        found = self.judged(key, values)
        return None if found < 0 else found

    cdef double score(self, uint64_t user, uint64_t values[MOST_FEATURES][MOST_LEVELS]) noexcept nogil:
        cdef double score = 1.0, events = <double> self.events, mine = self.count(user), own, everybody, beside, seen, count
        cdef int f, n
        if mine == 0:
            return -1.0
        for f in range(self.feature_count):
            if self.levels[f] == 1:
                own = max(self.count(joined(user, values[f][0])), 1) / (mine + 1)
                score *= max(self.count(values[f][0]), 1) / (events + 1) / own
                continue
            count, beside, seen = self.count(values[f][0]), self.count(joined(values[f][0], BESIDE)), 0
            for n in range(1, self.levels[f]):
                seen += self.seen[f][n]
            everybody = self.weights[f][0] * ((count / (count + beside + 1) if count else 1.0) * (max(count, 1.0) / (events + seen + 1)))  # fmt: skip
            own = self.weights[f][0] * (self.count(joined(user, values[f][0])) / mine)
            for n in range(1, self.levels[f]):
                everybody += self.weights[f][n] * (self.count(values[f][n]) / events)
                own += self.weights[f][n] * (self.count(joined(user, values[f][n])) / mine)
            score *= everybody / (own if own else everybody / 4)
        return score * ((1 / <double> self.users) / (mine / events))

    cdef int learn(self, uint64_t user, uint64_t values[MOST_FEATURES][MOST_LEVELS]) except -1:
        cdef int f, n
        cdef uint64_t own
        self.events += 1
        self.users += self.add(user)
        for f in range(self.feature_count):
            for n in range(self.levels[f]):
                self.seen[f][n] += self.add(values[f][n])
                own = joined(user, values[f][n])
                if self.count(own):
                    self.add(own)
                elif self.count(joined(user, USERS_VALUES)) < self.most_values:
                    self.add(joined(user, USERS_VALUES))
                    self.add(own)
                if n and self.count(joined(values[f][0], values[f][n])) == 0:
                    self.add(joined(values[f][0], values[f][n]))
                    self.add(joined(values[f][0], BESIDE))
        return 0

    def save(self):
        """The whole state as plain values."""
        cdef uint64_t n
        packed = PyBytes_FromStringAndSize(NULL, self.used * sizeof(Tally))
        cdef char *at = PyBytes_AS_STRING(packed)
        for n in range(self.room):
            if self.cells[n].key:
                memcpy(at, self.cells + n, sizeof(Tally))
                at += sizeof(Tally)
        seen = [self.seen[f][n] for f in range(MOST_FEATURES) for n in range(MOST_LEVELS)]
        return [self.events, self.users, seen, packed]

    def fits(self, saved):
        """Whether a saved state is whole."""
        return len(saved) == 4 and len(saved[2]) == MOST_FEATURES * MOST_LEVELS and len(saved[3]) % sizeof(Tally) == 0

    def load(self, saved):
        cdef uint64_t n
        cdef bytes packed = saved[3]
        cdef const Tally *at = <const Tally *> PyBytes_AS_STRING(packed)
        self.events, self.users = saved[0], saved[1]
        for n in range(MOST_FEATURES * MOST_LEVELS):
            self.seen[n // MOST_LEVELS][n % MOST_LEVELS] = saved[2][n]
        let_go(self.cells, self.room * sizeof(Tally))
        self.used = len(packed) // sizeof(Tally)
        self.room = max(<uint64_t> EMPTIEST, self.used * 25 // 16)
        self.cells = <Tally *> zeros(self.room * sizeof(Tally))
        for n in range(self.used):
            self.find(at[n].key)[0] = at[n]

    cdef uint64_t fingerprint(self) noexcept nogil:
        """A number over the counts, in whatever order they stand."""
        cdef uint64_t n, whole = joined(self.events, self.users)
        for n in range(self.room):
            if self.cells[n].key:
                whole += joined(self.cells[n].key, self.cells[n].count)
        return whole
