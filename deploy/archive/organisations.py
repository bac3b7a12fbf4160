"""Who belongs where: the organisations, and how the people of an archive are spread over them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from deploy.archive.ids import id_of
from deploy.archive.problems import ArchiveProblem
from shared.contracts.calls.membership import NewOrganisation
from shared.contracts.vocabulary import Id, Line, Sector, Word

UNKNOWN = "unknown"


class NamedOrganisation(BaseModel):
    """An organisation in the file: a name, or a name with its facts; `id` where it is registered already."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    sector: Sector = Sector.OTHER
    geography: Line = UNKNOWN
    id: Id | None = None

    @model_validator(mode="before")
    @classmethod
    def from_name(cls, value: object) -> object:
        """Take a bare name for an organisation of which nothing else is known."""
        return {"name": value} if isinstance(value, str) else value

    @property
    def known_by(self) -> str:
        """Its id: that given, or one that follows from its name, the same for every archive."""
        return self.id or id_of("organisation", _alike(self.name))

    def new(self) -> NewOrganisation:
        """What is registered of it."""
        return NewOrganisation(name=self.name, sector=self.sector, geography=self.geography)


class Entry(BaseModel):
    """What a spread file says of one person: an organisation's name, or that and more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Line
    name: Line | None = None
    profession: Line | None = None
    interests: tuple[Word, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def from_name(cls, value: object) -> object:
        """Take a bare name for a person of whom only the organisation is told."""
        return {"organisation": value} if isinstance(value, str) else value


class Home(NamedTuple):
    """Where a person belongs, and what is told of them; None where nothing is."""

    organisation: NamedOrganisation
    entry: Entry | None = None


class Spread:
    """Finds the organisation of each person of an archive.

    A person is where the spread file says; else in the first known organisation that a report of
    theirs names; else in one that follows from their name, the same at every import.

    Args:
        organisations: those there are, at least one.
        entries: what the spread file says, by the person's name in the archive.
        source: the archive's name.
    """

    def __init__(
        self, organisations: Sequence[NamedOrganisation], entries: Mapping[str, Entry], source: str
    ) -> None:
        self._organisations = organisations
        self._by_name = {_alike(one.name): one for one in organisations}
        self._entries = entries
        self._source = source
        self._reported: dict[str, NamedOrganisation] = {}

    def report(self, authors: Iterable[str], organisations: Iterable[str]) -> None:
        """Take note that a report by `authors` names `organisations`; those not known here count for nothing."""
        known = (self._by_name.get(_alike(name)) for name in organisations)
        first = next((one for one in known if one is not None), None)
        if first is not None:
            for author in authors:
                self._reported.setdefault(author, first)

    def home_of(self, person: str) -> Home:
        """Where that person belongs."""
        entry = self._entries.get(person)
        if entry is not None:
            return Home(self._by_name[_alike(entry.organisation)], entry)
        if person in self._reported:
            return Home(self._reported[person])
        digest = hashlib.sha256(f"{self._source}\0{person}".encode()).digest()
        return Home(self._organisations[int.from_bytes(digest[:8], "big") % len(self._organisations)])


def read_organisations(path: Path) -> list[NamedOrganisation]:
    """Read the file of organisations.

    Raises:
        ArchiveProblem: when it isn't a JSON list of at least one, each once.
    """
    organisations: list[NamedOrganisation] = _read(path, TypeAdapter(list[NamedOrganisation]))
    if not organisations:
        raise ArchiveProblem(f"{path.name} names no organisation; people need at least one.")
    names = [_alike(one.name) for one in organisations]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise ArchiveProblem(f"{path.name} names organisation {number + 1} twice.")
    return organisations


def read_spread(path: Path, organisations: Iterable[NamedOrganisation]) -> dict[str, Entry]:
    """Read the spread file: a JSON object from a person's name in the archive to their organisation.

    Raises:
        ArchiveProblem: when it isn't one, or names an organisation that isn't among `organisations`.
    """
    known = {_alike(one.name) for one in organisations}
    entries: dict[str, Entry] = _read(path, TypeAdapter(dict[str, Entry]))
    for number, entry in enumerate(entries.values(), 1):
        if _alike(entry.organisation) not in known:
            raise ArchiveProblem(
                f"{path.name}: the organisation of person {number} is not in the file of organisations."
            )
    return entries


def _read(path: Path, adapter: TypeAdapter[Any]) -> Any:
    try:
        return adapter.validate_json(path.read_bytes())
    except OSError as error:
        raise ArchiveProblem(f"{path.name} can't be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"][:2]))
        raise ArchiveProblem(f"{path.name}{', ' if where else ''}{where}: {first['msg']}.") from None


def _alike(name: str) -> str:
    return " ".join(name.split()).casefold()
