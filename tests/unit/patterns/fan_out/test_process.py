"""The process that the pods run: its settings, its storage, and how it ends."""

from __future__ import annotations

import io
from collections.abc import Iterator
from unittest.mock import patch

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.fan_out.workload.fan_out import __main__ as process
from patterns.fan_out.workload.fan_out import prepare
from patterns.fan_out.workload.fan_out.errors import BadInputError
from patterns.fan_out.workload.fan_out.ranges import S3Ranges
from patterns.fan_out.workload.fan_out.settings import Settings
from tests.unit.patterns.fan_out.conftest import MemoryStore, silent

TOLD = {
    "STAGE": "prepare",
    "VERSION": "abc",
    "SEED": "7",
    "FILES": "2",
    "EVENTS_PER_FILE": "200",
    "BANDWIDTH_MB_S": "2.5",
    "TASKS_AT_ONCE": "2",
    "MEMORY_BYTES": "335544320",
    "S3_BUCKET": "fan-out",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "HOSTNAME": "pod",
}


def test_the_environment_is_read() -> None:
    settings = Settings.of(Environment(TOLD))
    assert settings.stage == "prepare"
    assert settings.budget_bytes_s == 2.5e6
    assert settings.sample == "inputs/seed7-n200"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("STAGE", "all", "STAGE: 'all' is not one of prepare, task, merge"),
        ("STAGE", "", "STAGE is not set; set it in the pod's environment"),
        ("FILES", "none", "FILES: 'none' is not a whole number"),
        ("FILES", "0", "FILES: 0 is not between 1 and 10000"),
        ("BANDWIDTH_MB_S", "nan", "BANDWIDTH_MB_S: nan is not between 0.1 and 10000"),
        ("VERSION", "", "VERSION is not set; set it in the pod's environment"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str, said: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        Settings.of(Environment({**TOLD, variable: value}))
    assert str(caught.value) == said


def test_a_wrong_input_ends_the_process_with_a_code_of_its_own(
    store: MemoryStore, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {**TOLD, "STAGE": "task", "JOB_COMPLETION_INDEX": "1"}
    settings = Settings.of(Environment(told))
    inputs = prepare.run(settings, store, silent)
    del store.objects[inputs[1].key]
    with (
        patch.object(process, "S3Ranges", lambda *_: store),
        patch.object(process, "s3_client", lambda: None),
        pytest.raises(SystemExit) as ended,
    ):
        process.run(Environment(told), store, silent)
    assert ended.value.code == 3
    said = f"fan-out: error: {inputs[1].key} is listed but missing; restore it\n"
    assert capsys.readouterr().err == said


def test_the_stages_follow_one_another(store: MemoryStore) -> None:
    with (
        patch.object(process, "S3Ranges", lambda *_: store),
        patch.object(process, "s3_client", lambda: None),
    ):
        process.run(Environment(TOLD), store, silent)
        for index in ("0", "1"):
            told = {**TOLD, "STAGE": "task", "JOB_COMPLETION_INDEX": index}
            process.run(Environment(told), store, silent)
        process.run(Environment({**TOLD, "STAGE": "merge"}), store, silent)
    assert b'"lost events": 0' in store.objects["outcome.json"]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[S3Ranges, Stubber]]:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    with Stubber(client) as stubber:
        yield S3Ranges(client, "fan-out"), stubber


def test_no_more_than_a_part_is_asked_for(stub: tuple[S3Ranges, Stubber]) -> None:
    ranges, stubber = stub
    where = {"Bucket": "fan-out", "Key": "a", "Range": "bytes=100-149"}
    body = StreamingBody(io.BytesIO(b"x" * 50), 50)
    stubber.add_response("get_object", {"Body": body}, where)
    assert ranges.read("a", 100, 50) == b"x" * 50


@pytest.mark.parametrize(
    ("status", "code", "error", "said"),
    [
        (404, "NoSuchKey", BadInputError, "a is listed but missing"),
        (416, "InvalidRange", BadInputError, "a ends before byte 100"),
        (503, "SlowDown", AnalysisError, "the object storage refused to read fan-out/a: HTTP 503"),
    ],
)
def test_a_refused_part_is_named(
    stub: tuple[S3Ranges, Stubber], status: int, code: str, error: type[Exception], said: str
) -> None:
    ranges, stubber = stub
    stubber.add_client_error("get_object", code, http_status_code=status)
    with pytest.raises(error, match=said) as caught:
        ranges.read("a", 100, 50)
    assert isinstance(caught.value, BadInputError) == (status < 500)
