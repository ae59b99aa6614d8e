"""The nightly moment: an account of 1,000 buckets and 1,000 machines, on a stand-in for AWS (moto) on loopback.

python benchmarks/accounts.py FOLDER     makes the account, prints its address, and waits until its input ends
python benchmarks/accounts.py --floor    nothing but the calls that the audit makes, by the same SDK and as many threads
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

REGION = "eu-west-1"
THINGS = 1_000
THREADS = 16
OF_A_BUCKET = (
    "get_bucket_location",
    "get_bucket_encryption",
    "get_bucket_versioning",
    "get_bucket_replication",
    "get_public_access_block",
    "get_bucket_policy",
    "get_bucket_acl",
    "get_bucket_tagging",
)
"""What is asked of each bucket; AWS itself says where they are when they are listed."""


def clients(address: str | None = None) -> tuple[Any, Any]:
    """Clients of S3 and EC2."""
    session = boto3.Session("mock", "mock", region_name=REGION)
    return session.client("s3", endpoint_url=address), session.client("ec2", endpoint_url=address)


def serve(folder: Path) -> None:
    """Make the account, say where it is, and keep it until nobody listens any more."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "moto.log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            _wait(port)
            _make(f"http://127.0.0.1:{port}")
            print(f"http://127.0.0.1:{port}", flush=True)
            sys.stdin.read()
        finally:
            process.kill()


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the stand-in does not answer")


def _make(address: str) -> None:
    s3, ec2 = clients(address)
    place = {"LocationConstraint": REGION}
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: s3.create_bucket(Bucket=f"b{n:04}", CreateBucketConfiguration=place), range(THINGS)))
    for _ in range(THINGS // 100):
        ec2.run_instances(ImageId="ami-12c6146b", MinCount=100, MaxCount=100, InstanceType="m5.large")


def floor() -> None:
    """Ask, and throw the answers away."""
    s3, ec2 = clients()
    names = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    pages = ec2.get_paginator("describe_instances").paginate()
    machines = [one["InstanceId"] for page in pages for group in page["Reservations"] for one in group["Instances"]]

    def bucket(name: str) -> None:
        for operation in OF_A_BUCKET:
            try:
                getattr(s3, operation)(Bucket=name)
            except ClientError:  # there is none
                continue

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(bucket, names))
        list(pool.map(lambda one: ec2.describe_instance_attribute(InstanceId=one, Attribute="userData"), machines))


if __name__ == "__main__":
    floor() if sys.argv[1:] == ["--floor"] else serve(Path(sys.argv[1]))
