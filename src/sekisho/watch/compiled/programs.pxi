# A program as tables: tests, conditions, steps, and where they keep what they keep.

cdef void *table(Py_ssize_t count, size_t size) except NULL:
    """A small table of the program itself."""
    cdef void *found = calloc(max(count, 1), size)
    if found == NULL:
        raise MemoryError()
    return found


cdef inline Cell *find_cell(Rows *rows, uint64_t key) noexcept nogil:
    return rows.cells + place_of(key, rows.room)


cdef extern from *:
    int __builtin_ctzll(unsigned long long bits) noexcept nogil


cdef set_step(Kept *kept, step, int number, int group):
    """A step as the kernel keeps it. Raises ValueError for more than the language lets a rule ask."""
    if len(step.inputs) > 32 or len(step.key) > 3 or len(step.features) > MOST_FEATURES or any(len(levels) > MOST_LEVELS for levels in step.features):  # fmt: skip
        raise ValueError(f"{step.name}: at most 32 inputs, 3 fields of a key, 4 features of 4 levels")
    kept.op, kept.number, kept.group, kept.window = step.op, number, group, step.window
    kept.n, kept.least, kept.far, kept.fast = step.n, step.least, step.far, step.fast
    kept.field = FIELDS.index(step.field) if step.field else 0
    kept.input_count = len(step.inputs)
    for n, rule in enumerate(step.inputs):
        kept.inputs[n] = rule
    set_bits(kept.needs, {*step.inputs, *step.added_by, *step.removed_by})
    set_bits(kept.asked, step.inputs)
    set_bits(kept.added, step.added_by)
    set_bits(kept.removed, step.removed_by)
    kept.seen.window = -1
    if step.op in (COUNT, DISTINCT, SUM):
        kept.entry, kept.fixed = (6 if step.op == COUNT else 14), 4
        kept.most = -(-step.n // step.least) + 1 if step.op == SUM else step.n
        if not 1 <= kept.most <= 1 << 2 * (CLASSES - 1):
            raise ValueError(f"{step.name}: at most 1024 events, values or amounts for each key")
    elif step.op == TOGETHER:
        kept.fixed = 6 * len(step.inputs)
    elif step.op == ORDERED:
        kept.fixed = 6 * (len(step.inputs) - 1)
    elif step.op in (SPEED, DORMANT):
        kept.fixed = 22 if step.op == SPEED else 6
    elif step.op == FIRST_SEEN:
        kept.fixed = 6 if step.window else 1
        kept.seen.window = step.window or -1
    if step.op in (FIRST_SEEN, REGISTERED):
        kept.seen.width = 16 if step.window or step.op == REGISTERED else 8
        kept.seen.room = EMPTIEST
        kept.seen.cells = <char *> zeros(EMPTIEST * kept.seen.width)


cdef set_bits(uint64_t *bits, numbers):
    for number in numbers:
        bits[number // 64] |= 1ull << (number % 64)


cdef class Tables:
    """A program at work, with its state. `decide` answers the rules that fire, as places in `program.rules`.

    `secret` is 16 bytes that nobody outside knows; a snapshot brings its own along.
    """

    cdef readonly object program
    cdef readonly int64_t newest
    cdef readonly int64_t judged
    cdef readonly dict lists
    cdef readonly object decisions
    cdef readonly bytes secret
    cdef uint64_t k0, k1
    cdef Asked *tests
    cdef int test_count
    cdef uint32_t *asked_at  # of each test: the stamp of the event that it was asked of last
    cdef uint8_t *came_out
    cdef uint32_t stamp
    cdef Jump *jumps
    cdef int32_t *entries  # [type][condition]: where its jumps begin; -1 it holds, -2 it fails
    cdef int condition_count
    cdef int32_t *possible  # [type]: conditions that may hold, -1 ends
    cdef Kept *steps
    cdef int step_count
    cdef int32_t *reached  # [type]: steps that may be asked, -1 ends
    cdef Group *groups
    cdef int group_count
    cdef int32_t *reports  # of each condition and step: its place in program.rules, or -1
    cdef int number_count
    cdef Looked looked[AHEAD]
    cdef list _list_names
    cdef list _listed  # of each step: the texts whose hashes its `entries` are
    cdef list _scores  # of each step: its Scores, or None
    cdef list _kept  # what must stay alive: texts of tests
    cdef list _borrowed  # texts of the events that are being looked at
    cdef Columns columns
    cdef object _frame

    def __init__(self, program, lists=None, secret=None):
        secret = secrets.token_bytes(16) if secret is None else bytes(secret)
        if len(secret) != 16:
            raise ValueError("the secret has 16 bytes")
        if len(program.conditions) + len(program.steps) > 64 * WORDS:
            raise ValueError("a program has at most 256 conditions and steps")
        self.program = program
        self.lists = {name: Listed() for name in program.lists} | dict(lists or {})
        self.decisions = Decisions(program)
        self._kept, self._borrowed = [], []
        self._list_names = [step.list for step in program.steps]
        self._scores = [Scores(step.features) if step.op == RISK else None for step in program.steps]
        self._use(secret)
        self._set_tests()
        self._set_conditions()
        self._set_steps()
        self._set_reached()

    def __dealloc__(self):
        cdef int n, size_class
        cdef Pool *pool
        for n in range(self.group_count):
            let_go(self.groups[n].rows.cells, self.groups[n].rows.room * sizeof(Cell))
            for size_class in range(CLASSES):
                pool = &self.groups[n].rows.pools[size_class]
                let_go(pool.rows, pool.room * pool.size)
        for n in range(self.step_count):
            let_go(self.steps[n].seen.cells, self.steps[n].seen.room * self.steps[n].seen.width)
            let_go(self.steps[n].entries.cells, self.steps[n].entries.room * 8)
        for n in range(AHEAD):
            free(self.looked[n].has_key)
            free(self.looked[n].keys)
        for pointer in (<size_t> self.tests, <size_t> self.asked_at, <size_t> self.came_out, <size_t> self.jumps, <size_t> self.entries, <size_t> self.possible, <size_t> self.reached, <size_t> self.steps, <size_t> self.groups, <size_t> self.reports):  # fmt: skip
            free(<void *> <size_t> pointer)

    cdef _use(self, bytes secret):
        self.secret = secret
        self.k0 = int.from_bytes(secret[:8], "little")
        self.k1 = int.from_bytes(secret[8:], "little")
        self._listed = [None] * len(self.program.steps)

    cdef _set_tests(self):
        cdef Asked *asked
        self.test_count = len(self.program.tests)
        self.tests = <Asked *> table(self.test_count, sizeof(Asked))
        self.asked_at = <uint32_t *> table(self.test_count, sizeof(uint32_t))
        self.came_out = <uint8_t *> table(self.test_count, 1)
        for n, test in enumerate(self.program.tests):
            asked = &self.tests[n]
            asked.field, asked.match, asked.cased = FIELDS.index(test.field), test.match, test.cased
            if test.match == EXISTS:
                continue
            (value,) = test.values
            if test.match == CIDR:
                network = ip_network(value)
                asked.family, asked.bits = AF_INET if network.version == 4 else AF_INET6, network.prefixlen
                packed = network.network_address.packed
                memcpy(asked.packed, PyBytes_AS_STRING(packed), len(packed))
            elif test.field == "ok" or test.field in NUMBERS:
                asked.number = value
            else:
                text = str(value).encode("utf-8", "surrogatepass")
                self._kept.append(text)
                asked.text, asked.size = PyBytes_AS_STRING(text), len(text)

    cdef _set_conditions(self):
        conditions, found = self.program.conditions, []
        cdef int at
        self.condition_count = len(conditions)
        self.entries = <int32_t *> table(TYPE_COUNT * self.condition_count, sizeof(int32_t))
        self.possible = <int32_t *> table(TYPE_COUNT * (self.condition_count + 1), sizeof(int32_t))
        for t, name in enumerate(TYPES):
            at = t * (self.condition_count + 1)
            for c, condition in enumerate(conditions):
                code = narrowed(condition.code, self.program.tests, name)
                begin = len(found)
                if isinstance(code, bool):
                    begin = HOLDS if code else FAILS
                else:
                    found += [(test, *(to if to < 0 else to + begin for to in (yes, no))) for test, yes, no in jumps(code)]
                self.entries[t * self.condition_count + c] = begin
                if begin != FAILS:
                    self.possible[at] = c
                    at += 1
            self.possible[at] = -1
        self.jumps = <Jump *> table(len(found), sizeof(Jump))
        for n, (test, yes, no) in enumerate(found):
            self.jumps[n].test, self.jumps[n].yes, self.jumps[n].no = test, yes, no

    cdef _set_steps(self):
        steps = self.program.steps
        cdef int n, group
        keys = []
        self.step_count = len(steps)
        self.steps = <Kept *> table(self.step_count, sizeof(Kept))
        for n, step in enumerate(steps):
            if step.key not in keys:
                keys.append(step.key)
            set_step(&self.steps[n], step, self.condition_count + n, keys.index(step.key))
        self.group_count = len(keys)
        self.groups = <Group *> table(self.group_count, sizeof(Group))
        for group, key in enumerate(keys):
            self.groups[group].field_count = len(key)
            for n, name in enumerate(key):
                self.groups[group].fields[n] = FIELDS.index(name)
            self._lay_out(group)
        for n in range(AHEAD):
            self.looked[n].has_key = <uint8_t *> table(self.group_count, 1)
            self.looked[n].keys = <uint64_t *> table(self.group_count, 8)
        self.number_count = self.condition_count + self.step_count
        self.reports = <int32_t *> table(self.number_count, sizeof(int32_t))
        for n in range(self.number_count):
            self.reports[n] = -1
        for place, rule in enumerate(self.program.rules):
            self.reports[rule.number] = place

    cdef _set_reached(self):
        """Of each type of event the steps whose inputs it can meet, directly or by earlier steps."""
        cdef int at, n
        cdef int32_t *possible
        self.reached = <int32_t *> table(TYPE_COUNT * (self.step_count + 1), sizeof(int32_t))
        for t in range(TYPE_COUNT):
            at, met = t * (self.step_count + 1), set()
            possible = self.possible + <int> t * (self.condition_count + 1)
            while possible[0] >= 0:
                met.add(possible[0])
                possible += 1
            for n, step in enumerate(self.program.steps):
                if not met.isdisjoint((*step.inputs, *step.added_by, *step.removed_by)):
                    met.add(self.condition_count + n)
                    self.reached[at] = n
                    at += 1
            self.reached[at] = -1

    cdef _lay_out(self, int group):
        """Where in the rows of each class the steps of a group keep what they keep."""
        cdef Group *g = &self.groups[group]
        cdef Kept *step
        cdef size_t size
        cdef uint32_t cap = 1
        cdef int n, c
        for c in range(CLASSES):
            size = 0
            more = False
            for n in range(self.step_count):
                step = &self.steps[n]
                if step.group != group:
                    continue
                step.offset[c], step.cap[c] = size, min(cap, step.most)
                size += step.fixed + step.cap[c] * step.entry
                more = more or step.cap[c] < step.most
            g.rows.pools[c].size = max(4, (size + 3) // 4 * 4)
            g.largest = c
            if not more:
                break
            cap *= 4
        g.rows.room = EMPTIEST
        g.rows.cells = <Cell *> zeros(EMPTIEST * sizeof(Cell))
