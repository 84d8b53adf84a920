"""Telling credentials in text: by the name they are given, by their form, by their randomness.

Nothing here returns any part of a value, so that no message can repeat a credential.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from sslab.site.leaks import leaks_in

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_ENDINGS: Final = (
    # not `secrets` and `tokens`: those lists hold names and numbers
    *("apikey", "credential", "credentials", "passphrase", "passwd", "password", "passwords"),
    *("pwd", "secret", "token"),
)
_KEY: Final = frozenset({"key", "keys"})
_KEY_COMPANIONS: Final = frozenset(
    (
        *("access", "account", "aes", "api", "auth", "encryption", "hmac", "license", "master"),
        *("private", "rsa", "secret", "session", "shared", "signing", "ssh"),
    )
)
_HARMLESS_ENDINGS: Final = frozenset(
    (  # `TOKEN_FILE` and the like say where or how, not what
        *("algorithm", "audience", "checksum", "class", "count", "digest", "dir", "directory"),
        *("enabled", "encryption", "endpoint", "expiration", "expiry", "file", "fingerprint"),
        *("format", "hash", "header", "issuer", "length", "lifetime", "mode", "name", "namespace"),
        *("path", "policy", "prefix", "ref", "review", "revision", "seconds", "size", "timeout"),
        *("ttl", "type", "uri", "url", "version"),
    )
)
_HASH_WORDS: Final = re.compile(
    r"(?i)checksum|commit|digest|etag|fingerprint|hash|revision|sha-?[0-9]|uid|version"
)

_REFERENCE: Final = re.compile(
    r"\$\([^)]{1,200}\)|\$\{[^}]{1,200}\}|\$[A-Za-z_]\w{0,200}|\{\{.{0,200}?\}\}"
)
_HARMLESS_VALUE: Final = re.compile(
    r"(?i)true|false|yes|no|on|off|null|none|\d{1,5}(ms|s|m|h|d)?|\.{0,2}/[\w./@-]*"
    r"|https?://[^\s@?]*"
)
_TYPE_NAMES: Final = frozenset({"string", "boolean", "integer", "number", "required", "optional"})

_TOKEN: Final = re.compile(
    # beside those that sslab.site.leaks knows, as their makers document them: GitLab, Slack,
    # Stripe, Pulumi, Vault, Google
    r"\b(?:glpat-[\w-]{20}|xox[abeprs]-[\w-]{10}|[rs]k_live_\w{16}|pul-[0-9a-f]{40}"
    r"|hvs\.[\w-]{24}|AIza[\w-]{35})"
)
_PUBLIC: Final = re.compile(
    r"-----BEGIN (?![A-Z0-9 ]{0,40}PRIVATE)([A-Z0-9 ]{1,40})-----[\w+/=\s]*-----END \1-----"
    r"|\bsha[0-9]{1,3}[:-][A-Za-z0-9+/=]+"  # digests
    r"|\bssl\.local/[\w./-]+:[0-9a-f]+"  # images by content hash
    r"|\bhttps?://[\w.:/~%-]+(?![\w.:/~%@?-])"  # addresses
    r"|\bssh-\w+ AAAA[A-Za-z0-9+/=]+"  # public keys
    r"|\bdata:[\w/+.-]+;base64,[A-Za-z0-9+/=]+"  # embedded pictures
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # UUIDs
)
_CANDIDATE: Final = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,})")
_HEX_BITS: Final = 3.0
_ENTROPY_SHARE: Final = 0.8
_CHANGE: Final = re.compile(r"(?=[a-z][A-Z]|[A-Za-z][0-9]|[0-9][A-Za-z])")
_CHANGE_SHARE: Final = 0.22

_ASSIGNMENT: Final = re.compile(
    r"(?<!\w)(?P<name>[A-Za-z][\w.-]{0,80})[\"']?(?:"
    r"\s{0,4}[:=]\s{0,4}(?P<quote>[\"'])(?P<quoted>[^\"'\n]{6,})(?P=quote)"
    r"|=(?P<word>[^\s\"',;&]{6,})"
    r"|\s{0,4}[:=]\s{1,4}(?P<rest>[^\s\"',;&]{6,})(?=\s*(?:$|[,;}#]))"
    r")",
    re.MULTILINE,
)
_CODE: Final = re.compile(r".*[()\[\]{}<>].*|[A-Za-z_]+(?:\.[A-Za-z_]+)+")


def names_secret(name: str, *, bare_key: bool = True) -> bool:
    """Tell whether something of this name holds a credential.

    `AWS_SECRET_ACCESS_KEY`, `dbPassword` and `PGPASSWORD` do; `TOKEN_FILE`, `SECRET_NAME` and
    `PUBLIC_KEY` do not. A lone `key` counts only with `bare_key`: configuration files are full
    of them.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _HARMLESS_ENDINGS:
        return False
    if any(word.endswith(_SECRET_ENDINGS) for word in words):
        return True
    if "public" in words or not _KEY & set(words):
        return False
    return bare_key or bool(_KEY_COMPANIONS & set(words))


def literal(value: str) -> bool:
    """Tell whether a value could be a credential itself.

    A reference to a variable, a switch, a short number or duration, a path and a plain address
    are not.
    """
    rest = _REFERENCE.sub("", value).strip()
    return bool(rest) and not _HARMLESS_VALUE.fullmatch(rest)


def secret_forms(text: str, *, hexadecimal: bool = True) -> Iterator[str]:
    """Say which forms of credentials occur in a text.

    `hexadecimal` is False where long hexadecimal numbers are usual, as checksums are in
    annotations.
    """
    text = _REFERENCE.sub("", text)
    known = {leak.what for leak in leaks_in(text)}
    if _TOKEN.search(text):
        known.add("an access token")
    yield from sorted(known)
    if known:
        return
    for line in _PUBLIC.sub(" ", text).splitlines():
        hashes = not hexadecimal or bool(_HASH_WORDS.search(line))
        if any(_random(word, hashes=hashes) for word in _CANDIDATE.findall(line)):
            yield "a random string such as a password or key"
            return


def assigned_secrets(text: str) -> Iterator[str]:
    """Iterate over the names to which a text (a script, a configuration file) gives a secret."""
    for match in _ASSIGNMENT.finditer(text):
        value = match["quoted"] or match["word"] or match["rest"]
        if (
            names_secret(match["name"], bare_key=False)
            and literal(value)
            and value.lower() not in _TYPE_NAMES
            and (match["quoted"] or not _CODE.fullmatch(value))
        ):
            yield match["name"]


def _random(word: str, *, hashes: bool) -> bool:
    """Tell whether a word of at least 20 characters looks drawn by a random generator.

    Hexadecimal ones of 32 digits and more have above 3 of the 4 possible bits a digit. Others mix
    capitals, small letters and digits, jump between them (0.42 jumps a character in random
    base64; names in prose and code stay below 0.2), and reach 80 % of the highest entropy at
    their length.
    """
    bare = word.strip("-_/+")
    if _HEX.fullmatch(bare):
        return not hashes and _entropy(bare) > _HEX_BITS
    if len(bare) < 20 or not all(re.search(kind, bare) for kind in ("[A-Z]", "[a-z]", "[0-9]")):
        return False
    if len(_CHANGE.findall(bare)) < _CHANGE_SHARE * len(bare):
        return False
    return _entropy(bare) > _ENTROPY_SHARE * math.log2(min(len(bare), 64))


def _entropy(word: str) -> float:
    """Return the Shannon entropy in bits a character."""
    size = len(word)
    return -sum(n / size * math.log2(n / size) for n in Counter(word).values())
