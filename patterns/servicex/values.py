"""The values of ServiceX' chart that the laboratory sets, by the names that they have there."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from components.values import Resources, Values


class Part(Values):
    """A part that runs or does not; what it is not given is the chart's own."""

    enabled: bool
    resources: Resources | None = None


class Persistence(Values):
    """A volume; without a class it is of the cluster's default one."""

    enabled: bool = True
    storage_class: str | None
    size: str


class App(Values):
    """The API. Its own ingress and login are off: the laboratory's are in front of it."""

    auth: bool = False
    ingress: Part = Part(enabled=False)
    resources: Resources


class ObjectStore(Values):
    """Where results are: in the chart's MinIO, as each request makes a bucket of its own."""

    enabled: bool = True
    internal: bool = True
    public_url: str = Field(alias="publicURL")
    public_client_use_tls: bool = Field(alias="publicClientUseTLS")


class MinioAuth(Values):
    """The Secret with MinIO's account."""

    existing_secret: str


class Minio(Values):
    """The object storage in the chart."""

    auth: MinioAuth
    persistence: Persistence
    resources: Resources


class BrokerAuth(Values):
    """The Secret with the message broker's password and cookie."""

    existing_password_secret: str
    existing_erlang_secret: str


class Broker(Values):
    """RabbitMQ. It keeps its queues: an answer is not lost when its pod is moved."""

    auth: BrokerAuth
    persistence: Persistence
    resources: Resources


class DatabaseKeys(Values):
    """What the database's passwords are called in the Secret."""

    admin_password_key: str


class DatabaseAuth(Values):
    """The database's account."""

    database: str = "servicex"
    existing_secret: str
    secret_keys: DatabaseKeys


class DatabaseGlobal(Values):
    """What the database's chart reads of `global.postgresql`."""

    auth: DatabaseAuth


class Globals(Values):
    """What a chart hands to those in it."""

    postgresql: DatabaseGlobal


class DatabaseServer(Values):
    """The database's one server."""

    persistence: Persistence
    resources: Resources


class Database(Values):
    """PostgreSQL."""

    globals: Globals = Field(alias="global")
    primary: DatabaseServer


class Autoscaler(Values):
    """How many pods read the files of one request."""

    enabled: bool = True
    min_replicas: int = 1
    max_replicas: int


class Transformer(Values):
    """The pods that read files, which ServiceX makes for each request."""

    autoscaler: Autoscaler
    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str


class Logging(Values):
    """Whether logs go to the developers' own server; they stay in the cluster."""

    logstash: Part = Part(enabled=False)


class ServiceXValues(Values):
    """All of it. `secrets` names the Secret that every part takes its passwords from."""

    secrets: str
    no_certs: bool = True
    app: App
    code_gen: Mapping[str, Part]
    did_finder: Mapping[str, Part]
    object_store: ObjectStore
    minio: Minio
    rabbitmq: Broker
    postgres: Part = Part(enabled=True)
    postgresql: Database
    transformer: Transformer
    logging: Logging = Logging()
