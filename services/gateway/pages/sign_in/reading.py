"""What these pages read of a request: one form, one address, and no way to anywhere else."""

import re
from typing import TypeVar

from flask import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict

from services.gateway.door.bodies import STRANGERS, Bodies
from services.gateway.door.reading import invalid
from services.gateway.problems import Problem
from shared.contracts.vocabulary import Email

M = TypeVar("M", bound=BaseModel)
LARGEST_FORM = 8_192
HERE = "/sign-in"
LOCAL = re.compile(r"/(?![/\\])[!-~]{0,500}")
EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def read_form(request: Request, bodies: Bodies) -> dict[str, str]:
    """The fields of the form that was sent.

    Raises:
        Problem: it is too large, no form, or has a field twice.
    """
    request.max_content_length = LARGEST_FORM
    body = bodies.whole(request, STRANGERS)
    if body and request.mimetype != "application/x-www-form-urlencoded":
        raise Problem("unsupported-media-type", "Send the form of the page.")
    return read_once(request.form)


def read_as(model: type[M], form: dict[str, str]) -> M:
    """The fields of a form as a thing that membership is sent.

    Raises:
        Problem: they are none.
    """
    try:
        return model.model_validate(form)
    except ValidationError as error:
        problem = invalid(error)
        what = "; ".join(f"{fault.where}: {fault.what}" for fault in problem.errors)
        raise Problem("invalid", f"What was sent cannot be read ({what}). Begin again.") from None


def read_once(values: MultiDict[str, str]) -> dict[str, str]:
    """Parameters that may each be given once.

    Raises:
        Problem: one is given twice.
    """
    if any(len(several) > 1 for several in values.listvalues()):
        raise Problem("bad-request", "Something is given twice. Begin again.")
    return values.to_dict()


def read_email(text: str) -> str | None:
    """An e-mail address in lower case; None when it is none."""
    try:
        return EMAIL.validate_python(text)
    except ValidationError:
        return None


def local(path: str | None) -> str:
    """An address on this node, whatever was asked for: nobody is led elsewhere from here."""
    return path if path and LOCAL.fullmatch(path) and "\\" not in path else HERE
