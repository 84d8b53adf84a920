"""A stand-in for Pulumi's provider for Google Cloud: the engine's side is real, the cloud is not.

It holds every input against the types of the Python SDK, and keeps what it makes as files, so that
a second deployment finds it and a wrong order of deletion shows. It says nothing about what Google
itself would refuse.
"""
