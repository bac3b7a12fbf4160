"""Schemathesis reads the OpenAPI document and tries, for a bounded time, to make the node break its word.

The caller is a partner's client that acts for a member, because a member's own token could be ended on
the way. What must hold of every answer: no server error, only statuses, media types, headers and schemas that
the document names; what the document forbids is refused, and what it allows is not called malformed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.gateway.problems import KINDS
from tests.e2e.api.conftest import Neighbours, Town, access_token, let_in, start_community

SEED = "20261123"
CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
}
# In stories, ids that were violated on purpose are put right again by the configuration, and then look
# as if the door were lax; so what must be refused is tried in single requests.
RUNS = {
    "single requests": ("examples,coverage,fuzzing", 50, CHECKS | {"negative_data_rejection"}),
    "stories": ("stateful", 25, CHECKS),
}
HOOKS = Path(__file__).with_name("schemathesis_reasons.py")
# A rule of the business that no schema can say may refuse what is well formed; that it is called malformed (422)
# needs one of the reasons in HOOKS.
REFUSED_BY_RULES = sorted({kind.status for kind in KINDS.values() if kind.status in (403, 404, 409, 412)})
CONFIG = """
[generation]
# Everything printable may be sent; what HTTP itself forbids in a header never arrives.
codec = "utf-8"

[checks]
positive_data_acceptance.expected-statuses = ["2xx", "304", {refused}]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428]

missing_required_header.expected-statuses = [400, 428]

[[operations]]
# A cursor looks like any text.
include-method = "GET"
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", 400, {refused}]

[[operations]]
# Whoever leaves their organisation cannot ask for anything any more.
include-operation-id = "leave_organisation"
enabled = false

[[operations]]
# Another process answers it, and never to the end.
include-operation-id = "open_stream"
enabled = false

[parameters]
"path.community" = "{community}"
"path.thread" = "{thread}"
"path.post" = "{post}"
"path.member" = "{member}"
"path.organisation" = "{organisation}"
"header.Commonplace-Member" = "{caller}"
"""


@pytest.mark.parametrize(("phases", "seconds", "checks"), RUNS.values(), ids=RUNS.keys())
def test_the_node_keeps_the_word_of_its_document(
    town: Town, neighbours: Neighbours, tmp_path: Path, phases: str, seconds: int, checks: set[str]
) -> None:
    person = town.person(neighbours.first, "Sche Ma")
    community = start_community(person, "restricted")
    let_in(person, community, neighbours.mair)
    question = {"kind": "question", "title": "Why?", "text": "Tell me."}
    thread = person.made(f"/v1/communities/{community}/threads", question)["thread"]
    post = neighbours.mair.made(f"/v1/threads/{thread}/posts", {"text": "Because."})["post"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        CONFIG.format(
            refused=", ".join(map(str, REFUSED_BY_RULES)),
            community=community,
            thread=thread,
            post=post,
            member=neighbours.mair.id,
            organisation=neighbours.first,
            caller=person.id,
        )
    )
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            str(config),
            "run",
            f"{town.url}/v1/openapi.json",
            "--header",
            f"Authorization: Bearer {access_token(town, *town.client(neighbours.first)).json()['access_token']}",
            "--checks",
            ",".join(sorted(checks)),
            "--phases",
            phases,
            "--max-time",
            str(seconds),
            "--seed",
            SEED,
            "--no-shrink",
            "--generation-database",
            "none",
            "--warnings",
            "off",
            "--continue-on-failure",
            "--suppress-health-check",
            "all",
        ],
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)},
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        cwd=tmp_path,
        check=False,
    )
    (tmp_path / "schemathesis.txt").write_text(run.stdout + run.stderr)
    assert run.returncode == 0, run.stdout[-15_000:] + run.stderr[-2_000:]
    assert neighbours.mair.get("/v1/me").status_code == 200, "the node is well afterwards"
