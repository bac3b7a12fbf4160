"""The AsyncAPI 3 document of everything that is told: channels, who sends, who receives, and the messages.

Source: AsyncAPI 3.0.0 and its AMQP bindings 0.3.0, https://www.asyncapi.com/docs/reference.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.contracts.envelope import Contract, Envelope
from shared.contracts.notifications import NUDGES, Nudge
from shared.contracts.speakers import SPEAKERS, facts_of
from shared.wiring import queues

Json = dict[str, Any]

REF = "#/components/schemas/{model}"
CLOUD_EVENT = "application/cloudevents+json"
KEPT = 2
PASSING = 1


def asyncapi_document() -> Json:
    """Return the document, ready for `json.dumps`."""
    facts = [fact for speaker in SPEAKERS for fact in facts_of(speaker)]
    return {
        "asyncapi": "3.0.0",
        "id": "urn:commonplace:node",
        "info": {
            "title": "Commonplace: what the services of a node tell each other",
            "version": version("commonplace"),
            "description": (
                "Each fact is told on the topic exchange of the service that tells it, with its type as the "
                "routing key, and waits in one quorum queue for each service that hears it. Facts may arrive "
                "more than once and in any order: `id` is unique within `source`, and facts that others copy "
                "carry a `revision`. Pass over fields that you don't know; they may be added at any time."
            ),
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": CLOUD_EVENT,
        "channels": {_channel_id(fact): _channel(fact) for fact in facts},
        "operations": {name: operation for fact in facts for name, operation in _operations(fact)},
        "components": {
            "messages": {fact.__name__: _message(fact) for fact in facts},
            "schemas": _schemas(facts),
        },
    }


def exchange_name(fact: type[Contract]) -> str:
    """Return the exchange through which a fact goes."""
    return NUDGES if fact is Nudge else queues.exchange_of(fact.speaker)


def _channel_id(fact: type[Contract]) -> str:
    return fact.type().removeprefix("commonplace.")


def _channel(fact: type[Contract]) -> Json:
    exchange = {"name": exchange_name(fact), "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": fact.type(),
        "title": _in_words(fact),
        "messages": {fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operations(fact: type[Contract]) -> Iterator[tuple[str, Json]]:
    yield _telling(fact)
    for listener in fact.heard_by:
        yield _hearing(fact, listener)
    if fact is Nudge:
        sentence = "Each stream process hears it from a queue of its own, and passes it to the streams it holds open."
        yield (
            f"stream.hears.{_channel_id(fact)}",
            _operation(fact, "receive", "stream", sentence, {"ack": False}),
        )


def _telling(fact: type[Contract]) -> tuple[str, Json]:
    binding = {"deliveryMode": PASSING if fact is Nudge else KEPT, "mandatory": bool(fact.heard_by)}
    operation = _operation(fact, "send", fact.speaker, f"{fact.speaker} tells it.", binding)
    return f"{fact.speaker}.tells.{fact.word}.v{fact.version}", operation


def _hearing(fact: type[Contract], listener: str) -> tuple[str, Json]:
    queue = queues.listening_queue(listener, fact)
    sentence = f"{listener} hears it from the queue `{queue}`, and acknowledges it with its effect committed."
    return queue, _operation(fact, "receive", listener, sentence, {"ack": True})


def _operation(fact: type[Contract], action: str, service: str, sentence: str, binding: Json) -> Json:
    channel = f"#/channels/{_channel_id(fact)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": sentence,
        "tags": [{"name": service}],
        "messages": [{"$ref": f"{channel}/messages/{fact.__name__}"}],
        "bindings": {"amqp": {**binding, "bindingVersion": "0.3.0"}},
    }


def _message(fact: type[Contract]) -> Json:
    summary, _, more = (fact.__doc__ or "").strip().partition("\n")
    message = {
        "name": fact.type(),
        "title": _in_words(fact),
        "summary": summary,
        "description": " ".join(more.split()),
        "contentType": "application/json" if fact is Nudge else CLOUD_EVENT,
        "payload": {"$ref": REF.format(model=fact.__name__ if fact is Nudge else _envelope_name(fact))},
    }
    return {name: value for name, value in message.items() if value}


def _schemas(facts: Sequence[type[Contract]]) -> Json:
    models: list[type[BaseModel]] = [fact if fact is Nudge else Envelope[fact] for fact in facts]  # type: ignore[valid-type] # the type argument is known at run time only
    _, generated = models_json_schema([(model, "serialization") for model in models], ref_template=REF)
    found: Json = generated["$defs"]
    schemas = {}
    for name, schema in sorted(found.items()):
        # Strict in what we write, patient in what is read: a reader must not refuse what it doesn't know.
        schema.pop("additionalProperties", None)
        if fact := next((fact for fact in facts if name == f"Envelope_{fact.__name__}_"), None):
            schemas[_envelope_name(fact)] = _envelope(fact, schema)
        else:
            schemas[name] = schema
    return schemas


def _envelope_name(fact: type[Contract]) -> str:
    return f"{fact.__name__}Event"


def _envelope(fact: type[Contract], schema: Json) -> Json:
    schema["title"] = f"{_in_words(fact)}, as a CloudEvents 1.0 event"
    schema["description"] = f"Carries one `{fact.__name__}` in `data`."
    schema["properties"]["type"] = {"const": fact.type()}
    schema["properties"]["source"] = {"const": fact.speaker}
    return schema


def _in_words(fact: type[Contract]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", fact.__name__).capitalize()
