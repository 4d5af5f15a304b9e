"""A PostgreSQL of the tests' own, on a socket in a directory of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vidgate._journal.place import open_journal

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from vidgate._journal.base import BaseJournal

ACCOUNT = "postgres"
"""Who runs the server when the tests run as root, which PostgreSQL refuses to."""


class Server:
    """One server; `url` is a database of its own for each test."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._programs = Path(os.environ["VIDGATE_POSTGRES"])
        self._databases = 0
        self._run("initdb", "--no-sync", "--auth=trust", "--username=tests", str(place / "data"))
        self.start()

    def start(self) -> None:
        """Return when it answers."""
        options = f"-k {self.place} -c listen_addresses='' -c fsync=off -c max_connections=200"
        self._run("pg_ctl", *self._data, "-w", "-l", str(self.place / "log"), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """`immediate` is what a crash is like."""
        self._run("pg_ctl", *self._data, "-w", "-m", how, "stop")

    def new_database(self) -> str:
        """The address of an empty one."""
        self._databases += 1
        name = f"test{self._databases}"
        self._run("createdb", "-h", str(self.place), "-U", "tests", name)
        return f"postgresql://tests@/{name}?host={self.place}"

    @property
    def _data(self) -> tuple[str, str]:
        return ("-D", str(self.place / "data"))

    def _run(self, program: str, *arguments: str) -> None:
        before = ("runuser", "-u", ACCOUNT, "--") if os.geteuid() == 0 else ()
        command = (*before, str(self._programs / program), *arguments)
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.place)
        assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def serving() -> Generator[Server]:
    """A server while the context lasts. The path of its socket has to be short."""
    place = Path(tempfile.mkdtemp(prefix="vidgate-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(place, ACCOUNT)
        server = Server(place)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(place)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One for all tests."""
    with serving() as made:
        yield made


@pytest.fixture
def url(server: Server) -> str:
    """An empty database."""
    return server.new_database()


@pytest.fixture(params=["file", "database"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseJournal]:
    """Both kinds, because they must not differ."""
    place = tmp_path / "journal.sqlite3" if request.param == "file" else request.getfixturevalue("url")
    made = open_journal(place)
    yield made
    made.close()
