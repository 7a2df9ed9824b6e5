"""API keys: who may ask."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from sincera.errors import UsageError
from sincera.serve.settings import ServiceSettings


class Keys:
    """A set of keys that tells nothing by how long it takes.

    >>> keys = Keys(["one", "two"])
    >>> keys.admit(["two"]), keys.admit(["tw"]), keys.admit([]), Keys([]).admit([])
    (True, False, False, True)
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [_digest(key) for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def admit(self, shown: Iterable[str]) -> bool:
        """Whether one of these opens; every key is compared, whichever fits, and digests hide the keys' lengths."""
        if not self._digests:
            return True
        found = [_digest(key) for key in shown]
        return any([hmac.compare_digest(one, digest) for one in found for digest in self._digests])  # noqa: C419 - all


def read_keys(settings: ServiceSettings) -> Keys:
    """The keys of the settings: the list of the environment and the file together.

    Raises UsageError where a file or list is named and holds no key: that would let everybody in.
    """
    keys: list[str] = []
    if settings.keys is not None:
        listed = [key.strip() for key in settings.keys.get_secret_value().split(",") if key.strip()]
        if not listed:
            raise UsageError("SINCERA_KEYS: set, but without a key. Name keys, separated by commas, or unset it.")
        keys += listed
    if settings.keys_file is not None:
        try:
            lines = settings.keys_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{settings.keys_file}: the file of API keys cannot be read ({error}).") from error
        written = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not written:
            raise UsageError(f"{settings.keys_file}: no API key in it. Write one a line, or leave the setting out.")
        keys += written
    return Keys(keys)


def shown_keys(authorization: str | None, x_api_key: str | None) -> tuple[str, ...]:
    """The keys of a request: `X-API-Key: KEY`, `Authorization: Bearer KEY`, or both.

    >>> shown_keys("Bearer abc", None), shown_keys(None, "abc"), shown_keys("Basic abc", None)
    (('abc',), ('abc',), ())
    """
    scheme, _, bearer = (authorization or "").partition(" ")
    keys = (bearer.strip() if scheme.lower() == "bearer" else "", x_api_key or "")
    return tuple(key for key in keys if key)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
