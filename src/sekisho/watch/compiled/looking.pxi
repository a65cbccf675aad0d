# Looking at one event: its fields, the conditions that hold, the keys of its groups.


cdef class Looking(Tables):
    """What reads an event."""

    @cython.final
    cdef int look(self, Looked *e, event) except -1:
        """The event's type, its time and the conditions that hold."""
        if not BY_SLOT or type(event) is not Event:
            return self.look_by_name(e, event)
        e.event = <PyObject *> event
        e.ts = PyLong_AsLongLong(at_slot(e.event, SLOTS.ts))
        cdef PyObject *typ = at_slot(e.event, SLOTS.fields[TYP])
        cdef int n
        for n in range(TYPE_COUNT):
            if typ == TYPE_TEXTS[n]:
                e.typ = n
                break
        else:
            e.typ = TYPES.index(event.typ)
        return self.ask_conditions(e)

    @cython.final
    cdef int look_by_name(self, Looked *e, event) except -1:
        """The same through attributes: another kind of event, or a Python whose slots could not be found."""
        fields = {name: getattr(event, name) for name in FIELDS if name != "ip_block"}
        self._borrowed.append(fields)
        e.event, e.ts, e.typ = <PyObject *> event, event.ts, TYPES.index(event.typ)
        return self.ask_conditions(e, fields)

    @cython.final
    cdef int ask_conditions(self, Looked *e, dict fields=None) except -1:
        cdef int n, entry
        cdef int32_t *possible = self.possible + e.typ * (self.condition_count + 1)
        cdef int32_t *entries = self.entries + e.typ * self.condition_count
        cdef bint came
        e.loaded = e.present = e.hashed = 0
        if fields is not None:
            self.load_named(e, fields)
        self.stamp += 1
        if self.stamp == 0:
            memset(self.asked_at, 0, self.test_count * sizeof(uint32_t))
            self.stamp = 1
        e.stamp = self.stamp
        e.bits[0] = e.bits[1] = e.bits[2] = e.bits[3] = 0
        memset(e.has_key, 0, self.group_count)
        while possible[0] >= 0:
            entry = entries[possible[0]]
            while entry >= 0:
                n = self.jumps[entry].test
                if self.asked_at[n] != e.stamp:
                    self.asked_at[n] = e.stamp
                    self.came_out[n] = self.holds(e, &self.tests[n])
                entry = self.jumps[entry].yes if self.came_out[n] else self.jumps[entry].no
            if entry == HOLDS:
                e.bits[possible[0] >> 6] |= 1ull << (possible[0] & 63)
            possible += 1
        return 0

    @cython.final
    cdef int holds(self, Looked *e, Asked *test) except -1:
        cdef bint present = self.has(e, test.field)
        if test.match == EXISTS or not present:
            return present
        if test.field == OK:
            return e.ok == <int> test.number
        if test.field >= FIRST_NUMBER:
            return number_holds(test, e.numbers[test.field - FIRST_NUMBER])
        if test.match == CIDR:
            return in_network(test, &e.views[test.field])
        return text_holds(test, &e.views[test.field])

    @cython.final
    cdef inline int has(self, Looked *e, int field) except -1:
        """Read a field if it was not; whether it has a value."""
        cdef uint32_t bit = 1u << field
        if not e.loaded & bit:
            e.loaded |= bit
            if self.read(e, field):
                e.present |= bit
        return (e.present & bit) != 0

    @cython.final
    cdef int read(self, Looked *e, int field) except -1:
        cdef PyObject *value
        if field == IP_BLOCK:
            return self.has(e, IP) and block_view(e)
        if e.event == NULL:
            return self.columns_read(e, field)
        value = at_slot(e.event, SLOTS.fields[field])
        return self.take(e, field, value)

    @cython.final
    cdef inline bint column_view(self, int field, int64_t row, View *view) noexcept:
        cdef Column *column = &self.columns.columns[field]
        if not is_there(column, row + column.offset):
            return False
        column_text(column, row + column.offset, view)
        return True

    @cython.final
    cdef int columns_read(self, Looked *e, int field) except -1:
        cdef Column *column = &self.columns.columns[field]
        cdef int64_t row = e.row + column.offset
        cdef View *view = &e.views[field]
        if not is_there(column, row):
            return 0
        if field == OK:
            e.ok = column.first[row >> 3] >> (row & 7) & 1
        elif field >= FIRST_NUMBER:
            e.numbers[field - FIRST_NUMBER] = (<const double *> column.first)[row]
        else:
            column_text(column, row, view)
            if field == IP and not is_plain(view.text, view.size):
                text = _events.address(view.text[:view.size].decode()).encode()
                self._borrowed.append(text)
                view.text, view.size = PyBytes_AS_STRING(text), len(text)
        return 1

    @cython.final
    cdef int take(self, Looked *e, int field, PyObject *value) except -1:
        cdef View *view
        if value == NULL or value == Py_None:
            return 0
        if field == OK:
            e.ok = value == Py_True
        elif field >= FIRST_NUMBER:
            e.numbers[field - FIRST_NUMBER] = PyFloat_AsDouble(value)
        else:
            view = &e.views[field]
            view.text = PyUnicode_AsUTF8AndSize(value, &view.size)
            if view.text == NULL:
                PyErr_Clear()
                text = (<object> value).encode("utf-8", "surrogatepass")
                self._borrowed.append(text)
                view.text, view.size = PyBytes_AS_STRING(text), len(text)
        return 1

    @cython.final
    cdef int load_named(self, Looked *e, dict fields) except -1:
        cdef int n
        for n, name in enumerate(FIELDS):
            if n != IP_BLOCK:
                e.loaded |= 1u << n
                if self.take(e, n, <PyObject *> fields[name]):
                    e.present |= 1u << n
        return 0

    @cython.final
    cdef inline int hashed(self, Looked *e, int field) except -1:
        """Whether the field has a value, whose hash then stands in its view."""
        cdef View *view
        if not self.has(e, field):
            return 0
        if not e.hashed >> field & 1:
            e.hashed |= 1u << field
            view = &e.views[field]
            view.hash = hash_of(view.text, view.size, self.k0, self.k1)
        return 1

    @cython.final
    cdef inline int key(self, Looked *e, int group) except -1:
        """Whether every field of the group's key has a value; `e.keys` has their hash then."""
        if not e.has_key[group]:
            self.work_out_key(e, group)
        return e.has_key[group] == 1

    @cython.final
    cdef int work_out_key(self, Looked *e, int group) except -1:
        cdef Group *g = &self.groups[group]
        cdef uint64_t whole = 0
        cdef int n
        e.has_key[group] = 2
        for n in range(g.field_count):
            if not self.hashed(e, g.fields[n]):
                return 0
            whole = joined(whole, e.views[g.fields[n]].hash)
        e.keys[group] = whole
        e.has_key[group] = 1
        return 0

    @cython.final
    cdef str text(self, Looked *e, int field):
        if field == TYP:
            return TYPES[e.typ]
        return e.views[field].text[:e.views[field].size].decode("utf-8", "surrogatepass")
