"""Gathering and erasing piece by piece, on a real MongoDB: nothing twice, nothing missing, two at once or one after another's death."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.calls.call import Answer, Call, Caller, Once
from shared.wiring import erasing, gathering
from shared.wiring.answers import ANSWERS
from shared.wiring.erasing import ERASING, PIECE, removing
from shared.wiring.gathering import AT_ONCE, LARGEST, PARTS, Section, documents, fields
from shared.wiring.store import Store, Work, connect, new_id, now

ANN, BOB = "a" * 24, "b" * 24
EXPORT = "e" * 24
MANY = 2 * PIECE + 3


@pytest.fixture
def store(mongo_url: str, database_prefix: str) -> Iterator[Store]:
    client = connect(mongo_url)
    store = Store(client, f"{database_prefix}_pieces_{new_id()[-8:]}", "pieces")
    store.ensure({**gathering.INDEXES, ERASING: erasing.INDEXES, "words": [], "nothing": [], "receipts": []})
    store.database["words"].insert_many(
        [{"_id": f"{number:06}", "by": ANN, "text": f"Number {number}"} for number in range(MANY)]
        + [{"_id": "of bob", "by": BOB, "text": "Bob's"}]
    )
    yield store
    client.drop_database(store.database.name)
    client.close()


def committed(store: Store, fill: Any) -> None:
    work = Work()
    fill(work)
    store.commit(work)


class Died(Exception):
    """As a process does, at any moment."""


def sections(store: Store) -> list[Section]:
    return [
        Section("words", documents(store, "words", {"by": ANN}, fields("text"))),
        Section("nothing", documents(store, "nothing", {}, fields("text"))),
    ]


def dying_after(section: Section, pieces: int) -> Section:
    left = pieces

    def read(after: Any, limit: int) -> Any:
        nonlocal left
        if not left:
            raise Died
        left -= 1
        return section.read(after, limit)

    return section._replace(read=read)


def finishing(finished: list[int]) -> Any:
    def finish(work: Work, parts: int) -> None:
        work.insert("receipts", {"_id": len(finished)})
        finished.append(parts)

    return finish


def files(store: Store, parts: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for number in range(parts):
        part = gathering.part(store, EXPORT, number, ANN)
        assert part is not None
        found.setdefault(part["file"], []).extend(json.loads(f"[{part['body']}]"))
    return found


def test_what_is_gathered_is_whole_however_often_a_process_dies(store: Store) -> None:
    committed(store, lambda work: gathering.begin(work, EXPORT, ANN, now() + timedelta(days=1)))
    finished: list[int] = []
    for _ in range(MANY):
        (row,) = gathering.due(store)
        words, nothing = sections(store)
        try:
            gathering.gather(store, row, [dying_after(words, 3), nothing], finishing(finished))
        except Died:
            continue
        break
    assert not gathering.due(store)
    (parts,) = finished
    found = files(store, parts)
    assert [word["text"] for word in found["words"]] == [f"Number {number}" for number in range(MANY)]
    assert found["nothing"] == [], "a file with nothing in it is there too"
    assert gathering.part(store, EXPORT, 0, BOB) is None, "and is nobody else's"
    assert gathering.part(store, EXPORT, parts, ANN) is None
    committed(store, lambda work: gathering.drop(work, EXPORT))
    assert store.database[PARTS].count_documents({}) == 0


def test_two_that_gather_at_once_lay_nothing_down_twice(store: Store) -> None:
    committed(store, lambda work: gathering.begin(work, EXPORT, ANN, now() + timedelta(days=1)))
    (row,) = gathering.due(store)
    finished: list[int] = []
    for _ in range(2):  # the second with what it had read before
        gathering.gather(store, row, sections(store), finishing(finished))
    (parts,) = finished
    assert len(files(store, parts)["words"]) == MANY
    assert store.database[PARTS].count_documents({}) == parts


def test_parts_are_bounded_and_a_thing_that_is_larger_is_whole(store: Store) -> None:
    store.database["words"].delete_many({})
    texts = ["x" * (LARGEST // 3)] * 4 + ["y" * 3 * LARGEST, "z"]
    store.database["words"].insert_many(
        [{"_id": f"{number}", "by": ANN, "text": text} for number, text in enumerate(texts)]
    )
    assert len(texts) < AT_ONCE
    committed(store, lambda work: gathering.begin(work, EXPORT, ANN, now() + timedelta(days=1)))
    finished: list[int] = []
    gathering.gather(store, gathering.due(store)[0], sections(store), finishing(finished))
    sizes = [len(part["body"]) for part in store.database[PARTS].find({"file": "words"})]
    assert sorted(size > LARGEST for size in sizes) == [False] * (len(sizes) - 1) + [True]
    assert [word["text"] for word in files(store, finished[0])["words"]] == texts


def begun(store: Store) -> dict[str, Any]:
    committed(store, lambda work: erasing.begin(work, ANN, timedelta(0), email="ann@example.org"))
    (row,) = erasing.due(store)
    return row


def test_it_waits_until_what_is_on_its_way_has_come(store: Store) -> None:
    committed(store, lambda work: erasing.begin(work, ANN, timedelta(minutes=1)))
    assert erasing.due(store) == []
    assert set(erasing.among(store, [ANN, BOB])) == {ANN}
    assert erasing.among(store, []) == {}


def test_what_is_erased_is_counted_once_however_often_a_process_dies(store: Store) -> None:
    begun(store)
    step = removing(store, "words", {"by": ANN})
    receipts: list[Mapping[str, int]] = []

    def finish(work: Work, erased: Mapping[str, int]) -> None:
        work.insert("receipts", {"_id": len(receipts)})
        receipts.append(erased)

    for _ in range(10):
        left = 1

        def find(limit: int) -> list[Any]:
            nonlocal left
            if not left:
                raise Died
            left -= 1
            return step.find(limit)

        (row,) = erasing.due(store)
        try:
            erasing.erase(store, row, [step._replace(find=find)], finish, ("email",))
        except Died:
            if store.database["words"].count_documents({"by": ANN}):
                continue
            (row,) = erasing.due(store)
            for _ in range(2):  # the second with what it had read before
                erasing.erase(store, row, [step], finish, ("email",))
            break
    assert receipts[0] == {"words": MANY}
    assert store.database["receipts"].count_documents({}) == 1
    assert [row["text"] for row in store.database["words"].find()] == ["Bob's"]
    (kept,) = store.database[ERASING].find()
    assert "email" not in kept and "begins" not in kept


def test_remembered_answers_go_or_are_without_them(store: Store) -> None:
    store.database[ANSWERS].insert_many(
        [
            {"_id": f".{ANN}:one", "member": ANN, "names": [ANN], "answer": "{}"},
            {"_id": f"client.{ANN}:two", "member": ANN, "names": [ANN, BOB], "answer": "{}"},
            {
                "_id": f".{BOB}:three",
                "member": BOB,
                "names": [ANN, BOB],
                "answer": json.dumps({"member": ANN, "name": "Ann"}),
            },
            {
                "_id": f".{BOB}:four",
                "member": BOB,
                "names": [BOB],
                "answer": json.dumps({"member": BOB, "name": "Bob"}),
            },
        ]
    )
    steps = [
        erasing.of_answers_to(store, ANN),
        erasing.in_answers(store, [ANN], lambda answer: answer.replace('"Ann"', '"Nobody"')),
    ]
    counts: list[Mapping[str, int]] = []
    erasing.erase(store, begun(store), steps, lambda _work, erased: counts.append(erased))
    assert counts == [{ANSWERS: 3}]
    left = {row["_id"]: json.loads(row["answer"])["name"] for row in store.database[ANSWERS].find()}
    assert left == {f".{BOB}:three": "Nobody", f".{BOB}:four": "Bob"}


def test_an_erasure_finds_answers_by_an_index_however_many_there_are(store: Store) -> None:
    class Named(Answer):
        member: str
        by: str = "ann@example.org"

    once = Once(key=f".{BOB}:five", fingerprint="f")
    store.commit(Work(), Call(caller=Caller(member=BOB), once=once), Named(member=ANN))
    others = [{"_id": f"other {number}", "names": [], "answer": "{}"} for number in range(MANY)]
    store.database[ANSWERS].insert_many(others)
    steps = [
        erasing.of_answers_to(store, ANN),
        erasing.in_answers(store, [ANN, "ann@example.org"], lambda answer: answer.replace(ANN, "nobody")),
    ]
    database = store.database
    database.command("profile", 2)
    counts: list[Mapping[str, int]] = []
    erasing.erase(store, begun(store), steps, lambda _work, erased: counts.append(erased))
    database.command("profile", 0)
    assert counts == [{ANSWERS: 1}]
    which = {"ns": f"{database.name}.{ANSWERS}", "op": {"$in": ["query", "remove", "update"]}}
    seen = list(database["system.profile"].find(which))
    assert seen
    for operation in seen:
        assert operation.get("docsExamined", 0) <= 1, operation["command"]
        assert operation.get("keysExamined", 0) <= 4, operation["command"]


def test_an_export_that_has_ended_is_not_gathered_when_it_is_asked_for_late(store: Store) -> None:
    committed(store, lambda work: gathering.drop(work, EXPORT))
    committed(store, lambda work: gathering.begin(work, EXPORT, ANN, now() + timedelta(days=1)))
    assert gathering.due(store) == []
    assert ANN not in json.dumps(list(store.database[gathering.GATHERING].find()), default=str)


def test_one_that_ends_while_it_is_gathered_leaves_nothing(store: Store) -> None:
    committed(store, lambda work: gathering.begin(work, EXPORT, ANN, now() + timedelta(days=1)))
    (row,) = gathering.due(store)
    words, nothing = sections(store)

    def read(after: Any, limit: int) -> Any:
        if after is not None:
            committed(store, lambda work: gathering.drop(work, EXPORT))
        return words.read(after, limit)

    finished: list[int] = []
    gathering.gather(store, row, [words._replace(read=read), nothing], finishing(finished))
    assert not finished and not gathering.due(store)
    assert store.database[PARTS].count_documents({}) == 0


def test_nothing_is_gathered_for_nor_handed_to_who_is_to_be_erased(store: Store) -> None:
    committed(store, lambda work: gathering.begin(work, EXPORT, ANN, now() + timedelta(days=1)))
    gathering.gather(store, gathering.due(store)[0], sections(store), finishing([]))
    assert gathering.part(store, EXPORT, 0, ANN)
    committed(store, lambda work: erasing.begin(work, ANN, timedelta(minutes=1)))
    assert gathering.part(store, EXPORT, 0, ANN) is None, "from the moment at which it is heard"
    late = "f" * 24
    committed(store, lambda work: gathering.begin(work, late, ANN, now() + timedelta(days=1)))
    assert gathering.due(store) == []
    assert not store.database[gathering.GATHERING].find_one({"_id": late, "member": ANN})
