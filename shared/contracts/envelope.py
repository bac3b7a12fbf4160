"""How a fact travels: a contract wrapped in a CloudEvents 1.0 envelope, in its structured JSON form.

Source: CloudEvents 1.0.2, https://github.com/cloudevents/spec (JSON format; `traceparent` from the
distributed-tracing extension).
"""

from typing import Any, ClassVar, Generic, Literal, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict

from shared.contracts.vocabulary import Moment


class Contract(BaseModel):
    """One version of one fact that a service tells; subclasses name their speaker, word and version.

    Unknown fields are an error when a contract is built; `Envelope.read` ignores them on arrival.
    A new optional field is the same version; anything else is a new class beside the old one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    speaker: ClassVar[str]
    word: ClassVar[str]
    version: ClassVar[int] = 1
    heard_by: ClassVar[tuple[str, ...]] = ()
    """The services that listen: the speaker makes their queues before its first word, so that none is lost."""

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type, which is also the routing key, such as `commonplace.discussion.post-added.v1`."""
        return f"commonplace.{cls.speaker}.{cls.word}.v{cls.version}"

    @property
    def about(self) -> str:
        """The id of the thing this fact is about (CloudEvents `subject`): the contract's first field."""
        return str(getattr(self, next(iter(type(self).model_fields))))


C = TypeVar("C", bound=Contract)


class Envelope(BaseModel, Generic[C]):
    """A fact with what is needed to carry it: who said it, when, about what, and under which trace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: Moment
    datacontenttype: Literal["application/json"] = "application/json"
    traceparent: str | None = None
    data: C

    @classmethod
    def wrap(
        cls, fact: C, *, id: str, source: str, time: Any, traceparent: str | None = None
    ) -> "Envelope[C]":
        """Wrap `fact` for the road; `id` is unique within `source`, `time` an aware datetime."""
        kind = cast("type[Envelope[C]]", Envelope.__class_getitem__(type(fact)))
        return kind(
            id=id,
            source=source,
            type=fact.type(),
            subject=fact.about,
            time=time,
            traceparent=traceparent,
            data=fact,
        )

    @classmethod
    def read(cls, body: bytes | str) -> Self:
        """Read what arrived as `Envelope[SomeContract]`, patiently: fields we do not know are passed over.

        Raises pydantic's `ValidationError` when what must be there is not.
        """
        return cls.model_validate_json(body, extra="ignore")
