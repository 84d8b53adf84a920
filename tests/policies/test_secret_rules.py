from __future__ import annotations

import base64
import random
import string
from typing import Any

import pytest

from policies.model import UNKNOWN, Resource
from policies.secret_rules import no_plain_secret
from policies.secret_text import assigned_secrets, literal, names_secret, secret_forms
from tests.policies.policy_cases import POD as GOOD_POD
from tests.policies.policy_cases import edited, messages, pod, resource, workload

RANDOM = random.Random(20)
HEX = RANDOM.randbytes(20).hex()
BASE64 = base64.b64encode(RANDOM.randbytes(30)).decode()
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END RSA " + "PRIVATE KEY-----\n"
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{BASE64}\n{BASE64}\n-----END CERTIFICATE-----\n"


def with_variable(name: str, value: object) -> Resource:
    return pod({"containers.0.env": [{"name": name, "value": value}]})


def config_map(**data: object) -> Resource:
    return resource("kubernetes:core/v1:ConfigMap", {"data": data})


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("DB_PASSWORD", "hunter2", "env[0].value"),
        ("PGPASSWORD", "hunter2", "env[0].value"),
        ("AWS_SECRET_ACCESS_KEY", "abc", "env[0].value"),
        ("AWS_ACCESS_KEY_ID", "minio", "env[0].value"),
        ("GITHUB_TOKEN", "abc", "env[0].value"),
        ("sessionSecret", "changeme", "env[0].value"),
        ("KEY", "abc", "env[0].value"),
        ("TOKEN", "$2b$12$abc", "env[0].value"),
        ("HARMLESS", KEY_ID, "env[0].value"),
        ("HARMLESS", HEX, "env[0].value"),
        ("HARMLESS", BASE64, "env[0].value"),
        ("HARMLESS", PRIVATE_KEY, "env[0].value"),
        ("DATABASE_URL", "postgresql://ssl:hunter2@db/ssl", "env[0].value"),
        ("TOKEN_FILE", BASE64, "env[0].value"),
    ],
)
def test_a_credential_in_the_environment_fails_and_is_not_repeated(
    name: str, value: str, path: str
) -> None:
    (message,) = messages(no_plain_secret, with_variable(name, value))
    assert f"the environment variable {name} holds" in message
    assert path in message
    assert "secretKeyRef" in message
    assert value not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("S3_BUCKET", "fitting-service"), ("AWS_DEFAULT_REGION", "us-east-1")),
        *(("TOKEN_FILE", "/var/run/token"), ("SECRET_NAME", "s3"), ("TOKEN_TTL", "3600s")),
        *(("PUBLIC_KEY", "abc"), ("KEYCLOAK_REALM", "ssl"), ("MONKEY", "banana")),
        *(("PASSWORD", ""), ("PASSWORD", "$(FROM_SECRET)"), ("ALLOW_EMPTY_PASSWORD", "yes")),
        *(("TOKEN", "/var/run/token"), ("OAUTH_TOKEN", "https://idp.example/token")),
        ("DATABASE_URL", "postgresql://ssl:$(DB_PASSWORD)@db/ssl"),
        ("AWS_ENDPOINT_URL_S3", "http://object-storage.ssl-object-storage.svc.cluster.local:8333"),
        ("IMAGE", f"ssl.local/z-peak:{HEX}"),
        ("IMAGE", f"registry.example/org/image@sha256:{HEX}"),
        ("GIT_COMMIT", HEX),
        ("ID", "123e4567-e89b-12d3-a456-426614174000"),
        ("CA", CERTIFICATE),
        ("OTEL", "service.name=fitting-service,deployment.environment=production"),
        ("PYTHONPATH", "/opt/app/lib/python3.11/site-packages:/workload/src/FittingService2"),
        ("PASSWORD", UNKNOWN),
        ("PASSWORD", None),
        ("PASSWORD", 12),
    ],
)
def test_an_ordinary_variable_passes(name: str, value: object) -> None:
    assert messages(no_plain_secret, with_variable(name, value)) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["serve", "--password=hunter2"], "option password"),
        (["serve", "--api-token", "hunter2"], "option api-token"),
        (["sh", "-c", "export DB_PASSWORD=hunter2; serve"], "gives DB_PASSWORD a credential"),
        (["env", "TOKEN=hunter2", "serve"], "gives TOKEN a credential"),
        (["serve", HEX], "holds a random string"),
        (["serve", f"--id={KEY_ID}"], "holds an AWS access key"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        *("command", "args", "livenessProbe.exec.command", "readinessProbe.exec.command"),
        *("startupProbe.exec.command", "lifecycle.preStop.exec.command"),
        "lifecycle.postStart.exec.command",
    ],
)
def test_a_credential_on_a_command_line_fails(
    arguments: list[str], expected: str, path: str
) -> None:
    (message,) = messages(no_plain_secret, pod({f"containers.0.{path}": arguments}))
    assert expected in message
    assert f"spec.containers[0].{path}[" in message
    assert "hunter2" not in message
    assert HEX not in message


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--password=$(DB_PASSWORD)", "--token-file=/run/token"],
        ["serve", "--password", "--verbose"],
        ["serve", "--tls-private-key-file", "/etc/tls/tls.key", "--key=/etc/tls.key"],
        ["sh", "-c", 'test -n "$TOKEN" && export PASSWORD=$(cat /run/secret)'],
        ["python", "-c", "token = request.headers['Authorization']; secret = vault.secret.value"],
        [UNKNOWN, 3, None],
    ],
)
def test_an_ordinary_command_line_passes(arguments: list[Any]) -> None:
    assert messages(no_plain_secret, pod({"containers.0.args": arguments})) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "hunter2"),
        ("s3.json", '{"accessKey": "admin", "secretKey": "hunter2"}'),
        ("app.ini", "[db]\npassword = hunter2\n"),
        ("app.yaml", "db:\n  password: hunter2\n"),
        ("app.env", "A=b\nDB_PASSWORD=hunter2\n"),
        ("key.pem", PRIVATE_KEY),
        ("any.txt", f"first line\nthen {HEX}\n"),
        ("any.txt", f"x: {BASE64}"),
    ],
)
def test_a_credential_in_a_config_map_fails(key: str, value: str) -> None:
    (message,) = messages(no_plain_secret, config_map(**{key: value}))
    assert f"data['{key}']" in message
    assert "hunter2" not in message
    assert value not in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Corefile", ".:53 {\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n}\n"),
        ("config.yaml", "secretKeyRef:\n  key: password\n  name: s3\ntoken_url: https://idp/t\n"),
        ("config.yaml", "# the token: is read from a file\ntokenFile: /run/token\n"),
        ("schema.json", '{"password": {"type": "string"}, "token": "string"}'),
        ("app.py", "password: Secret = read(path)\nself.token = options.token\n"),
        ("ca.crt", CERTIFICATE),
        ("requirements.txt", f"pyhf==0.7.6 --hash=sha256:{HEX}\n"),
        ("prometheus.yml", "scheme: https\nbearer_token_file: /var/run/secrets/token\n"),
        ("dashboard.json", '{"uid": "' + HEX + '", "title": "Fits"}'),
        ("binary", UNKNOWN),
    ],
)
def test_an_ordinary_config_map_passes(key: str, value: object) -> None:
    assert messages(no_plain_secret, config_map(**{key: value})) == []


@pytest.mark.parametrize(
    ("api", "kind", "path"),
    [
        ("core/v1", "PodTemplate", "template.metadata"),
        ("apps/v1", "Deployment", "spec.template.metadata"),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.metadata"),
        ("networking.k8s.io/v1", "Ingress", "metadata"),
    ],
)
def test_a_credential_in_an_annotation_fails(api: str, kind: str, path: str) -> None:
    base = workload(api, kind, GOOD_POD)
    bad = edited(base.props, {f"{path}.annotations": {"team/api-token": "hunter2"}})
    (message,) = messages(no_plain_secret, resource(base.token, bad))
    assert f"({path}.annotations['team/api-token'])" in message
    assert "hunter2" not in message


def test_a_checksum_in_an_annotation_passes() -> None:
    for key, value in (("x/y", HEX), ("ssl/secrets", HEX[:16]), ("secret-checksum", HEX)):
        props = {"metadata": {"annotations": {key: value}}}
        thing = resource("kubernetes:core/v1:Service", props)
        assert messages(no_plain_secret, thing) == []


def test_a_secret_may_hold_secrets_and_other_providers_are_not_judged() -> None:
    data = {"stringData": {"password": "hunter2"}, "data": {"password": "aHVudGVyMg=="}}
    assert messages(no_plain_secret, resource("kubernetes:core/v1:Secret", data)) == []
    other = {"metadata": {"annotations": {"password": "hunter2"}}}
    assert messages(no_plain_secret, resource("gcp:container/cluster:Cluster", other)) == []


@pytest.mark.parametrize("length", [24, 32, 40, 64])
@pytest.mark.parametrize(
    "alphabet", [string.ascii_letters + string.digits, string.ascii_letters + string.digits + "-_"]
)
def test_random_strings_are_found(length: int, alphabet: str) -> None:
    drawn = ("".join(RANDOM.choices(alphabet, k=length)) for _ in range(300))
    assert sum(any(secret_forms(word)) for word in drawn) > 270


def test_random_hexadecimal_numbers_are_found_where_they_are_not_usual() -> None:
    drawn = [RANDOM.randbytes(16).hex() for _ in range(300)]
    assert sum(any(secret_forms(word)) for word in drawn) > 295
    assert not any(any(secret_forms(word, hexadecimal=False)) for word in drawn)


@pytest.mark.parametrize(
    "text",
    [
        *("backoffLimitPerIndex=1", "patchNetworkingV1ServiceCIDRStatus", "EtcdV3CompactionPeriod"),
        *("mozilla/DigiCert_TLS_RSA4096_Root_G5", "DefaultTimeoutStopSec=90s"),
        "http://www.apache.org/licenses/LICENSE-2.0",
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "CLs_obs_0.05251497_two_bin_example",
    ],
)
def test_names_in_code_are_not_random(text: str) -> None:
    assert list(secret_forms(text)) == []


@pytest.mark.timeout(20)
def test_a_long_text_is_read_in_time() -> None:
    text = "a" * 100_000 + "-b" * 20_000 + "token: " * 20_000 + "end"
    assert list(assigned_secrets(text)) == []
    assert list(secret_forms(text)) == []


def test_names_and_values() -> None:
    assert names_secret("clientSecret")
    assert names_secret("my.api-key", bare_key=False)
    assert not names_secret("cache.key", bare_key=False)
    assert not names_secret("")
    assert literal("pa$$word")
    assert not literal("${PASSWORD}")
