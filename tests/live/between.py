"""A proxy on loopback that stands between the SDK and a stand-in for AWS, and alters some answers on the way."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from msgspec import Struct, field

_SIGNED = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
_XML = {"ec2", "s3", "sts", "sns", "rds", "elasticache", "redshift", "autoscaling", "elasticloadbalancing"}
_OF_THE_WIRE = ("content-length", "transfer-encoding", "connection", "host")


class Asked(Struct, frozen=True):
    """What the SDK asked for."""

    service: str
    region: str
    operation: str
    """The path, where a service has no word for it."""


class Answer(Struct):
    """What the stand-in answered, and what is made of it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Alter = Callable[[Asked, Answer], Answer]
"""From what was asked, and the answer of the stand-in, to another answer."""


@contextmanager
def between(endpoint: str, alter: Alter) -> Iterator[str]:
    """The address of a proxy in front of a stand-in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(endpoint.removeprefix("http://"), alter))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(host: str, alter: Alter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _pass_on(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = HTTPConnection(host)
            connection.request(self.command, self.path, sent, dict(self.headers.items()))  # the host is signed, too
            came = connection.getresponse()
            kept = {key: value for key, value in came.getheaders() if key.lower() not in _OF_THE_WIRE}
            answer = alter(self._asked(sent), Answer(came.status, came.read(), kept))
            connection.close()
            self.send_response(answer.status)
            for key, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else answer.body)

        def _asked(self, sent: bytes) -> Asked:
            signed = _SIGNED.search(self.headers.get("Authorization") or "")
            action = _ACTION.search(sent)
            word = action[1].decode() if action else (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]
            region, service = signed.groups() if signed else ("", "")
            return Asked(service, region, word or self.path.partition("?")[0])

        do_GET = do_POST = do_PUT = do_HEAD = _pass_on  # noqa: N815  # the names that the server calls

    return Handler


def page(*_: object) -> Answer:
    """What a network answers that wants people to sign in first, whatever they asked for."""
    return Answer(200, b"<html><body>Sign in to the guest network</body></html>", {"Content-Type": "text/html"})


def refused(asked: Asked, code: str) -> Answer:
    """How a service refuses a question, in the form that it has for that."""
    if asked.service not in _XML:
        body = f'{{"__type": "{code}", "message": "x"}}'
        return Answer(400, body.encode(), {"Content-Type": "application/json", "x-amzn-ErrorType": code})
    error = f"<Error><Code>{code}</Code><Message>x</Message></Error>"
    wrapped = {"s3": error, "ec2": f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"}
    body = wrapped.get(asked.service, f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>")
    return Answer(403, body.encode(), {"Content-Type": "text/xml"})
