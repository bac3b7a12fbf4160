"""The live stream in the OpenAPI document: the one operation that another process answers."""

from services.gateway.door.document_words import Json

PATH = "/v1/stream"
SCOPE = "inbox:read"
LONGEST_POSITION = 4_012
"""Characters of `Last-Event-ID`, as the stream reads it."""
PROBLEMS = (
    "bad-request",
    "unauthenticated",
    "insufficient-scope",
    "not-allowed",
    "member-needed",
    "member-unknown",
    "invalid",
    "too-many-requests",
    "internal-error",
    "unavailable",
)


def path_item(server: str, problems: Json) -> Json:
    """The path.

    Args:
        server: the address of the stream process.
        problems: the responses to what is refused, by status.
    """
    opened = {
        "description": "An event stream that stays open. Each event is called `notification`; its data are "
        "a notification as in the inbox, its id is what to send as `Last-Event-ID`.",
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}},
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    return {
        "servers": [{"url": server, "description": "The live stream has a server of its own."}],
        "get": {
            "operationId": "open_stream",
            "summary": "Hear of what comes into one's inbox as it comes",
            "description": "Opened again with the `Last-Event-ID` of the last event that came, it goes on "
            f"there, from up to a week ago. `curl -N` shows it as it comes.\n\nScope: `{SCOPE}`.",
            "tags": ["inbox"],
            "security": [{"personal_token": []}, {"client_credentials": [SCOPE]}],
            "parameters": [
                {"$ref": "#/components/parameters/Commonplace-Member"},
                {
                    "name": "Last-Event-ID",
                    "in": "header",
                    "required": False,
                    "description": "The id of the last event that came.",
                    "schema": {"type": "string", "maxLength": LONGEST_POSITION},
                },
            ],
            "responses": {"200": opened, **problems},
        },
    }
