# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True, infer_types=False
"""The compiled kernel: the answers of `sekisho.watch.twin.Twin`, with its state in fixed rows.

Keys and values are kept as 64-bit hashes under a secret, so nobody can make them collide: two keys of ten million are
one by chance once in 370,000 installations. An event is looked at in three passes (conditions; rows on their way from
memory; steps), so that a batch of events waits for memory once and not once an event.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.math cimport asin, cos, fabs, pow, rint, sin, sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset, strlen

import secrets
from ipaddress import ip_network

import msgspec

from sekisho.watch import events as _events
from sekisho.watch import saved as _saved
from sekisho.watch import tables as _tables
from sekisho.watch.decision import Decisions
from sekisho.watch.events import AMOUNT_UNITS, FIELDS, LARGEST, NUMBERS, STRINGS, TYPES, BadEvent, Event
from sekisho.watch.hits import Fed
from sekisho.watch.lists import Listed
from sekisho.watch.narrowed import narrowed

cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(PyObject *text, Py_ssize_t *size)
    void PyErr_Clear()
    PyObject *Py_None
    PyObject *Py_True
    long long PyLong_AsLongLong(PyObject *number) except? -1
    double PyFloat_AsDouble(PyObject *number) except? -1

cdef enum:  # sekisho.watch.program.Match, Op: the import of this module compares them
    EQUALS = 1
    CONTAINS = 2
    STARTS = 3
    ENDS = 4
    LESS = 5
    AT_MOST = 6
    MORE = 7
    AT_LEAST = 8
    EXISTS = 9
    CIDR = 10
    AND = -1
    OR = -2
    NOT = -3
    COUNT = 1
    DISTINCT = 2
    SUM = 3
    TOGETHER = 4
    ORDERED = 5
    FIRST_SEEN = 6
    SPEED = 7
    DORMANT = 8
    REGISTERED = 9
    IN_LIST = 10
    RISK = 11
    AHEAD = 16  # events that are looked at together

include "compiled/hashing.pxi"
include "compiled/tables.pxi"
include "compiled/events.pxi"
include "compiled/tests.pxi"
include "compiled/steps.pxi"
include "compiled/columns.pxi"
include "compiled/risk.pxi"

if FIELDS != ("typ", "ok", *STRINGS, *NUMBERS) or len(FIELDS) != FIELDS_ALL or FIELDS[IP] != "ip" or FIELDS[IP_BLOCK] != "ip_block" or FIELDS[AMOUNT] != "amount" or FIELDS[LAT] != "lat":  # fmt: skip
    raise ImportError("sekisho.watch.kernel was built for other fields of events: build it anew")

cdef Slots SLOTS
cdef bint BY_SLOT = find_slots(&SLOTS)
cdef PyObject *TYPE_TEXTS[32]
cdef View TYPE_VIEWS[32]
cdef int TYPE_COUNT = len(TYPES)
cdef Py_ssize_t LARGEST_LINE = LARGEST
for _n, _type in enumerate(TYPES):
    TYPE_TEXTS[_n] = <PyObject *> _type
    TYPE_VIEWS[_n].text = PyUnicode_AsUTF8AndSize(<PyObject *> _type, &TYPE_VIEWS[_n].size)

include "compiled/programs.pxi"
include "compiled/looking.pxi"
include "compiled/keeping.pxi"
include "compiled/judging.pxi"
include "compiled/batches.pxi"
include "compiled/snapshots.pxi"


cdef class Kernel(Snapshots):
    """The whole kernel: one event, many events, snapshots."""

    compiled = True
