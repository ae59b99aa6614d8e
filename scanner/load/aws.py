"""Reads a live AWS account by the SDK's own sign-in. Only operations that list, describe or get are called.

The unit is an account and region. What is asked for is in `aws_calls.yaml`. The body of a document is one thing:

    type, arn, name, account, region      `AWS::S3::Bucket` and so on, as CloudFormation calls it
    <Operation>                           each answer about it; None where the service says that there is none
    tags                                  text to text, for types that can be tagged

An answer that was refused is `Unknown`, for example for a missing permission. One more document, of type
`AWS::Account`, says of each partition what is set for all of it (`settings`), which types could not be listed
(`unlisted`), and where the account's buckets are (`buckets`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from scanner.errors import UsageError
from scanner.load._aws.account import Account
from scanner.load._aws.clients import WORKERS
from scanner.load._aws.reader import Reader
from scanner.load._aws.table import table
from scanner.load._aws.troubles import Troubles, where
from scanner.load._choices import Audit
from scanner.load._files import File, Options
from scanner.load._text import Place
from scanner.model import Citation, Document, Ledger, Origin, Partition

DIALECT = "aws"
SOURCE = "aws"


def audited(audit: Audit, ledger: Ledger) -> Iterator[Partition]:
    """A partition for each region of the account."""
    try:
        troubles = Troubles()
        account = Account(audit.regions, troubles)
    except ImportError:
        raise UsageError("An audit of AWS needs its SDK.", "Install it: pip install 'govscan[aws]'") from None
    with ThreadPoolExecutor(WORKERS) as pool:
        reader = Reader(account, pool)
        for region in account.regions:
            yield Partition(where(account.id, region), _documents(reader, region, ledger, troubles))
        _told(reader, account, ledger)
        troubles.tell(account.id, ledger)


def places(_file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """A thing that runs has no lines."""
    yield from [None] * len(citations)


def _documents(reader: Reader, region: str, ledger: Ledger, troubles: Troubles) -> Iterator[Document]:
    for body in reader.bodies(region):
        yield Document(DIALECT, body, Origin(where(reader.account.id, region), SOURCE, (), str(body["arn"])))
    ledger.files[SOURCE] += 1
    troubles.tell(reader.account.id, ledger)


def _told(reader: Reader, account: Account, ledger: Ledger) -> None:
    """What was looked at, so that nobody takes the rest for clean."""
    services = sorted({kind.partition("::")[2].partition("::")[0] for kind in table().types})
    message = f"only {len(table().types)} types of things were looked at, of the services {', '.join(services)}"
    hint = f"Looked at: {', '.join(account.regions)}; all with --region all. scanner/load/aws_calls.yaml has each type."
    ledger.problem("load", f"aws://{account.id}", message, hint, incomplete=False)
    for region, names in sorted(_elsewhere(reader, account).items()):
        message = f"{len(names)} bucket(s) of {region} were not looked at, such as {names[0]}"
        ledger.problem("load", where(account.id, region), message, f"Add --region {region}.", incomplete=False)


def _elsewhere(reader: Reader, account: Account) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for name, region in sorted(reader.buckets().items()):
        if isinstance(region, str) and region not in account.regions:
            found.setdefault(region, []).append(name)
    return found
