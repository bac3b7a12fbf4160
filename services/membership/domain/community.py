"""A community: its charter, who may know of it, and its stage."""

from datetime import datetime

from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import Charter
from shared.contracts.membership import CommunityChanged
from shared.contracts.vocabulary import Role, Stage, Visibility
from shared.errors import Conflict, NotAllowed, NotFound


class Community(State):
    """A community as it stands.

    Args:
        facilitators: how many facilitate it; kept by the store with every change of a place in it.
    """

    title: str
    charter: Charter
    visibility: Visibility
    stage: Stage
    facilitators: int = 0
    created_at: datetime

    @property
    def is_archived(self) -> bool:
        """Whether it rests: it can be read, and nobody enters it."""
        return self.stage is Stage.ARCHIVED

    def shown(self, role: Role | None, members: int) -> calls.Community:
        """The community, which has `members` people (guests too), for a caller whose own role in it is `role`."""
        return calls.Community(
            community=self.id,
            title=self.title,
            charter=self.charter,
            visibility=self.visibility,
            stage=self.stage,
            members=members,
            role=role,
            created_at=self.created_at,
            revision=self.revision,
        )


def no_such_community() -> NotFound:
    """The one refusal for a community that isn't there and for one the caller may not know of."""
    return NotFound("There is no such community, or you may not know of it.", where="community")


def check_known(community: Community | None, caller: Caller, role: Role | None) -> Community:
    """Refuse a community that is not there or is closed to the caller; returns it otherwise.

    Args:
        role: the caller's own role in it, None when they are not in it.

    Raises:
        NotFound: the same in both cases.
    """
    if community is None:
        raise no_such_community()
    hidden = community.visibility is Visibility.CLOSED or caller.is_outsider
    if hidden and role is None and not caller.operator:
        raise no_such_community()
    return community


def check_takes_people(community: Community) -> None:
    """Refuse that anybody enters an archived community.

    Raises:
        Conflict: `community-archived`.
    """
    if community.is_archived:
        raise Conflict(
            "This community is archived and takes nobody in; a facilitator can renew it.",
            "community-archived",
            "community",
        )


def check_can_be_joined(community: Community) -> None:
    """Refuse that somebody who knows of a closed community, such as its guest, joins it unasked.

    Raises:
        NotAllowed: `by-invitation-only`.
    """
    if community.visibility is Visibility.CLOSED:
        raise NotAllowed(
            "This community is joined by invitation only; ask a facilitator.",
            "by-invitation-only",
            "community",
        )


def start(id: str, new: calls.NewCommunity, at: datetime) -> tuple[Community, CommunityChanged]:
    """Make a community of what its founder sent; returns it, yet without people, with the fact that tells of it."""
    community = Community(
        id=id,
        title=new.title,
        charter=new.charter,
        visibility=new.visibility,
        stage=new.stage,
        created_at=at,
    )
    return community, told(community)


def change(community: Community, changes: calls.CommunityChanges) -> tuple[Community, list[CommunityChanged]]:
    """Apply what a facilitator changes; nothing is told when nothing is different.

    An archived community changes only by being renewed, that is with another stage.

    Raises:
        Conflict: `community-archived`.
    """
    asked = {
        field: value
        for field in ("title", "charter", "visibility", "stage")
        if (value := getattr(changes, field)) is not None and value != getattr(community, field)
    }
    if not asked:
        return community, []
    if community.is_archived and "stage" not in asked:
        raise Conflict(
            "This community is archived; renew it by giving it another stage.", "community-archived", "stage"
        )
    changed = community.model_copy(update={**asked, "revision": community.revision + 1})
    return changed, [told(changed)]


def told(community: Community) -> CommunityChanged:
    """The fact that tells a community as it now stands."""
    return CommunityChanged(
        community=community.id,
        title=community.title,
        visibility=community.visibility,
        stage=community.stage,
        revision=community.revision,
    )
