# Many events: lines of JSON, and tables.


cdef inline bint is_blank(const char *at, const char *stop) noexcept nogil:
    while at < stop and (at[0] == 32 or 9 <= at[0] <= 13):
        at += 1
    return at == stop


cdef class Batches(Judging):
    """What judges many events at once."""

    def feed_lines(self, bytes data not None):
        """Judge events that stand in lines of JSON; a bad line is told by itself and the others go on."""
        cdef const char *begin = PyBytes_AS_STRING(data)
        cdef const char *end = begin + PyBytes_GET_SIZE(data)
        cdef const char *stop
        cdef int64_t line = 0
        cdef int count = 0
        fed = Fed()
        decode, address, block, actions = _events.decoder.decode, _events.address, [], fed.actions
        while begin < end:
            stop = <const char *> memchr(begin, 10, end - begin)
            if stop == NULL:
                stop = end
            line += 1
            if not is_blank(begin, stop):
                try:
                    event = self.decoded(decode, address, begin, stop - begin)
                except BadEvent as bad:
                    count = self.judge_block(block, fed)
                    fed.refuse(line, bad)
                else:
                    block.append(event)
                    self.look(&self.looked[count], event)
                    self.fetch(&self.looked[count])
                    count += 1
                    if count == AHEAD:
                        count = self.judge_block(block, fed)
            begin = stop + 1
        self.judge_block(block, fed)
        return fed

    @cython.final
    cdef decoded(self, decode, address, const char *text, Py_ssize_t size):
        """One event; its address in the one form that an address has."""
        cdef PyObject *ip
        cdef Py_ssize_t length
        cdef const char *found
        if size > LARGEST_LINE:
            raise BadEvent(why=f"larger than {LARGEST_LINE} bytes")
        line = PyBytes_FromStringAndSize(text, size)
        try:
            event = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadEvent(why=str(error)) from error
        told = (<object> at_slot(<PyObject *> event, SLOTS.fields[IP])) if BY_SLOT else event.ip
        if told is not None:
            ip = <PyObject *> told
            found = PyUnicode_AsUTF8AndSize(ip, &length)
            if found == NULL:
                PyErr_Clear()
            if found == NULL or not is_plain(found, length):
                event.ip = address(told)
        return event

    @cython.final
    cdef int judge_block(self, list block, fed) except -1:
        """The steps of the events that were looked at; 0, for how many are looked at then."""
        cdef int n
        cdef Py_ssize_t count = len(block)
        cdef bytearray actions = fed.actions
        for n in range(count):
            self.fetch_rows(&self.looked[n])
        for n in range(count):
            hits = self.judge(&self.looked[n])
            if hits:
                fed.hits.append((block[n].seq if self.looked[n].event != NULL else block[n], hits))
                actions.append(self.decisions.of(hits).action)
            else:
                actions.append(0)
        block.clear()
        self._borrowed.clear()
        return 0

    @cython.final
    cdef int fetch_rows(self, Looked *e) noexcept:
        """The cells have come by now: ask memory for the rows that they name."""
        cdef int n
        cdef Rows *rows
        cdef Cell *cell
        for n in range(self.group_count):
            if e.has_key[n] == 1:
                rows = &self.groups[n].rows
                cell = find(rows, e.keys[n])
                if cell.key:
                    prefetch(row_at(rows, cell.row))
        return 0

    def feed_frame(self, frame):
        """Judge the events of a Polars frame in its order; a bad row is told by its number from 0 and the others go on."""
        cdef ArrowArrayStream *stream
        cdef ArrowSchema schema
        cdef ArrowArray array
        cdef int64_t rows = 0
        fed = Fed()
        frame = _tables.taken(frame)
        wrong = _tables.wrong(frame)
        capsule = frame.__arrow_c_stream__()
        stream = <ArrowArrayStream *> PyCapsule_GetPointer(capsule, "arrow_array_stream")
        if stream.get_schema(stream, &schema):
            raise ValueError("the table does not tell its columns")
        try:
            while True:
                if stream.get_next(stream, &array):
                    raise ValueError("the table breaks off")
                if array.release == NULL:
                    return fed
                try:
                    self.feed_chunk(&schema, &array, fed, rows, wrong)
                    rows += array.length
                finally:
                    array.release(&array)
        finally:
            schema.release(&schema)

    @cython.final
    cdef feed_chunk(self, ArrowSchema *schema, ArrowArray *array, fed, int64_t before, dict wrong):
        cdef int n, count = 0
        cdef int64_t row
        cdef Looked *e
        memset(&self.columns, 0, sizeof(Columns))
        for n in range(schema.n_children):
            name = schema.children[n].name.decode()
            place = SEQ if name == "seq" else TS if name == "ts" else FIELDS.index(name)
            allowed = b"l" if place >= SEQ else b"g" if name in NUMBERS else b"b" if name == "ok" else b"uUv"
            set_column(&self.columns.columns[<int> place], schema.children[n].format, array.children[n], array.offset, allowed)
        block = []
        for row in range(array.length):
            e = &self.looked[count]
            try:
                if wrong and before + row in wrong:
                    raise wrong[before + row]
                self.look_at_row(e, row)
            except BadEvent as bad:
                count = self.judge_block(block, fed)
                fed.refuse(before + row, bad)
                continue
            block.append(e.seq)
            self.fetch(e)
            count += 1
            if count == AHEAD:
                count = self.judge_block(block, fed)
        self.judge_block(block, fed)

    @cython.final
    cdef int look_at_row(self, Looked *e, int64_t row) except -1:
        cdef Column *seq = &self.columns.columns[SEQ]
        cdef Column *ts = &self.columns.columns[TS]
        cdef View typ
        cdef int n
        e.event, e.row = NULL, row
        self.column_view(TYP, row, &typ)
        e.seq = (<const int64_t *> seq.first)[row + seq.offset]
        e.ts = (<const int64_t *> ts.first)[row + ts.offset]
        e.typ = -1
        for n in range(TYPE_COUNT):
            if typ.size == TYPE_VIEWS[n].size and memcmp(typ.text, TYPE_VIEWS[n].text, typ.size) == 0:
                e.typ = n
                break
        if e.typ < 0:
            raise BadEvent(why=f"there is no type {typ.text[:typ.size].decode('utf-8', 'replace')!r}")
        self.ask_conditions(e)
        self.has(e, IP)  # refuses an address that is none, also where no rule looks at it
        return 0
