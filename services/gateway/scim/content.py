"""From a SCIM resource to what membership keeps of it, and back."""

import json
import re
from typing import Any

from pydantic import TypeAdapter, ValidationError
from scim2_models import Group, InvalidValueException, Meta, Resource, ResourceType

from services.gateway.scim.provider import User
from shared.contracts.calls.membership import DirectoryEntry, DirectoryPerson, EntryContent, EntryKind
from shared.contracts.vocabulary import Email

KINDS = {"User": EntryKind.USER, "Group": EntryKind.GROUP}
NAMES = {kind: name for name, kind in KINDS.items()}
VERSION = re.compile(r'W/"([0-9]{1,15})"')
EMAIL: TypeAdapter[str] = TypeAdapter(Email)
WORDS = {
    "user_name": "userName",
    "external_id": "externalId",
    "profession": "title",
    "name": "displayName or name",
    "email": "emails",
}


def kind_of(resource_type: ResourceType) -> EntryKind:
    """Which kind of entry a resource type is."""
    return KINDS[str(resource_type.name)]


def content_of(resource: Resource[Any]) -> EntryContent:
    """What membership is told of a resource.

    Raises:
        InvalidValueException: a name, title or id is longer than 200 characters or holds control characters, or
            a group has more members than can be kept.
    """
    sent = resource.model_dump(mode="json")
    document = {key: value for key, value in sent.items() if key not in ("id", "meta")}
    is_group = isinstance(resource, Group)
    try:
        return EntryContent(
            kind=EntryKind.GROUP if is_group else EntryKind.USER,
            document=json.dumps(document, ensure_ascii=False, separators=(",", ":")),
            user_name=resource.user_name if isinstance(resource, User) else None,
            external_id=resource.external_id or None,
            person=_person(resource) if isinstance(resource, User) else None,
        )
    except ValidationError as error:
        where = {str(fault["loc"][-1]) for fault in error.errors(include_input=False, include_url=False)}
        words = ", ".join(sorted(WORDS.get(name, name) for name in where))
        raise InvalidValueException(
            detail=f"Not right: {words}. Names, titles and ids are one line of 1 to 200 characters, and a user or "
            "group is at most 500,000 characters long."
        ) from None


def resource_of(entry: DirectoryEntry, model: type[Resource[Any]]) -> Resource[Any]:
    """The resource that an entry keeps."""
    resource = model.model_validate(json.loads(entry.document))
    resource.id = entry.entry
    resource.meta = Meta(
        resource_type=NAMES[entry.kind],
        created=entry.created_at,
        last_modified=entry.changed_at,
        version=f'W/"{entry.revision}"',
    )
    return resource


def revision_of(version: str | None) -> int | None:
    """The revision that a version names: None when none is named, and 0, which nothing has, when it is not ours."""
    if version is None:
        return None
    found = VERSION.fullmatch(version)
    return int(found.group(1)) if found else 0


def _person(user: User[Any]) -> DirectoryPerson:
    return DirectoryPerson(
        name=_shown_name(user),
        profession=(user.title or "").strip() or None,
        email=_address(user),
        active=user.active is not False,
    )


def _shown_name(user: User[Any]) -> str:
    """The name that others see: the first of several that a directory may send which says anything."""
    parts = user.name
    whole = " ".join(filter(None, (parts.given_name, parts.family_name))) if parts else ""
    formatted = (parts.formatted if parts else "") or ""
    names = (user.display_name or "", formatted, whole, (user.user_name or "").partition("@")[0])
    return next((name.strip() for name in names if name.strip()), user.user_name or "")


def _address(user: User[Any]) -> str | None:
    """Where invitations go to: the primary address, or that at work, or the first; None when there is none for us."""
    addresses = sorted(user.emails or [], key=lambda email: (not email.primary, email.type != "work"))
    for address in addresses:
        try:
            return EMAIL.validate_python(address.value)
        except ValidationError:
            continue
    return None
