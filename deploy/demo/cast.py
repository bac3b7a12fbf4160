"""Who is in the demo, and what they said; ids follow from the names, so that making it twice makes it once."""

from dataclasses import dataclass
from datetime import timedelta

from deploy.archive.ids import id_of
from shared.contracts.calls.membership import Charter, NewCommunity, NewMember, NewOrganisation
from shared.contracts.vocabulary import Sector, Stage, ThreadKind, Visibility


@dataclass(frozen=True)
class Organisation:
    """One of the organisations that take part."""

    new: NewOrganisation

    @property
    def id(self) -> str:
        """Its id on every node."""
        return id_of("demo", "organisation", self.new.name)


@dataclass(frozen=True)
class Person:
    """One of the members."""

    organisation: Organisation
    new: NewMember

    @property
    def id(self) -> str:
        """Their id on every node."""
        return id_of("demo", "member", self.new.handle)


@dataclass(frozen=True)
class Said:
    """A post, so long before now."""

    by: Person
    ago: timedelta
    text: str


@dataclass(frozen=True)
class Thread:
    """A thread that is there from the beginning; `accepted` is the place of the answer its asker accepted."""

    kind: ThreadKind
    title: str
    posts: tuple[Said, ...]
    interests: tuple[str, ...] = ()
    accepted: int | None = None

    @property
    def id(self) -> str:
        """Its id on every node."""
        return id_of("demo", "thread", self.title)

    def post_id(self, place: int) -> str:
        """The id of its post at `place`, from 0."""
        return id_of("demo", "post", self.title, str(place))


@dataclass(frozen=True)
class Community:
    """A community with its people, the first of whom facilitates it, and its threads."""

    new: NewCommunity
    people: tuple[Person, ...]
    threads: tuple[Thread, ...] = ()

    @property
    def id(self) -> str:
        """Its id on every node."""
        return id_of("demo", "community", self.new.title)


def _organisation(name: str, sector: Sector, geography: str) -> Organisation:
    return Organisation(NewOrganisation(name=name, sector=sector, geography=geography))


def _person(organisation: Organisation, name: str, profession: str, *interests: str) -> Person:
    handle = name.lower().replace(" ", ".")
    email = f"{handle}@example.org"  # an address that is nobody's, RFC 2606
    new = NewMember(name=name, handle=handle, profession=profession, interests=interests, email=email)
    return Person(organisation, new)


BOARD = _organisation("Gwernlan Health Board", Sector.HEALTH, "Wales")
COUNCIL = _organisation("Eastmarch Council", Sector.SOCIAL_CARE, "England")
UNIVERSITY = _organisation("University of Strathnairn", Sector.HIGHER_EDUCATION, "Scotland")
CHARITY = _organisation("Steady On", Sector.VOLUNTARY, "Northern Ireland")

ANN = _person(BOARD, "Ann Price", "physiotherapist", "falls prevention")
BOB = _person(COUNCIL, "Bob Ashworth", "care-home manager", "falls prevention")
CATRIONA = _person(UNIVERSITY, "Catriona Munro", "lecturer", "co-design")
DAFYDD = _person(BOARD, "Dafydd Rees", "occupational therapist", "housing")
EMEKA = _person(COUNCIL, "Emeka Obi", "social worker", "co-design")
FIONA = _person(CHARITY, "Fiona Quinn", "volunteer coordinator", "strength and balance")
GRACE = _person(UNIVERSITY, "Grace Lindsay", "statistician", "evaluation")

FALLS = Community(
    NewCommunity(
        title="Falls prevention at home",
        charter=Charter(
            domain="Falls of older people at home and in care homes",
            purpose="Fewer falls, by telling each other what was tried and what came of it",
            audience="Physiotherapists, care-home staff, social workers, volunteers, researchers",
            intended_output="A guide to home visits that each organisation can adapt",
        ),
        visibility=Visibility.OPEN,
        stage=Stage.COALESCING,
        similar_seen=True,
    ),
    (ANN, BOB, CATRIONA, DAFYDD, EMEKA, FIONA, GRACE),
    (
        Thread(
            ThreadKind.QUESTION,
            "How do you keep people going after the twelve-week class?",
            (
                Said(
                    ANN,
                    timedelta(days=3, hours=4),
                    "Half of our people stop within a month of the last class. What has worked **where you are**?",
                ),
                Said(
                    FIONA,
                    timedelta(days=3, hours=1),
                    "We pair people up before the class ends. They ring each other on Mondays; most still do.",
                ),
                Said(
                    BOB,
                    timedelta(days=2, hours=7),
                    "In our homes the exercises moved into the morning routine: two at breakfast, two at tea.\n\n"
                    "Staff needed *one* afternoon of training for it.",
                ),
            ),
            interests=("falls prevention", "strength and balance"),
            accepted=1,
        ),
        Thread(
            ThreadKind.EXPERIENCE,
            "A checklist for home visits that residents filled in themselves",
            (
                Said(
                    EMEKA,
                    timedelta(days=1, hours=5),
                    "## Context\n\nVisits took an hour, most of it forms.\n\n"
                    "## What we did\n\nResidents got the checklist a week before, in large print.\n\n"
                    "## What happened\n\nVisits became talks about what *they* had noticed; a third found a hazard "
                    "that we had never asked about.\n\n"
                    "## What we would change\n\nAsk families to look too.",
                ),
            ),
            interests=("co-design",),
        ),
    ),
)

EVALUATION = Community(
    NewCommunity(
        title="Evaluation group of the falls project",
        charter=Charter(
            domain="What the falls project shows, before it is published",
            purpose="Agree on the analysis, and look at early figures in confidence",
            audience="Those whom the participating organisations have named",
        ),
        visibility=Visibility.CLOSED,
        stage=Stage.COALESCING,
        similar_seen=True,
    ),
    (GRACE, CATRIONA, ANN),
    (
        Thread(
            ThreadKind.DISCUSSION,
            "Which baseline do we compare with?",
            (
                Said(
                    GRACE,
                    timedelta(hours=30),
                    "The winter before, or the year before? The first is nearer, the second is steadier.",
                ),
            ),
        ),
    ),
)

ORGANISATIONS = (BOARD, COUNCIL, UNIVERSITY, CHARITY)
COMMUNITIES = (FALLS, EVALUATION)
SIGNING_IN = (ANN, BOB, CATRIONA)
"""Those who get a token; the first asks, the second is told."""
CLIENT_OF = BOARD
"""The organisation whose own system gets a client."""
AGREEING = (ANN, BOB)
"""Whose organisations have an agreement about the open community; the two are its contacts."""
