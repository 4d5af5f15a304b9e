"""The journal as one client uses it: its provider, its address, its account; the key in nothing that is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from vidgate import errors
from vidgate._effects import Failure
from vidgate._journal.records import Accepted, Disproved, Identified, Intent, NotAccepted, Saved, Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from vidgate._clock import Clock
    from vidgate._journal.base import BaseJournal, Choice
    from vidgate._journal.records import Entry, Record, Ticket
    from vidgate._secret import Secret


class Recorder:
    """Writes records for one key at one address."""

    def __init__(
        self, journal: BaseJournal, *, provider: str, base_url: Callable[[], str], secret: Secret, clock: Clock
    ) -> None:
        self.journal = journal
        self._provider = provider
        self._find_base_url = base_url
        self._secret = secret
        self._clock = clock

    @property
    def _base_url(self) -> str:
        return self._secret.redact(self._find_base_url())

    def perform(self, record: Record) -> Ticket | Failure | None:
        """Write one record; a JournalError comes back as a Failure, for the flow to decide."""
        try:
            return self._write(record)
        except errors.JournalError as error:
            return Failure(error=error, arrived=False)

    def _write(self, record: Record) -> Ticket | None:
        clean = self._secret.redact
        journal, now = self.journal, self._clock.now()
        match record:
            case Intent():
                content = record.content
                secret = self._secret.reveal().encode()
                return journal.begin(
                    provider=self._provider,
                    base_url=self._base_url,
                    account=self.account(),
                    model=None if record.model is None else clean(record.model),
                    idempotency_key=clean(record.idempotency_key),
                    content=content,
                    # Somebody pasted the key into the prompt: this request cannot be kept.
                    keep=secret not in content,
                    now=now,
                    batch=None if record.batch is None else clean(record.batch),
                    item=None if record.item is None else clean(record.item),
                    nonce=record.nonce,
                    within=record.within,
                    claim=record.claim,
                    ceiling=record.ceiling,
                )
            case Accepted():
                journal.accept(record, now)
            case NotAccepted():
                journal.refuse(replace(record, error=clean(record.error)), now)
            case Seen():
                journal.see(self._provider, self._base_url, record.task, now)
            case Saved():
                path = record.path.absolute()
                journal.save(self._provider, self._base_url, replace(record, path=path), clean(str(path)), now)
            case Identified():
                journal.identify(
                    provider=self._provider,
                    base_url=self._base_url,
                    account=self.account(),
                    nonce=record.nonce,
                    task=record.task,
                    now=now,
                )
            case Disproved():
                journal.disprove(record, now)
        return None

    def account(self) -> str:
        """The fingerprint of this client's key in this journal."""
        return self.journal.fingerprint(self._provider.encode() + b"\0" + self._secret.reveal().encode())

    def entries(self, **equal: Unpack[Choice]) -> tuple[Entry, ...]:
        """The submissions of this key at this address, or those of a batch, an item, a state; oldest first."""
        account = self.account()
        if "batch" in equal:
            equal["batch"] = self._secret.redact(equal["batch"])
        if "item" in equal:
            equal["item"] = self._secret.redact(equal["item"])
        return tuple(entry for entry in self.journal.entries(**equal) if self._owns(entry, account))

    def find(self, name: str) -> Entry | None:
        """The submission with this submit id or task id; raises ConfigurationError when it is another client's."""
        entry = self.journal.find(name, provider=self._provider, base_url=self._base_url)
        if entry is not None and not self._owns(entry, self.account()):
            whose = (
                f"{entry.provider} at {entry.base_url}"
                if (entry.provider, entry.base_url) != (self._provider, self._base_url)
                else "another API key"
            )
            raise errors.ConfigurationError(
                f"Submission {entry.submit_id} belongs to {whose}.", hint="Use a client with that address and key."
            )
        return entry

    def _owns(self, entry: Entry, account: str) -> bool:
        return (entry.provider, entry.base_url, entry.account) == (self._provider, self._base_url, account)
