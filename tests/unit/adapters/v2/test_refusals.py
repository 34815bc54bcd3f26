"""What a registry says against a request is told in one clean sentence, without what only its administrators know."""

import json

import pytest

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, ConnectionFailed, Refused
from repo2docker_service.adapters.registries.v2.transport.http import Answer, Headers
from repo2docker_service.adapters.registries.v2.transport.refusals import readable, refusal


def answer(status: int, body: object = None, url: str = "https://registry.example/v2/") -> Answer:
    return Answer(status, Headers(), body if isinstance(body, bytes) else json.dumps(body).encode(), url)


def errors(**fields: object) -> dict[str, object]:
    return {"errors": [fields]}


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (404, errors(code="UNKNOWN", message="m", detail={"a": "secret"}), "it has no such thing (UNKNOWN: m)"),
        (405, errors(code="UNSUPPORTED"), "it does not support this (UNSUPPORTED)"),
        (400, errors(code="X", message="a\n\x1b[31m\u202eb\x00"), "it answered with status 400 (X: a [31mb)"),
        (400, errors(code=7, message="m"), "it answered with status 400"),
        (429, {}, "it has had too many requests"),
        (500, errors(code="UNKNOWN", message="/srv/secret"), "it answered with status 500"),
        (404, b"404 page not found\n", "it has no such thing"),
        (404, b"", "it has no such thing"),
        (404, {"errors": None}, "it has no such thing"),
        (404, {"errors": ["x"]}, "it has no such thing"),
        (404, [], "it has no such thing"),
        (400, b'{"errors":' * 10_000, "it answered with status 400"),
    ],
)  # fmt: skip
def test_a_refusal_gives_code_and_message_and_no_details(status: int, body: object, problem: str) -> None:
    error = refusal(answer(status, body))

    assert isinstance(error, Refused)
    assert (error.problem, error.status) == (problem, status)


def test_messages_are_short() -> None:
    error = refusal(answer(400, errors(code="C" * 1000, message="m" * 1000)))

    assert len(error.problem) < 450


def test_foreign_text_is_one_line_of_what_can_be_seen() -> None:
    assert readable("  a\r\n\tb\u200bc\u202ed\ud800e\x7ff\ue000g\u2028h ") == "a bcdefg h"


def test_a_port_for_https_that_is_asked_without_is_recognised() -> None:
    """Case 67."""
    said = b"Client sent an HTTP request to an HTTPS server.\n"

    assert isinstance(refusal(answer(400, said, "http://registry.example/v2/")), ConnectionFailed)
    assert isinstance(refusal(answer(400, said)), Refused)


def test_a_redirect_is_no_refusal_but_wrong() -> None:
    assert isinstance(refusal(answer(302)), BadAnswer)
