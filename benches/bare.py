"""The limit for the gateway: a bare Flask application doing the same work on MongoDB in its own process.

The same indexed queries and the same transaction as the services make for the same request, on the
same databases, and `jsonify` of what came: nobody is asked who they are, nothing is checked, nothing
is published. It runs under the same server with the same number of threads.
"""

import os
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import Flask, Response, jsonify, request  # noqa: TID251 - the limit is bare Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from pymongo import MongoClient

COPIED = ("member", "organisation")


def application() -> Flask:
    """Three views: a thread, a list of threads, a post."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        os.environ["COMMONPLACE_MONGO"], w="majority", journal=True, tz_aware=True
    )
    base = client[f"{os.environ['COMMONPLACE_DATABASE_PREFIX']}_discussion"]
    app = Flask("bare")

    def copies(
        community: str, reader: str, authors: set[str], organisations: set[str | None]
    ) -> list[dict[str, Any]]:
        ids = [f"community:{community}", f"membership:{community}:{reader}", f"member:{reader}"]
        ids += [f"member:{author}" for author in authors]
        ids += [f"organisation:{organisation}" for organisation in organisations]
        return list(base["copies"].find({"_id": {"$in": ids}}))

    @app.get("/threads/<thread>")
    def read(thread: str) -> Response:
        found = base["threads"].find_one({"_id": thread}) or {}
        order = [("posted_at", 1), ("place", 1), ("_id", 1)]
        posts = list(base["posts"].find({"thread": thread}).sort(order).limit(51))
        known = copies(
            found["community"],
            request.args["reader"],
            {post["author"] for post in posts},
            {post["organisation"] for post in posts},
        )
        return jsonify(thread=found, posts=posts, copies=known)

    @app.get("/communities/<community>/threads")
    def listing(community: str) -> Response:
        order = [("last_post_at", -1), ("_id", -1)]
        found = list(base["threads"].find({"community": community}).sort(order).limit(51))
        known = copies(
            community,
            request.args["reader"],
            {each["author"] for each in found},
            {each["organisation"] for each in found},
        )
        return jsonify(threads=found, copies=known)

    @app.post("/threads/<thread>/posts")
    def post(thread: str) -> Response:
        body = request.get_json()
        author, moment = request.args["reader"], datetime.now(UTC)
        found = base["threads"].find_one({"_id": thread}) or {}
        known = copies(found["community"], author, {author}, set())
        document = {
            "_id": str(ObjectId()), "thread": thread, "community": found["community"], "author": author,
            "organisation": None, "title": found["title"], "text": body["text"], "html": body["text"],
            "mentions": [], "once_mentioned": [], "reactions": {}, "posted_at": moment, "place": 0,
            "edited_at": None, "revision": 1,
        }  # fmt: skip
        answer = {"_id": request.headers["Idempotency-Key"], "answer": body["text"], "at": moment}
        told = {"_id": str(ObjectId()), "body": body["text"], "told_at": moment, "due": moment}
        with client.start_session() as session:

            def together(session: Any) -> None:
                base["posts"].insert_one(document, session=session)
                change = {"$inc": {"posts": 1}, "$max": {"last_post_at": moment}}
                base["threads"].update_one({"_id": thread, "state": "open"}, change, session=session)
                base["bare_answers"].insert_one(answer, session=session)
                base["bare_outbox"].insert_one(told, session=session)

            session.with_transaction(together)
        base["bare_outbox"].delete_one({"_id": told["_id"]})
        return jsonify(post=document, copies=known)

    return app


if __name__ == "__main__":
    Granian(
        "benches.bare:application",
        address="127.0.0.1",
        port=int(os.environ["BARE_PORT"]),
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=int(os.environ["BARE_THREADS"]),
        backlog=1024,
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
    ).serve()
