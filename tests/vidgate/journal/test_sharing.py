"""One file, many writers: processes, threads, forks."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.vidgate.journal.submissions import begin
from vidgate._journal import database
from vidgate._journal.records import NotAccepted
from vidgate.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


def write_some(path: str, number: int) -> None:
    journal = Journal(path, timeout=60.0)
    for turn in range(10):
        ticket = begin(journal, f"key-{number}-{turn}-0123456789")
        journal.refuse(NotAccepted(submit_id=ticket.submit_id, certain=True, error="x"), 2.0)


def test_processes_share_a_file(path: Path) -> None:
    """Opened by all at once, before it exists; every row is there."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_some, args=(str(path), number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert [entry.state for entry in Journal(path).entries()] == ["rejected"] * 40


def test_threads_share_a_journal(path: Path) -> None:
    """One object, several threads."""
    journal = Journal(path)
    threads = [
        threading.Thread(target=lambda number=number: [begin(journal, f"key-{number}-{turn}") for turn in range(10)])
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.entries()) == 40


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the test runner has threads of its own
def test_a_fork_opens_the_file_anew(path: Path) -> None:
    """Parent and child write on; neither works with the other's connection."""
    journal = Journal(path)
    begin(journal, "parent-before-0123456789")
    child = os.fork()
    if child == 0:
        fine = False
        try:
            begin(journal, "child-0123456789abcdef")
            fine = True
        finally:
            os._exit(0 if fine else 1)
    journal.close()
    begin(journal, "parent-after-0123456789")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(journal.entries()) == 3


def test_nothing_is_open_while_a_process_forks(path: Path) -> None:
    """SQLite's own record of locks must not be inherited."""
    journal = Journal(path)
    begin(journal, "key-0123456789abcdef")
    database._before_fork()
    try:
        assert not journal._database.is_open
    finally:
        database._LOCK.release()
