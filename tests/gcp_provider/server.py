"""The provider as the engine knows it: a server of gRPC."""

from __future__ import annotations

import sys
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.gcp_provider.cloud import Cloud, RefusedError
from tests.gcp_provider.sdk import arguments, problems

FIXED = {"name", "location", "region", "accountId", "network", "ipCidrRange"}
"""Properties whose change makes a resource anew."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the resources of one cloud."""

    def __init__(self, cloud: Cloud, version: str) -> None:
        self._cloud = cloud
        self._version = version

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        failures = []
        if not request.news.fields["project"].string_value:
            failures.append(provider_pb2.CheckFailure(property="project", reason="is missing"))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ConfigureResponse()

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        found = problems(_plain(request.news), arguments(_token(request.urn)))
        failures = [
            provider_pb2.CheckFailure(property=where, reason=reason) for where, reason in found
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        old, new = _plain(request.old_inputs), _plain(request.news)
        changed = sorted(
            name
            for name in old.keys() | new.keys()
            if old.get(name) != new.get(name) and name not in request.ignoreChanges
        )
        answer = provider_pb2.DiffResponse
        return answer(
            changes=answer.DIFF_SOME if changed else answer.DIFF_NONE,
            diffs=changed,
            replaces=[name for name in changed if name in FIXED],
            deleteBeforeReplace=True,
        )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        token = _token(request.urn)
        try:
            identity, made = self._cloud.make(
                token, request.urn.rpartition("::")[2], _plain(request.properties)
            )
        except RefusedError as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        return provider_pb2.CreateResponse(id=identity, properties=_struct(made))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        now = self._cloud.found(request.id)
        if now is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=_struct(_plain(request.properties) | now),
            inputs=_struct(now),
        )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            now = self._cloud.change(_token(request.urn), request.id, _plain(request.news))
        except RefusedError as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        return provider_pb2.UpdateResponse(properties=_struct(now))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            self._cloud.delete(request.id)
        except RefusedError as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        return Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return Empty()


def _token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = json_format.MessageToDict(properties)
    plain.pop("__defaults", None)
    return plain


def _struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def serve(cloud: Cloud, version: str) -> None:
    """Serve until the engine ends the process; the port goes to standard output."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(cloud, version), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
