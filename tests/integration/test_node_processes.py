"""A node's processes get ready, outlive each other's deaths, and end by themselves when they are asked to."""

from tests.conftest import StartNode


def test_a_killed_process_is_gone_and_comes_back_alone(
    node: StartNode, fresh_environment: dict[str, str]
) -> None:
    small = node(fresh_environment, {"membership": 2})
    first, second = small["membership"], small["membership-2"]
    was = first.pid
    second.kill()
    assert second.pid is None and not second.is_ready()
    assert first.pid == was and first.is_ready()
    second.start()
    second.wait_ready()


def test_a_process_that_is_asked_to_end_does_so_with_0(
    node: StartNode, fresh_environment: dict[str, str]
) -> None:
    process = node(fresh_environment, {"membership": 1})["membership"]
    process.stop()
    assert process.exit_code == 0
