"""Where AWS loads data to work on it: models, inference profiles, knowledge bases."""

from __future__ import annotations

from scanner.model import Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import Ends, each_named, end, flow, here, home, named, nested, no_flow, told
from scanner.normalize._terraform.item import Item
from scanner.patterns import regex

_BUCKETS = ("aws_s3_bucket",)
_PROFILES = {"us": "us", "us-gov": "us", "eu": "eu", "jp": "ap-northeast-1", "ca": "ca-central-1", "au": "australia"}
_EVERYWHERE = ("apac", "global")
_ARN_ENDS = regex(r"^(?:[^:]*:){5}")
"""What an ARN has before the name of the thing."""


def _model_data(item: Item) -> Ends:
    """Buckets that the containers of a model load it from."""
    containers = [*nested(item, "primary_container"), *nested(item, "container")]
    places = [
        (*path, *rest)
        for path in containers
        for rest in (("model_data_url",), ("model_data_source", 0, "s3_data_source", 0, "s3_uri"))
    ]
    return [one for place in places for one in named(item, *place, kinds=_BUCKETS)]


def _inference_regions(item: Item) -> Ends:
    """A system profile is named after the geography that it spreads requests over; a model is where its ARN says.

    https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
    """
    path = ("model_source", 0, "copy_from")
    value = item.peek(*path)
    if isinstance(value, Unknown):
        return [end(path, value)]
    kind, _, name = _ARN_ENDS.sub("", str(value)).partition("/")
    if kind != "inference-profile":
        return [end(path, told(str(value), "copy_from"))]
    geography = name.partition(".")[0]
    if geography in _EVERYWHERE:
        return [end(path, "global")]
    unknown = Unknown(f"the regions of inference profile '{name[:60]}' are in no table", "copy_from")
    return [end(path, _PROFILES.get(geography, unknown))]


_documents = each_named("data_source_configuration", "s3_configuration", key="bucket_arn", kinds=_BUCKETS)
"""Documents that a knowledge base takes in and answers from."""


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_sagemaker_model": flow(_model_data, here),
    "aws_mwaa_environment": no_flow(),  # its bucket has to be in its own region
    "aws_sagemaker_domain": no_flow(),
    "aws_bedrock_inference_profile": flow(home, _inference_regions),
    "aws_bedrockagent_data_source": flow(_documents, here),
}
"""Native type to where data comes from and where it goes."""
