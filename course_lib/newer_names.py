"""PUBLIC: names that came with a later Python or JAX, each with the version that brought it. A table, and how to look it up.

Python's are those of typeshed (the stubs that type checkers use) for 3.12 to 3.15, without constants of the operating system.
JAX's are the public modules of 0.10.2, 0.11.2 and 0.12.0 compared. tests/notebook/test_newer.py holds them against the
libraries that are installed.
"""

from __future__ import annotations

import functools

# One line: the version, a module or class, and what it has since then; nothing behind the colon where it is new as a whole.
_PYTHON = """
3.12 ast: ParamSpec TypeAlias TypeVar TypeVarTuple
3.12 asyncio: create_eager_task_factory eager_task_factory
3.12 builtins.int: is_integer
3.12 calendar: APRIL AUGUST DECEMBER Day FEBRUARY JANUARY JULY JUNE MARCH MAY Month NOVEMBER OCTOBER SEPTEMBER
3.12 collections.abc: Buffer
3.12 csv: QUOTE_NOTNULL QUOTE_STRINGS
3.12 fractions.Fraction: is_integer
3.12 inspect: BufferFlags getasyncgenlocals getasyncgenstate markcoroutinefunction
3.12 itertools: batched
3.12 logging: getHandlerByName getHandlerNames
3.12 math: sumprod
3.12 os.path: isjunction splitroot
3.12 pathlib.Path: is_junction walk with_segments
3.12 random: binomialvariate
3.12 random.Random: binomialvariate
3.12 sqlite3.Connection: autocommit getconfig setconfig
3.12 sys: activate_stack_trampoline deactivate_stack_trampoline getunicodeinternedsize monitoring
3.12 threading: setprofile_all_threads settrace_all_threads
3.12 types: get_original_bases
3.12 typing: TypeAliasType override
3.13 array.array: clear
3.13 asyncio: EventLoop QueueShutDown
3.13 asyncio.Queue: shutdown
3.13 base64: z85decode z85encode
3.13 builtins: PythonFinalizationError
3.13 configparser: MultilineContinuationError UNNAMED_SECTION
3.13 copy: replace
3.13 dbm.sqlite3:
3.13 enum: EnumDict
3.13 glob: translate
3.13 math: fma
3.13 mimetypes: guess_file_type
3.13 os: process_cpu_count
3.13 os.path: isdevdrive
3.13 pathlib: UnsupportedOperation
3.13 pathlib.Path: from_uri full_match parser
3.13 platform: android_ver ios_ver
3.13 queue: ShutDown
3.13 queue.Queue: shutdown
3.13 re: PatternError
3.13 statistics: kde kde_random
3.13 symtable: SymbolTableType
3.13 types: CapsuleType
3.13 typing: NoDefault ReadOnly TypeIs get_protocol_members is_protocol
3.13 unittest.mock: ThreadingMock
3.13 warnings: deprecated
3.14 annotationlib:
3.14 ast: Interpolation TemplateStr compare
3.14 asyncio: capture_call_graph format_call_graph print_call_graph
3.14 builtins.bytearray: resize
3.14 builtins.complex: from_number
3.14 builtins.float: from_number
3.14 compression:
3.14 compression.zstd:
3.14 concurrent.futures: InterpreterPoolExecutor
3.14 concurrent.interpreters:
3.14 configparser: InvalidWriteError UnnamedSectionDisabledError
3.14 datetime.date: strptime
3.14 datetime.time: strptime
3.14 decimal: IEEEContext
3.14 decimal.Decimal: from_number
3.14 fnmatch: filterfalse
3.14 fractions.Fraction: from_number
3.14 functools: Placeholder
3.14 heapq: heapify_max heappop_max heappush_max heappushpop_max heapreplace_max
3.14 inspect: ispackage
3.14 io: Reader Writer
3.14 operator: is_none is_not_none
3.14 os: readinto reload_environ
3.14 pathlib.Path: copy copy_into info move move_into
3.14 pathlib.types:
3.14 string.templatelib:
3.14 sys: is_remote_debug_enabled remote_exec
3.14 typing: evaluate_forward_ref
3.14 uuid: MAX NIL uuid6 uuid7 uuid8
3.14 zipfile: ZIP_ZSTANDARD
3.15 binascii: a2b_ascii85 a2b_base32 a2b_base85 b2a_ascii85 b2a_base32 b2a_base85
3.15 builtins: ImportCycleError frozendict sentinel
3.15 builtins.bytearray: take_bytes
3.15 math: fmax fmin isnormal issubnormal signbit
3.15 math.integer:
3.15 profiling:
3.15 re: prefixmatch
3.15 threading: concurrent_tee serialize_iterator synchronized_iterator
3.15 typing: NoExtraItems TypeForm disjoint_base
"""
_JAX = """
0.11 jax: CompilerEffortLevel Inline get_abstract_mesh get_mesh use_abstract_mesh
0.11 jax.export: symbolic_dim_bounds
0.11 jax.ffi: abstract_token
0.11 jax.lax: log2 log2_p one_minus_square one_minus_square_p
0.11 jax.numpy: minmax top_k
0.11 jax.sharding: UnreducedKind
0.12 jax.lax: polynomial polynomial_p psum_scatter_start
0.12 jax.profiler: ProfileLine ProfileSession export_profile_data
0.12 jax.random: Key
0.12 jax.scipy.special: erfcinv
0.12 jax.sharding: no_collectives
"""
LIBRARIES = ("Python", "JAX")


def since(dotted: str, library: str = "") -> tuple[str, str] | None:
    """Which library and version brought a name, e.g. ("Python", "3.12") for "itertools.batched"; None if the table has it not."""
    found = _table().get(dotted)
    return found if found is not None and library in ("", found[0]) else None


def newest(library: str) -> str:
    """The last version that the table knows of."""
    return max((v for name, v in _table().values() if name == library), key=release)


def release(version: str) -> tuple[int, int]:
    """Major and minor number: "3.13.0rc1" is (3, 13); (0, 0) where there are none."""
    parts = version.split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 and all(p.isdecimal() and len(p) < 6 for p in parts[:2]) else (0, 0)


def all_names() -> dict[str, tuple[str, str]]:
    """The whole table: dotted name -> (library, version)."""
    return dict(_table())


@functools.lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, str]]:
    table: dict[str, tuple[str, str]] = {}
    for library, text in zip(LIBRARIES, (_PYTHON, _JAX), strict=True):
        for line in text.split("\n"):
            if line:
                version, _, rest = line.partition(" ")
                place, _, names = rest.partition(":")
                for dotted in [f"{place}.{name}" for name in names.split()] or [place]:
                    table[dotted] = library, version
    return table
