"""What is judged: read from a subject file, or built in, and how it is reached."""

from __future__ import annotations

from ._file import SubjectFileError, read_subject
from ._model import Budget, Callbacks, Ledger, Subject, Tasks
from ._reach import Clock, Reach, SystemClock, in_process, over_socket, simulated
from ._receiver import Answer, Received, Receiver

__all__ = [
    "Answer",
    "Budget",
    "Callbacks",
    "Clock",
    "Ledger",
    "Reach",
    "Received",
    "Receiver",
    "Subject",
    "SubjectFileError",
    "SystemClock",
    "Tasks",
    "in_process",
    "over_socket",
    "read_subject",
    "simulated",
]
