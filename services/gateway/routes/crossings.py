"""Crossings: what an organisation's systems get to see of a thread or post, and why."""

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.door.resource import Asked, Resource
from shared.contracts.calls.discussion import ExplainCrossing
from shared.contracts.vocabulary import Id

crossings = Resource("crossings", "What crosses an organisation's border, and by which agreement.")


class CrossingQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    item: Id = Field(description="A thread or a post.")
    organisation: Id = Field(description="Whose systems would read it.")


@crossings.reads("/crossings", ExplainCrossing, scope="agreements:read")
def explain_crossing(asked: Asked, query: CrossingQuery) -> ExplainCrossing:
    """Explain what an organisation's systems get to see of a thread or post, and why.

    By an organisation's own client, of what its own people wrote, or of what it gets to see itself; by a member
    likewise, of what they may read.
    """
    return ExplainCrossing(caller=asked.caller, item=query.item, organisation=query.organisation)
