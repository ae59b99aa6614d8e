"""Who asks AWS: the first question of an audit, and what to do where it has no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from scanner.errors import HOSTILE_SHAPE, UsageError
from scanner.load._aws.clients import Clients, ForeignAnswer, opening

_SIGN_IN = (
    "Sign in as for the AWS CLI (AWS_PROFILE, AWS_ACCESS_KEY_ID, an instance role); "
    "`aws sts get-caller-identity` must work."
)
_NETWORK = "Look at the network, and at HTTPS_PROXY, AWS_CA_BUNDLE and AWS_ENDPOINT_URL if they are set."
_FOREIGN = (
    "A proxy, or the sign-in page of a network, answers in AWS's place. Look at the network and AWS_ENDPOINT_URL."
)

_LATER = "Run again later; https://health.aws.amazon.com/health/status says whether AWS has trouble in the region."

_BUSY = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "ServiceUnavailable", "Internal", "429", "5")
"""What codes begin with by which services say that it is not the question that is wrong; a bare number is HTTP's."""

_SIGNED_OUT = ("AuthFailure", "UnrecognizedClient", "InvalidClientTokenId", "OptInRequired", "InvalidAccessKeyId")
_ENDED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired")


class Identity(Struct, frozen=True):
    """Who asks, and where that was answered."""

    account: str
    partition: str
    region: str


def signed_out(code: str) -> bool:
    """Whether a service does not know who asks: a region that is not switched on, or a sign-in that has ended.

    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
    """
    return code.startswith(_SIGNED_OUT) or ended(code)


def ended(code: str) -> bool:
    """Whether the sign-in was good, and is not any more."""
    return code.startswith(_ENDED)


def identity(clients: Clients, home: str) -> Identity:
    """Who asks. Where the region asked does not know, its partition's main one may: not every region is switched on."""
    found = _asked(clients, home)
    main = clients.main(home)
    if isinstance(found, Exception) and main != home and _may_be_known_elsewhere(found):
        elsewhere = _asked(clients, main)
        found = found if isinstance(elsewhere, Exception) else elsewhere
    if isinstance(found, Exception):
        raise _complaint(found)
    return found


def _asked(clients: Clients, region: str) -> Identity | Exception:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # slow to import
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # likewise

    with opening():
        client = clients.of("sts", region)
    try:
        found: Mapping[str, Any] = client.get_caller_identity()
        return Identity(str(found["Account"]), str(found["Arn"]).split(":")[1], region)
    except (BotoCoreError, ClientError, ResponseParserError, ForeignAnswer, *HOSTILE_SHAPE) as error:
        return error


def _may_be_known_elsewhere(error: Exception) -> bool:
    from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415  # likewise

    return isinstance(error, EndpointConnectionError) or signed_out(word(error))


def _complaint(error: Exception) -> UsageError:
    from botocore import exceptions as sdk  # noqa: PLC0415  # likewise

    if isinstance(error, (sdk.ConnectionError, sdk.HTTPClientError)):
        return UsageError(f"AWS cannot be reached ({word(error)}).", _NETWORK)
    if word(error).startswith(_BUSY):
        return UsageError(f"AWS does not answer now ({word(error)}).", _LATER)
    if isinstance(error, (sdk.BotoCoreError, sdk.ClientError)):
        return UsageError(f"AWS does not say who is asking ({word(error)}).", _SIGN_IN)
    return UsageError(f"What answers is not AWS ({word(error)}).", _FOREIGN)


def word(error: Any) -> str:
    """The service's code or the SDK's name of an error; never its text, which may quote an identity."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or type(error).__name__)
