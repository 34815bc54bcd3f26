"""Why there is no connection with a registry, in sentences for people."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import ConnectionFailed

BROKEN: Final = "the connection broke"
TOO_SLOW: Final = "it did not answer within {:g} seconds"
PROXY: Final = "the proxy of this service does not reach it"
NO_AUTHORITIES: Final = "the file of V2Registry.ca_bundle cannot be read, or holds no certificates"
NOT_SECURE: Final = "it wants https there, not http: correct V2Registry.url"

_NOTHING_ANSWERS: Final = "nothing answers at its host and port"
_UNKNOWN_HOST: Final = "its host name is not known"
_OTHER_NAME: Final = "its certificate is for another host name"
_NOT_TRUSTED: Final = "its certificate is not trusted ({}): name its certificate authority with V2Registry.ca_bundle"
_PLAIN: Final = "it speaks plain HTTP there: if that is wanted, begin V2Registry.url with http://"
_NOT_TLS: Final = "no secure connection can be made with it"

# The library of TLS has words for names and numbers for reasons: the host, or the address, is not the one named.
_NAME_MISMATCHES: Final = (62, 64)
_WORDS_OF_PLAIN_HTTP: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")


def no_connection(error: Exception) -> ConnectionFailed:
    """Say why no connection came about, and whether it may the next time."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return ConnectionFailed(_problem_of_certificate(cause))
            case ssl.SSLError() if cause.reason in _WORDS_OF_PLAIN_HTTP:
                return ConnectionFailed(_PLAIN)
            case ssl.SSLError():
                return ConnectionFailed(_NOT_TLS, again=True)
            case socket.gaierror():
                return ConnectionFailed(_UNKNOWN_HOST, again=True)
    return ConnectionFailed(_NOTHING_ANSWERS, again=True)


def _problem_of_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _NAME_MISMATCHES:
        return _OTHER_NAME
    return _NOT_TRUSTED.format(error.verify_message)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
