# Columns of an Arrow table (the C data interface), read where they stand: large or small texts, string views, whole
# numbers, floats and booleans.

cdef extern from *:
    """
    #ifndef ARROW_C_DATA_INTERFACE
    #define ARROW_C_DATA_INTERFACE
    struct ArrowSchema {
        const char *format; const char *name; const char *metadata; int64_t flags; int64_t n_children;
        struct ArrowSchema **children; struct ArrowSchema *dictionary;
        void (*release)(struct ArrowSchema *); void *private_data;
    };
    struct ArrowArray {
        int64_t length; int64_t null_count; int64_t offset; int64_t n_buffers; int64_t n_children;
        const void **buffers; struct ArrowArray **children; struct ArrowArray *dictionary;
        void (*release)(struct ArrowArray *); void *private_data;
    };
    struct ArrowArrayStream {
        int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
        int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
        const char *(*get_last_error)(struct ArrowArrayStream *);
        void (*release)(struct ArrowArrayStream *); void *private_data;
    };
    #endif
    """
    cdef struct ArrowSchema:
        const char *format
        const char *name
        int64_t n_children
        ArrowSchema **children
        void (*release)(ArrowSchema *) noexcept
    cdef struct ArrowArray:
        int64_t length
        int64_t offset
        const void **buffers
        ArrowArray **children
        void (*release)(ArrowArray *) noexcept
    cdef struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream *, ArrowSchema *) noexcept
        int (*get_next)(ArrowArrayStream *, ArrowArray *) noexcept
        const char *(*get_last_error)(ArrowArrayStream *) noexcept

cdef enum:
    SEQ = 16  # columns beside the fields
    TS = 17
    COLUMNS_ALL = 18

cdef struct Column:
    char kind  # 0 absent; u, U, v texts; l whole numbers; g floats; b booleans
    int64_t offset
    const uint8_t *valid
    const char *first
    const char *second
    const void **more  # the buffers of string views

cdef struct Columns:
    Column columns[COLUMNS_ALL]


cdef inline bint is_there(Column *column, int64_t row) noexcept nogil:
    return column.kind != 0 and (column.valid == NULL or column.valid[row >> 3] >> (row & 7) & 1)


cdef inline void column_text(Column *column, int64_t row, View *view) noexcept nogil:
    cdef int32_t word[4]
    cdef int64_t begin
    if column.kind == 118:  # v
        memcpy(word, column.first + row * 16, 16)
        view.size = word[0]
        view.text = column.first + row * 16 + 4 if word[0] <= 12 else <const char *> column.more[2 + word[2]] + word[3]
    elif column.kind == 85:  # U
        begin = (<const int64_t *> column.first)[row]
        view.text, view.size = column.second + begin, (<const int64_t *> column.first)[row + 1] - begin
    else:
        begin = (<const int32_t *> column.first)[row]
        view.text, view.size = column.second + begin, (<const int32_t *> column.first)[row + 1] - begin


cdef set_column(Column *column, const char *form, ArrowArray *array, int64_t offset, bytes allowed):
    cdef bytes told = form
    if told == b"vu":
        told = b"v"
    if len(told) != 1 or told not in allowed:
        raise TypeError(f"a column of the Arrow type {told.decode()!r} where one of {allowed.decode()} is needed")
    column.kind = told[0]
    column.offset = offset + array.offset
    column.valid = <const uint8_t *> array.buffers[0]
    column.first = <const char *> array.buffers[1]
    column.second = <const char *> array.buffers[2] if column.kind == 117 or column.kind == 85 else NULL
    column.more = array.buffers
