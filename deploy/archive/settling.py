"""Makes ready what threads need: organisations, communities, and the people who wrote."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from deploy.archive.ids import id_of
from deploy.archive.organisations import NamedOrganisation
from deploy.archive.people import Arrival, People, marked
from deploy.archive.problems import ArchiveProblem
from deploy.archive.source import Source
from deploy.archive.survey import Survey
from deploy.node.asking import OPERATOR, Asking
from shared.contracts.calls.call import Caller, Done, Heard
from shared.contracts.calls.discussion import Imported, ImportThreads
from shared.contracts.calls.membership import (
    Charter,
    Community,
    GetCommunity,
    ImportedMember,
    ImportMembers,
    Member,
    NewCommunity,
    Organisation,
    RegisterMember,
    RegisterOrganisation,
    StartCommunity,
)
from shared.contracts.vocabulary import Stage
from shared.errors import Conflict, Invalid, NotFound, Refusal

MEMBERS_AT_A_TIME = 250
MOST_SAME_HANDLES = 10
_HANDLE = re.compile(r"members\.(\d+)\.new\.handle")


def register_organisations(asking: Asking, organisations: Iterable[NamedOrganisation]) -> None:
    """Register those that are not there yet."""
    for one in organisations:
        asking.ask(RegisterOrganisation(caller=OPERATOR, id=one.known_by, new=one.new()), Organisation)


def settle_communities(asking: Asking, source: Source, found: Survey) -> dict[str, str]:
    """Make the communities of the archive that are not there yet.

    Returns:
        their ids, by their names in the archive.

    Raises:
        ArchiveProblem: when the one that takes everything is not there.
    """
    if source.community is not None:
        if _community(asking, source.community) is None:
            raise ArchiveProblem(f"There is no community {source.community} on this node.")
        return dict.fromkeys(found.founders, source.community)
    ids = {}
    for title, founder in found.founders.items():
        ids[title] = id_of(source.name, "community", title)
        if _community(asking, ids[title]) is None:
            _start(asking, source, title, ids[title], found.people.member(founder))
    return ids


def bring_people(
    asking: Asking, people: People, communities: dict[str, str], each: Callable[[int], None]
) -> None:
    """Bring in everybody who wrote, with a place in every community in which they did.

    Returns when those who keep threads have heard of them, so that every post finds its author.

    Args:
        people: of the archive.
        communities: ids by name.
        each: told how many came, some at a time.
    """
    for community in dict.fromkeys(communities.values()):
        names = [name for name, id in communities.items() if id == community]
        for arrivals in _some_at_a_time(people.arrivals(*names)):
            _bring(asking, community, arrivals)
            last = Heard(
                community=community,
                community_revision=1,
                membership=f"{community}:{arrivals[-1].member.id}",
                membership_revision=1,
            )
            asking.ask(ImportThreads(caller=OPERATOR, heard=last, threads=()), Imported)
            each(len(arrivals))


def _community(asking: Asking, id: str) -> Community | None:
    try:
        return asking.ask(GetCommunity(caller=OPERATOR, community=id), Community)
    except NotFound:
        return None


def _start(asking: Asking, source: Source, title: str, id: str, founder: ImportedMember) -> None:
    _register(asking, founder)
    where = "This community's threads were brought in from an archive"
    charter = Charter(
        domain=title,
        purpose=f"{where}; a facilitator says here what it wants to get better at.",
        audience=f"{where}; a facilitator says here for whom it is.",
    )
    asking.ask(
        StartCommunity(
            caller=Caller(operator=True, member=founder.id, organisation=founder.organisation),
            id=id,
            new=NewCommunity(
                title=title,
                charter=charter,
                visibility=source.visibility,
                stage=Stage.STEWARDSHIP,
                similar_seen=True,
            ),
        ),
        Community,
    )


def _register(asking: Asking, person: ImportedMember) -> None:
    call = RegisterMember(caller=OPERATOR, organisation=person.organisation, id=person.id, new=person.new)
    try:
        asking.ask(call, Member)
    except Conflict as refusal:
        if refusal.code != "handle-taken":
            raise
        asking.ask(call.model_copy(update={"new": _told_apart(person).new}), Member)


def _bring(asking: Asking, community: str, arrivals: Sequence[Arrival]) -> None:
    members = [arrival.member.model_copy(update={"since": arrival.since}) for arrival in arrivals]
    for _ in range(MOST_SAME_HANDLES):
        refused = _try(asking, community, arrivals[0].since, members)
        if refused is None:
            return
        members[refused] = _told_apart(members[refused])
    # So many have the handles of others that asking for each would take long; who is there already keeps theirs.
    if _try(asking, community, arrivals[0].since, [_told_apart(member) for member in members]) is not None:
        raise ArchiveProblem("People of this archive have handles that others have, marks and all.")


def _try(asking: Asking, community: str, since: datetime, members: Sequence[ImportedMember]) -> int | None:
    """Bring members in; returns the place of one whose handle is another's, None when they are in."""
    call = ImportMembers(caller=OPERATOR, community=community, since=since, members=tuple(members))
    try:
        asking.ask(call, Done)
    except (Conflict, Invalid) as refusal:
        taken = _place_of_handle(refusal)
        if taken is None:
            raise
        return taken
    return None


def _place_of_handle(refusal: Refusal) -> int | None:
    """Whose handle a refusal is about, by their place in the list; None when it is about something else."""
    match = _HANDLE.fullmatch(refusal.where or "")
    return int(match.group(1)) if match else None


def _told_apart(person: ImportedMember) -> ImportedMember:
    handle = marked(person.new.handle, person.id)
    return person.model_copy(update={"new": person.new.model_copy(update={"handle": handle})})


def _some_at_a_time(arrivals: Iterator[Arrival]) -> Iterator[list[Arrival]]:
    while some := list(islice(arrivals, MEMBERS_AT_A_TIME)):
        yield some
