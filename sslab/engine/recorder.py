"""The recorder: a process that runs a tree's program for its sites, and records what it asks for.

The tree may be this repository or an older revision of it: the process imports that tree's own
`components/`, `patterns/`, `policies/` and `sslab/`, and from here nothing but `recording.py`. This
file is both ends: `recordings` starts it as a script,

    python recorder.py TREE < request > documents

with a request `{"sites": ["local"], "judge": true, "values": {"local": {KEY: VALUE}}}`. Whatever
configuration the program asks for is there: the value given for the key, else a text made of the
key's name. Where values are given for a site, its secrets are left readable, for `sslab render`.

Each document is a line of JSON, in the order of the request:

    {"site": "local", "error": null, "resources": [...], "findings": [...]}

`error` is the one message with which the program failed; `resources`, sorted by URN, are then those
before it. `findings` is what the tree's `policies.offline.judge` returned, null where it was not
asked or is not there. `recording.py` says what a resource looks like.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

TAIL = 400


@dataclass(frozen=True)
class Recording:
    """One site's document; see above."""

    site: str
    error: str | None
    resources: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]] | None


@contextmanager
def recordings(
    tree: Path,
    sites: Sequence[str],
    *,
    judge: bool = False,
    values: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[Iterator[Recording]]:
    """Start to record sites of a tree; what it yields waits for the end, and has them in order.

    At the end of the block the process and its workers are gone, whatever happened.
    """
    # files, not pipes: nobody has to read while the process works
    with tempfile.TemporaryFile() as documents, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, __file__, str(tree)],
            stdin=subprocess.PIPE,
            stdout=documents,
            stderr=said,
            start_new_session=True,  # one group with its workers
        )
        try:
            request = {"sites": list(sites), "judge": judge, "values": dict(values or {})}
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(json.dumps(request).encode())
            yield _read(process, sites, documents, said)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _read(
    process: subprocess.Popen[bytes], sites: Sequence[str], documents: IO[bytes], said: IO[bytes]
) -> Iterator[Recording]:
    code = process.wait()
    documents.seek(0)
    for site in sites:
        line = documents.readline()
        if line.endswith(b"\n"):
            yield Recording(**json.loads(line))
            continue
        said.seek(0)
        text = said.read().decode(errors="replace").strip()[-TAIL:] or "nothing"
        error = f"the process that runs the program ended with {code}; it said: {text}"
        yield Recording(site, error, (), None)


def main(tree: Path, request: Mapping[str, Any], output: IO[bytes]) -> None:
    """Record the sites of a request, some on each core, and write their documents in order."""
    _enter(tree)
    record_site = runpy.run_path(str(Path(__file__).with_name("recording.py")))["record_site"]
    _import_all(tree, judge=request["judge"])
    # where in the program a resource stands is of no use here, and takes an eighth of the time
    source, proto = (
        importlib.import_module(f"pulumi.runtime.{name}")
        for name in ("resource", "proto.source_pb2")
    )
    vars(source)["_get_stack_trace"] = proto.StackTrace
    _remember("sslab.catalogue.loading", "_read_contract")
    _remember("sslab.images.content", "content_hash")
    _remember("sslab.site.loading", "read_document")  # the policies read the site once more
    gc.collect()
    gc.freeze()  # what is there now stays shared with the workers

    def document(site: str) -> bytes:
        recorded = record_site(tree, site, request["values"].get(site), request["judge"])
        return json.dumps(recorded).encode() + b"\n"

    sites = list(request["sites"])
    cores = os.cpu_count() or 1
    workers = {}
    for core in range(min(cores, len(sites))):
        worker = _Worker(sites[core::cores], document)
        workers[worker.pid] = worker
    documents: dict[str, bytes] = {}
    while workers:
        pid, status = os.wait()
        ended = workers.pop(pid)
        documents.update(zip(ended.sites, ended.written(), strict=False))
        owed = [site for site in ended.sites if site not in documents]
        for lost in owed[:1]:
            documents[lost] = json.dumps(_lost(lost, status)).encode() + b"\n"
        if owed[1:]:
            worker = _Worker(owed[1:], document)
            workers[worker.pid] = worker
    output.writelines(documents[site] for site in sites)
    output.flush()


class _Worker:
    """A forked process that writes the documents of some sites, one after the other, to a file.

    The file is its own: what it leaves there when it is killed spoils nobody else's.
    """

    def __init__(self, sites: Sequence[str], document: Callable[[str], bytes]) -> None:
        self.sites = sites
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `written` closes it
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._work(document)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)  # what the parent does afterwards is not for a worker

    def _work(self, document: Callable[[str], bytes]) -> None:
        for site in self.sites:
            self._file.write(document(site))
            self._file.flush()

    def written(self) -> list[bytes]:
        """Return the whole lines in the file, and forget it."""
        with self._file as file:
            file.seek(0)
            return [line for line in file if line.endswith(b"\n")]


def _lost(site: str, status: int) -> dict[str, Any]:
    error = (
        f"the process that ran the program ended with {os.waitstatus_to_exitcode(status)} before "
        "the program did; look for a lack of memory, or for what in the program ends its process"
    )
    return {"site": site, "error": error, "resources": [], "findings": None}


def _enter(tree: Path) -> None:
    """Make this the tree whose modules are imported, and leave any other repository out."""
    os.chdir(tree)
    others = [each for each in sys.path[1:] if not (Path(each) / "Pulumi.yaml").is_file()]
    sys.path[:] = [str(tree), *others]
    sys.dont_write_bytecode = True


def _import_all(tree: Path, *, judge: bool) -> None:
    """Import what the program will, once for all workers; what is wrong the program will tell."""
    files = [*tree.glob("components/*.py"), *tree.glob("patterns/*/component.py")]
    names = [".".join(file.relative_to(tree).with_suffix("").parts) for file in sorted(files)]
    for name in ["sslab.site.loading", *names, *(["policies.offline"] if judge else [])]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _remember(module: str, function: str) -> None:
    """Let a function of the tree answer the same question once: no file changes meanwhile."""
    with contextlib.suppress(ImportError, AttributeError):  # another revision may not have it
        found = importlib.import_module(module)
        setattr(found, function, functools.cache(getattr(found, function)))


if __name__ == "__main__":
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the program prints is no result
    main(Path(sys.argv[1]).resolve(), json.load(sys.stdin), results)
