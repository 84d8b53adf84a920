"""The request's bytes: what is read, what is refused, and the name of a question."""

import hashlib
import json

import pytest

from patterns.fitting_service.workload.fitting_service.documents import (
    canonical_question,
    parse_workspace,
    question_id,
)
from patterns.fitting_service.workload.fitting_service.rejection import RejectionError
from tests.unit.patterns.fitting_service.fakes import two_bins


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        (b"", 400, "not_json", "not JSON"),
        (b"{", 400, "not_json", "line 1 column 2"),
        (b"\xff\xfe\xfd{}", 400, "not_json", "not"),
        (b'{"a": "\xe9"}', 400, "not_json", "UTF-8"),
        (b'{"a": %s}' % (b"9" * 5000), 400, "not_json", "not JSON"),
        (b"[1, 2]", 422, "invalid_workspace", "JSON object"),
        (b"3", 422, "invalid_workspace", "JSON object"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, 422, "invalid_workspace", "deeper than 16"),
        (b"[" * 500_000, 422, "invalid_workspace", "deeper than 16"),
        (b'{"a":' * 100_000, 422, "invalid_workspace", "deeper than 16"),
    ],
)
def test_unreadable_bodies_are_refused(body: bytes, status: int, code: str, says: str) -> None:
    with pytest.raises(RejectionError) as caught:
        parse_workspace(body)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("NaN", "finite"),
        ("-Infinity", "finite"),
        ("1e999", "finite"),
        ("9" * 400, "finite"),
        (r'"\ud800"', "surrogate"),
    ],
)
def test_impossible_values_are_refused_with_their_place(value: str, says: str) -> None:
    body = json.dumps(two_bins()).replace("51.0", value).encode()
    with pytest.raises(RejectionError) as caught:
        parse_workspace(body)
    assert caught.value.status == 422
    assert says in caught.value.message
    assert caught.value.path == "observations[0].data[0]"


def test_half_a_surrogate_pair_in_a_key_is_refused() -> None:
    with pytest.raises(RejectionError, match="surrogate"):
        parse_workspace(rb'{"\udfff": 1}')


def test_the_question_does_not_depend_on_spelling() -> None:
    workspace = two_bins()
    spaced = parse_workspace(json.dumps(workspace, indent=3).encode())
    turned = parse_workspace(json.dumps(dict(reversed(workspace.items()))).encode())
    questions = {
        canonical_question(document, mu=1.0, measurement=name, pyhf_version="0.7.6")
        for document in (workspace, spaced, turned)
        for name in (None, "Measurement")
    }
    assert len(questions) == 1


def test_the_id_is_the_hash_of_everything_that_the_result_depends_on() -> None:
    workspace = two_bins()
    question = canonical_question(workspace, mu=1.0, measurement=None, pyhf_version="0.7.6")
    assert json.loads(question) == {
        "backend": "numpy",
        "measurement": "Measurement",
        "method": "asymptotics-qtilde-toms748-1",
        "mu": 1.0,
        "pyhf": "0.7.6",
        "workspace": workspace,
    }
    assert question_id(question) == hashlib.sha256(question).hexdigest()
    other = two_bins()
    other["observations"][0]["data"][0] = 52.0
    ids = {
        question_id(question),
        question_id(canonical_question(workspace, mu=2.0, measurement=None, pyhf_version="0.7.6")),
        question_id(canonical_question(workspace, mu=1.0, measurement="x", pyhf_version="0.7.6")),
        question_id(canonical_question(workspace, mu=1.0, measurement=None, pyhf_version="0.7.5")),
        question_id(canonical_question(other, mu=1.0, measurement=None, pyhf_version="0.7.6")),
    }
    assert len(ids) == 5
