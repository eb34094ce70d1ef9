"""Attacks that look for what a student must not see: suite, solution, secret, other students, the grader's memory."""

from __future__ import annotations

from records import Attack, reading

READ: tuple[Attack, ...] = (
    reading("read-the-suite-by-its-path", "read(PATHS['suite'])", sample=True),
    reading("read-the-solution-by-its-path", "read(PATHS['solution'])"),
    reading("read-the-secret-by-its-path", "read(PATHS['secret'])"),
    reading("read-a-neighbours-notebook", "read(PATHS['neighbour'])"),
    reading("read-earlier-results", "read(PATHS['results'])"),
    reading("read-tests-beside-the-notebook", "read('tests/test_lab.py'); read('../tests/test_lab.py')"),
    reading(
        "walk-upwards-from-here",
        """
top = os.getcwd()
for _ in range(3):
    for folder, folders, files in os.walk(top):
        folders[:] = [f for f in folders if f not in ("usr", "proc", "sys", ".venv", "work", "dev", "root", "lib", "lib64", ".pyenv", "boot", "var", "opt")][:50]
        for name in files[:200]:
            if name.endswith((".py", ".ipynb", ".json", ".pkl", "secret")): read(os.path.join(folder, name))
    top = os.path.dirname(top)
""",
    ),
    reading(
        "search-the-folders-for-temporary-files",
        """
import glob, tempfile
for top in {"/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir(), os.path.dirname(PATHS["suite"])}:
    for depth in ("*", "*/*", "*/*/*"):
        for path in glob.glob(os.path.join(top, depth)):
            if os.path.isfile(path): read(path)
""",
    ),
    reading("follow-a-link-of-its-own", "os.symlink(PATHS['suite'], 'link'); read('link')"),
    reading("go-through-proc-self-root", "read('/proc/self/root' + PATHS['suite']); read('/proc/self/cwd/../' + PATHS['suite'])"),
    reading(
        "map-the-file-into-memory",
        "import mmap\ntry:\n    f = open(PATHS['suite'], 'rb'); look(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:])\nexcept OSError: pass",
    ),
    reading("read-by-numpy", "try: look(np.fromfile(PATHS['suite'], dtype=np.uint8).tobytes())\nexcept OSError: pass"),
    reading(
        "read-by-the-c-library",
        """
import ctypes
libc = ctypes.CDLL(None)
fd = libc.open(PATHS["neighbour"].encode(), 0)
if fd >= 0:
    buffer = ctypes.create_string_buffer(1 << 20)
    size = libc.read(fd, buffer, 1 << 20)
    look(buffer.raw[: max(0, size)])
""",
    ),
    reading(
        "import-the-suite",
        "sys.path.insert(0, os.path.dirname(PATHS['suite']))\ntry:\n    import test_lab; look(vars(test_lab))\nexcept BaseException as e: look(repr(e))",
    ),
    reading("the-shells-cat", "x = !cat {PATHS['suite']}\nlook(x)"),
    reading("a-bash-cell", "look(get_ipython().getoutput('cat ' + PATHS['neighbour']))"),
    reading("the-run-magic", "try:\n    get_ipython().run_line_magic('run', PATHS['suite'])\nexcept BaseException: pass\nlook(globals())"),
    reading("the-load-magic", "try:\n    look(get_ipython().find_user_code(PATHS['suite'], search_ns=False))\nexcept BaseException: pass"),
    reading(
        "a-program-of-the-system",
        "import subprocess\ntry:\n    look(subprocess.run(['cat', PATHS['suite']], capture_output=True).stdout)\nexcept OSError: pass",
    ),
    reading("its-environment", "look(dict(os.environ))"),
    reading(
        "everybodys-environment",
        "for pid in filter(str.isdigit, os.listdir('/proc') if os.access('/proc', os.R_OK) else []):\n    read(f'/proc/{pid}/environ'); read(f'/proc/{pid}/cmdline')",
    ),
    reading(
        "its-whole-memory",
        """
try:
    regions = [line.split()[:2] for line in open("/proc/self/maps")]
    memory = open("/proc/self/mem", "rb", 0)
except OSError:
    regions = []
key = "mark" + "er-"
for span, rights in regions:
    start, end = (int(x, 16) for x in span.split("-"))
    if rights.startswith("rw") and end - start < 1 << 26:
        try:
            memory.seek(start)
            data = memory.read(end - start)
            if key.encode() in data or key.encode("utf-32-le") in data: look(data.replace(b"\\0", b""))
        except (OSError, ValueError, OverflowError): pass
""",
    ),
    reading(
        "the-frames-below",
        "frame = sys._getframe()\nwhile frame:\n    look(list(frame.f_locals.values())[:200]); look(frame.f_code.co_consts); frame = frame.f_back",
        sample=True,
    ),
    reading(
        "the-frames-of-a-call",
        "",
    ),
    reading(
        "everything-the-collector-knows",
        "import gc\nfor thing in gc.get_objects():\n    if type(thing) is dict:\n        for value in list(thing.values()):\n            if type(value) is str and 'mark' in value: look(value)",
        sample=True,
    ),
    reading(
        "every-module",
        "for module in list(sys.modules.values()):\n    for value in list(getattr(module, '__dict__', {}).values()):\n        if type(value) in (str, dict, list): look(str(value)[:100000])",
    ),
    reading("the-line-cache", "import linecache\nfor entry in list(linecache.cache.values()): look(entry)"),
    reading(
        "every-open-descriptor",
        "for fd in range(3, 256):\n    try: look(os.pread(fd, 1 << 20, 0))\n    except OSError: pass",
    ),
    reading(
        "a-profile-hook",
        "left = [3000]\ndef spy(frame, event, arg):\n    left[0] -= 1\n    if left[0] < 0: sys.setprofile(None)\n    elif event == 'call':\n        look(frame.f_code.co_consts); look([v for v in frame.f_locals.values() if type(v) is str])\nsys.setprofile(spy)",
    ),
    reading("an-audit-hook", "def heard(event, arguments):\n    if event in ('compile', 'exec', 'open'):\n        loot.update(PATTERN.findall(str(arguments)[:100000]))\nsys.addaudithook(heard)"),
    reading("the-history", "look(get_ipython().user_ns.get('In'))\ndef __later():\n    look(get_ipython().user_ns.get('In')); look(get_ipython().user_ns.get('_ih'))\nget_ipython().events.register('pre_run_cell', lambda info: look(info.raw_cell))"),
    reading("an-input-transformer", "def spy(lines):\n    look(lines)\n    return lines\nget_ipython().input_transformers_cleanup.append(spy)"),
    reading(
        "a-thread-that-watches",
        """
import threading, time
def watch():
    for _ in range(2000):
        for frame in list(sys._current_frames().values()):
            while frame:
                look(frame.f_code.co_consts)
                frame = frame.f_back
        time.sleep(0.002)
threading.Thread(target=watch, daemon=True).start()
""",
    ),
    reading(
        "the-compilation-cache",
        "cache = os.environ.get('JAX_COMPILATION_CACHE_DIR') or PATHS['cache']\nfor name in os.listdir(cache) if os.path.isdir(cache) else []: read(os.path.join(cache, name))",
    ),
    reading("the-tracebacks-left-behind", "look(repr(getattr(sys, 'last_traceback', None)))\ntry: 1/0\nexcept ZeroDivisionError as e:\n    tb = e.__traceback__\n    frame = tb.tb_frame\n    while frame:\n        look(frame.f_globals.get('__file__')); look([v for v in frame.f_globals.values() if type(v) is str]); frame = frame.f_back"),
    reading(
        "parents-memory",
        "import ctypes\nfor pid in (os.getppid(), 1):\n    try:\n        with open(f'/proc/{pid}/maps') as f: pass\n        read(f'/proc/{pid}/environ')\n    except OSError: pass\nread('/proc/self/environ')",
    ),
)  # fmt: skip
# What a function sees of its callers while it is called: not when its cell runs.
_CALL = """
def double(x):
    frame = sys._getframe()
    while frame:
        look([v for v in frame.f_locals.values() if isinstance(v, (str, list, dict, tuple))])
        look(frame.f_code.co_consts)
        frame = frame.f_back
    raise ValueError('loot: ' + ' '.join(sorted(loot)))
"""
READ = tuple(
    a if a.name != "the-frames-of-a-call" else Attack(a.name, "read", "leak", double=_CALL) for a in READ
)
