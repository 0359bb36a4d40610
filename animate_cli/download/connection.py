"""One request over HTTP, and in plain words why it failed."""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage, HTTPResponse, IncompleteRead, InvalidURL
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from animate_cli import __version__

SCHEMES = ("http", "https")
BUSY = {408, 425, 429, 500, 502, 503, 504}
RANGE_NOT_SATISFIABLE = 416
ODD_REDIRECT = "it redirects to something that is not an http or https address"


class TransferFailure(Exception):  # noqa: N818
    """Why one try failed.

    ``again`` tells that another try may well work, ``stale`` that the piece that is here is of no use.
    """

    def __init__(self, reason: str, *, again: bool = False, stale: bool = False) -> None:
        super().__init__(reason)
        self.again, self.stale = again, stale


def request(url: str, headers: Mapping[str, str], timeout: float) -> HTTPResponse:
    """Ask for a file; redirects are followed, and proxies of the environment are used.

    Args:
        url: http or https.
        headers: to be sent.
        timeout: seconds to wait for a connection, and then for every piece.

    Raises:
        TransferFailure: there is no such file, or no way to it.
    """
    if not _is_http(url):
        raise TransferFailure("only http and https addresses are fetched")
    with _explained(timeout):
        asked = Request(url, headers={**headers, **_COMMON_HEADERS})  # noqa: S310 - the scheme is checked
        response: HTTPResponse = build_opener(_Redirects).open(asked, timeout=timeout)
        return response


def read_pieces(response: HTTPResponse, timeout: float, size: int = 1 << 18) -> Iterator[bytes]:
    """Yield what comes, as it comes, in pieces of at most ``size`` bytes.

    Raises:
        TransferFailure: the connection broke off, or nothing came for too long.
    """
    while True:
        with _explained(timeout):
            piece = response.read1(size)
        if not piece:
            return
        yield piece


def show_url(url: str) -> str:
    """Return an address without what may be secret in it: user, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return repr(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


_COMMON_HEADERS = {"User-Agent": f"animate/{__version__}", "Accept-Encoding": "identity"}


class _Redirects(HTTPRedirectHandler):
    """Follows redirects to http and https only, and never from https to http."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        problem = None if _is_http(newurl) else ODD_REDIRECT
        if req.type == "https" and urlsplit(newurl).scheme == "http":
            problem = "it redirects from https to http, which anyone could change on the way"
        if problem:
            fp.close()
            raise TransferFailure(problem)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in SCHEMES and bool(parts.hostname)
    except ValueError:
        return False


@contextmanager
def _explained(timeout: float) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        error.close()
        raise _explain_status(error) from None
    except URLError as error:
        raise _explain(error.reason, timeout) from None
    except (InvalidURL, UnicodeError):
        raise TransferFailure("that is not an address") from None
    except (OSError, HTTPException) as error:
        raise _explain(error, timeout) from None


def _explain_status(error: HTTPError) -> TransferFailure:
    if error.code == RANGE_NOT_SATISFIABLE:
        return TransferFailure("the server does not go on where the last try ended", again=True, stale=True)
    if HTTPRedirectHandler.inf_msg in str(error.msg):
        return TransferFailure("it redirects in a circle")
    if 300 <= error.code < 400:
        return TransferFailure(ODD_REDIRECT)
    answer = f"{error.code} {error.msg}".strip()
    return TransferFailure(f"the server answered {answer}", again=error.code in BUSY)


def _explain(reason: object, timeout: float) -> TransferFailure:
    match reason:
        case TimeoutError():
            return TransferFailure(f"nothing came for {timeout:g} seconds", again=True)
        case socket.gaierror():
            return TransferFailure("its host is not found; is there a network?")
        case ssl.SSLCertVerificationError():
            return TransferFailure(f"its certificate is not valid ({reason.verify_message})")
        case ConnectionRefusedError():
            return TransferFailure("the connection was refused")
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH):
            return TransferFailure("it cannot be reached; is there a network?")
        case IncompleteRead() | ConnectionError():
            return TransferFailure("the connection broke off", again=True)
        case HTTPException():
            return TransferFailure("the server does not speak proper HTTP", again=True)
        case OSError():
            return TransferFailure(f"the connection failed ({reason.strerror or reason})", again=True)
    return TransferFailure(f"the connection failed ({reason})")
