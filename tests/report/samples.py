"""Scan results built by hand, for the tests of every format: `small`, `changed`, `hostile`, `clean`, `nothing` and `many(n)`."""

# ruff: noqa: PLR0913, PLR0917
# A table of data: prose reads better unbroken, and builders take what the nouns they build have.

import hashlib

from msgspec import Struct
from msgspec.structs import replace

from scanner.model import (
    Aggregate,
    Effect,
    Evidence,
    Finding,
    Frame,
    Match,
    Origin,
    Policy,
    Problem,
    ResourceCard,
    ScanResult,
    Severity,
    Tally,
    Validation,
    Verdict,
)

HOSTILE = "<script>alert(1)</script>"
HOSTILE_NAMES = (
    HOSTILE,
    "\"'><img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "javascript:alert(3)",
    "invoice\u202egpj.exe",
    "bell\x07 escape\x1b[31m red",
    "line\u2028separator\u2029and `ticks` {{ 7*7 }} ${x}",
    "zero\u200bwidth, tab\tand\nnew line",
    "<!--<script>",
    "lone \ud800 surrogate",
)


class Text(Struct, frozen=True):
    """A program that is only its text."""

    text: str


def _policy(
    policy_id: str,
    title: str,
    severity: Severity,
    family: str,
    expression: str,
    controls: tuple[str, ...],
    *,
    types: tuple[str, ...] = (),
    rationale: str = "",
    remediation: str = "",
    aggregate: Aggregate | None = None,
) -> Policy:
    return Policy(
        id=policy_id,
        title=title,
        severity=severity,
        family=family,
        pack="ai-platform",
        match=Match(types=types),
        when=None,
        validations=(Validation(Text(expression), title, (title,)),),
        aggregate=aggregate,
        rationale=rationale,
        remediation=remediation,
        controls=controls,
        params={},
        path=f"policies/{family}/{policy_id}.yaml",
    )


_QUOTA = Aggregate({"team": Text("facts.owner.team")}, "sum", Text("facts.accelerators.count"))

POLICIES = {
    policy.id: policy
    for policy in (
        _policy(
            "plaintext-mesh-traffic",
            "Workload accepts plaintext traffic inside the mesh",
            Severity.HIGH,
            "mtls",
            'facts.mesh_mtls.mode == "STRICT"',
            ("nist-800-53-r5/SC-8", "iso-27001-2022/A.8.24", "soc2/CC6.7"),
            types=("workload",),
            rationale="In PERMISSIVE mode a sidecar accepts unencrypted connections next to mutual TLS. Anyone who gets "
            "a foothold in the cluster network can read prompts, features and model output, or call the "
            "workload without an identity.",
            remediation="Set spec.mtls.mode to STRICT in the PeerAuthentication of the namespace.\n\n"
            'Watch the metric istio_requests_total{connection_security_policy!="mutual_tls"} for a day first: '
            "it shows the clients that still speak plaintext.",
        ),
        _policy(
            "database-without-tls",
            "Database accepts connections without TLS",
            Severity.HIGH,
            "mtls",
            "resource.attributes.tls_required",
            ("nist-800-53-r5/SC-8", "pci-dss-4.0/4.2.1"),
            types=("database.instance",),
            rationale="Credentials and rows cross the network in the clear.",
            remediation="Set rds.force_ssl=1 (AWS), sslMode ENCRYPTED_ONLY (Cloud SQL) or require_secure_transport (Azure).",
        ),
        _policy(
            "inline-secret",
            "A secret is written in the configuration instead of Vault",
            Severity.CRITICAL,
            "secrets",
            "facts.secret_references.inline_count == 0",
            ("nist-800-53-r5/IA-5", "iso-27001-2022/A.5.17", "soc2/CC6.1"),
            rationale="A secret in a manifest or a plan is in Git, in the CI log and in the state file, and nobody rotates it.",
            remediation="Keep the value in Vault and refer to it: the agent injector, the CSI driver or External Secrets for "
            "Kubernetes; an ephemeral vault_kv_secret_v2 for Terraform. Then rotate the leaked value.",
        ),
        _policy(
            "data-outside-eu",
            "Personal data is stored outside the European Union",
            Severity.HIGH,
            "residency",
            "facts.region.jurisdiction in params.allowed",
            ("gdpr/Art-44", "iso-27001-2022/A.5.34"),
            types=("storage.bucket", "database.instance", "warehouse.dataset"),
            rationale="Training data about people in the Union may leave it only with a transfer instrument in place.",
            remediation="Create the store in an EU region and move the data, or record the exception with the privacy office.",
        ),
        _policy(
            "replica-outside-eu",
            "A replica or backup leaves the European Union",
            Severity.MEDIUM,
            "residency",
            'facts.region.replica_jurisdictions.all(j, j == "EU")',
            ("gdpr/Art-44",),
            types=("storage.bucket", "database.instance"),
            rationale="A copy counts as much as the original.",
            remediation="Choose a second EU region as the target.",
        ),
        _policy(
            "missing-cost-tags",
            "Required cost tags are missing",
            Severity.LOW,
            "cost",
            "params.required.all(t, t in facts.tags.all)",
            ("finops/allocation",),
            rationale="Spending that belongs to nobody is spending that nobody stops.",
            remediation="Add team, cost-center and environment; default_tags of the AWS provider does it for a whole module.",
        ),
        _policy(
            "training-on-demand",
            "Training runs on on-demand accelerators",
            Severity.INFO,
            "cost",
            'facts.accelerators.role != "training" || facts.accelerators.spot',
            ("finops/rate-optimization",),
            rationale="Training that checkpoints can use spot capacity at a third of the price.",
            remediation="Use a spot node pool with checkpoints every 15 minutes.",
        ),
        _policy(
            "accelerator-quota-exceeded",
            "Team asks for more accelerators than its quota",
            Severity.MEDIUM,
            "accelerators",
            "measured <= params.quota[group.team]",
            ("nist-800-53-r5/SC-6", "finops/forecasting"),
            aggregate=_QUOTA,
            rationale="Accelerators are the scarcest thing we buy. A team above its quota takes them from another.",
            remediation="Lower the maximum size of the node pools below, or ask the platform council for more.",
        ),
        _policy(
            "unbounded-accelerators",
            "An accelerator pool has no upper bound",
            Severity.HIGH,
            "accelerators",
            "resource.attributes.max_nodes > 0",
            ("nist-800-53-r5/SC-6",),
            types=("cluster.node_pool",),
            rationale="An autoscaler without a limit can order hardware for a month's budget in one night.",
            remediation="Set max_node_count.",
        ),
    )
}


def _card(uid: str, kind: str, native: str, provider: str, region: str, team: str, origin: Origin) -> ResourceCard:
    name = origin.address.rsplit("/", 1)[-1].rsplit(".", 1)[-1]
    return ResourceCard(uid, kind, native, provider, name, region, team, origin.source, origin)


def _tf(uri: str, address: str, line: int, column: int = 3, width: int = 30) -> Origin:
    return Origin(uri, "terraform_plan", ("resource_changes", 0), address, line, column, line, column + width)


def _k8s(uri: str, address: str, line: int, column: int = 9, width: int = 20) -> Origin:
    return Origin(uri, "kubernetes_manifest", (0,), address, line, column, line, column + width)


def _gcp(address: str, line: int) -> Origin:
    return Origin("exports/eu-prod-assets.json", "gcp_assets", (line - 1,), address, line)


_DB = "plans/inference.json#aws_db_instance.features"
_BUCKET = 'plans/inference.json#module.lake.aws_s3_bucket.raw["eu"]'
_POOL = "plans/inference.json#google_container_node_pool.h100"
_SERVER = "deploy/serving.yaml#serving/Deployment/llm-gateway"
_TRACKER = "deploy/mlflow.yaml#mlops/Deployment/mlflow"
_ASSET = "exports/eu-prod-assets.json#//bigquery.googleapis.com/projects/eu-prod/datasets/clickstream"
_SQL = "exports/eu-prod-assets.json#//cloudsql.googleapis.com/projects/eu-prod/instances/labels"

RESOURCES = {
    card.uid: card
    for card in (
        _card(
            _DB,
            "database.instance",
            "aws_db_instance",
            "aws",
            "eu-central-1",
            "features",
            _tf("infra/inference/main.tf", "aws_db_instance.features", 41),
        ),
        _card(
            _BUCKET,
            "storage.bucket",
            "aws_s3_bucket",
            "aws",
            "us-east-1",
            "data-lake",
            _tf("infra/modules/lake/bucket.tf", 'module.lake.aws_s3_bucket.raw["eu"]', 3),
        ),
        _card(
            _POOL,
            "cluster.node_pool",
            "google_container_node_pool",
            "gcp",
            "europe-west4-a",
            "research",
            _tf("infra/inference/gke.tf", "google_container_node_pool.h100", 18),
        ),
        _card(
            _SERVER,
            "workload",
            "apps/Deployment",
            "kubernetes",
            "",
            "serving",
            _k8s("deploy/serving.yaml", "serving/Deployment/llm-gateway", 24),
        ),
        _card(
            _TRACKER,
            "workload",
            "apps/Deployment",
            "kubernetes",
            "",
            "",
            _k8s("deploy/mlflow.yaml", "mlops/Deployment/mlflow", 1),
        ),
        _card(
            _ASSET,
            "warehouse.dataset",
            "bigquery.googleapis.com/Dataset",
            "gcp",
            "us",
            "growth",
            _gcp("//bigquery.googleapis.com/projects/eu-prod/datasets/clickstream", 7),
        ),
        _card(
            _SQL,
            "database.instance",
            "sqladmin.googleapis.com/Instance",
            "gcp",
            "europe-west1",
            "labels",
            _gcp("//cloudsql.googleapis.com/projects/eu-prod/instances/labels", 12),
        ),
    )
}


def _finding(
    policy: str,
    uid: str,
    verdict: Verdict,
    message: str,
    origin: Origin,
    *,
    evidence: tuple[Evidence, ...] = (),
    related: tuple[Origin, ...] = (),
    frame: Frame | None = None,
) -> Finding:
    print_of = hashlib.sha256(f"{policy}|{uid}|{message}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Finding(policy, uid, verdict, message, origin, evidence, related, frame, print_of)


_MESH = _k8s("mesh/peer-authentication.yaml", "serving/PeerAuthentication/default", 8, 16, 10)
_FEATURES = _tf("infra/inference/main.tf", "aws_db_instance.features", 47, 3, 59)
_SECRET_ENV = _k8s("deploy/mlflow.yaml", "mlops/Deployment/mlflow", 31, 22, 12)
_LAKE = _tf("infra/modules/lake/bucket.tf", 'module.lake.aws_s3_bucket.raw["eu"]', 6, 3, 24)
_H100 = _tf("infra/inference/gke.tf", "google_container_node_pool.h100", 26, 5, 37)

FINDINGS = (
    _finding(
        "inline-secret",
        _TRACKER,
        Verdict.FAIL,
        "1 secret is written in the clear: spec.template.spec.containers[0].env[2].value",
        _SECRET_ENV,
        evidence=(
            Evidence("facts.secret_references.inline_count", "1", _SECRET_ENV),
            Evidence(
                "facts.secret_references.inline", '["spec.template.spec.containers[0].env[2].value"]', _SECRET_ENV
            ),
        ),
        frame=Frame(
            28,
            (
                "            - name: MLFLOW_TRACKING_USERNAME",
                "              value: mlflow",
                "            - name: MLFLOW_TRACKING_PASSWORD",
                '              value: "[redacted]"',
                "            - name: MLFLOW_S3_ENDPOINT_URL",
            ),
        ),
    ),
    _finding(
        "data-outside-eu",
        _ASSET,
        Verdict.FAIL,
        "Stored in us, jurisdiction US; allowed: EU",
        _gcp("//bigquery.googleapis.com/projects/eu-prod/datasets/clickstream", 7),
        evidence=(
            Evidence("facts.region.jurisdiction", '"US"', _gcp("", 7)),
            Evidence("params.allowed", '["EU"]'),
        ),
    ),
    _finding(
        "data-outside-eu",
        _BUCKET,
        Verdict.FAIL,
        "Stored in us-east-1, jurisdiction US; allowed: EU",
        _LAKE,
        evidence=(Evidence("facts.region.jurisdiction", '"US"', _LAKE), Evidence("params.allowed", '["EU"]')),
        frame=Frame(
            3,
            (
                'resource "aws_s3_bucket" "raw" {',
                "  for_each = var.lakes",
                '  bucket   = "raw-events-${each.key}"',
                "  provider = aws.us_east_1",
                "",
                "  tags = local.tags",
                "}",
            ),
        ),
    ),
    _finding(
        "database-without-tls",
        _SQL,
        Verdict.ERROR,
        "no such key: settings.ipConfiguration.sslMode",
        _gcp("//cloudsql.googleapis.com/projects/eu-prod/instances/labels", 12),
    ),
    _finding(
        "database-without-tls",
        _DB,
        Verdict.FAIL,
        "Connections without TLS are accepted",
        _FEATURES,
        evidence=(Evidence("resource.attributes.tls_required", "false", _FEATURES),),
        related=(_tf("infra/inference/parameters.tf", "aws_db_parameter_group.features", 5, 5, 17),),
        frame=Frame(
            44,
            (
                '  engine         = "postgres"',
                '  engine_version = "16.3"',
                '  instance_class = "db.r6g.xlarge"',
                "  parameter_group_name = aws_db_parameter_group.features.name",
                "  storage_encrypted    = true",
            ),
        ),
    ),
    _finding(
        "plaintext-mesh-traffic",
        _SERVER,
        Verdict.FAIL,
        "mTLS mode is PERMISSIVE, decided by PeerAuthentication serving/default",
        _MESH,
        evidence=(
            Evidence("facts.mesh_mtls.mode", '"PERMISSIVE"', _MESH),
            Evidence("facts.mesh_mtls.decided_by", '"serving/PeerAuthentication/default"', _MESH),
        ),
        related=(_k8s("deploy/serving.yaml", "serving/Deployment/llm-gateway", 24),),
        frame=Frame(
            5,
            (
                "  name: default",
                "  namespace: serving",
                "spec:",
                "  mtls: {mode: PERMISSIVE}",
            ),
        ),
    ),
    _finding(
        "accelerator-quota-exceeded",
        "group:team=research",
        Verdict.FAIL,
        "Team research asks for 96 accelerators; its quota is 64",
        _H100,
        evidence=(Evidence("measured", "96"), Evidence("params.quota[group.team]", "64")),
        related=(_H100, _k8s("deploy/training.yaml", "research/PyTorchJob/pretrain", 52)),
    ),
    _finding(
        "replica-outside-eu",
        _DB,
        Verdict.UNKNOWN,
        "Not known: facts.region.replica_jurisdictions (known after apply)",
        _tf("infra/inference/main.tf", "aws_db_instance.features", 41, 1, 40),
        evidence=(Evidence("facts.region.replica_jurisdictions", "known after apply"),),
    ),
    _finding(
        "missing-cost-tags",
        _POOL,
        Verdict.FAIL,
        "Missing tags: cost-center, environment",
        _H100,
        evidence=(Evidence("facts.tags.all", '{"team": "research"}', _H100),),
        frame=Frame(
            24,
            (
                "  node_config {",
                '    machine_type = "a3-highgpu-8g"',
                "    resource_labels = { team = var.team }",
                "  }",
            ),
        ),
    ),
    _finding(
        "missing-cost-tags",
        _TRACKER,
        Verdict.FAIL,
        "Missing tags: team, cost-center, environment",
        _k8s("deploy/mlflow.yaml", "mlops/Deployment/mlflow", 4, 1, 8),
        evidence=(Evidence("facts.tags.all", '{"app": "mlflow"}', _k8s("deploy/mlflow.yaml", "", 5)),),
        frame=Frame(2, ("kind: Deployment", "metadata:", "  name: mlflow", "  labels: {app: mlflow}")),
    ),
    _finding(
        "training-on-demand",
        _POOL,
        Verdict.FAIL,
        "8 nvidia-h100 for training on on-demand capacity",
        _tf("infra/inference/gke.tf", "google_container_node_pool.h100", 24, 3, 13),
        evidence=(Evidence("facts.accelerators.spot", "false"), Evidence("facts.accelerators.role", '"training"')),
    ),
)


_TEAMS = ("data-lake", "features", "growth", "labels", "research", "serving", "")


def _fine(number: int) -> ResourceCard:
    """One of the many resources about which there is nothing to say."""
    team = _TEAMS[number % len(_TEAMS)]
    if number % 3 == 0:
        origin = _tf("infra/other.tf", f"aws_s3_bucket.b{number}", 1)
        return _card(
            f"plans/other.json#{origin.address}", "storage.bucket", "aws_s3_bucket", "aws", "eu-west-1", team, origin
        )
    if number % 3 == 1:
        origin = _gcp(f"//storage.googleapis.com/b{number}", 20 + number)
        return _card(
            f"{origin.uri}#{origin.address}",
            "storage.bucket",
            "storage.googleapis.com/Bucket",
            "gcp",
            "eu",
            team,
            origin,
        )
    origin = _k8s("deploy/other.yaml", f"apps/Deployment/app-{number}", number)
    return _card(f"{origin.uri}#{origin.address}", "workload", "apps/Deployment", "kubernetes", "", team, origin)


_FINE = [_fine(number) for number in range(60)]
RESOURCES |= {card.uid: card for card in _FINE}


def _tallies(findings: tuple[Finding, ...], passes: dict[str, int]) -> dict[str, dict[Verdict, tuple[str, ...]]]:
    tallies = {}
    for policy_id in POLICIES:
        fine = [card.uid for card in _FINE]
        tally = {
            Verdict.PASS: tuple(fine[: passes.get(policy_id, 0)]),
            Verdict.NOT_APPLICABLE: tuple(fine[passes.get(policy_id, 0) :]),
        }
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.ERROR):
            tally[verdict] = tuple(
                finding.resource_uid
                for finding in findings
                if finding.policy_id == policy_id and finding.verdict == verdict
            )
        tallies[policy_id] = tally
    return tallies


PASSES = {
    "plaintext-mesh-traffic": 34,
    "database-without-tls": 6,
    "inline-secret": 58,
    "data-outside-eu": 21,
    "replica-outside-eu": 17,
    "missing-cost-tags": 44,
    "training-on-demand": 5,
    "accelerator-quota-exceeded": 3,
    "unbounded-accelerators": 6,
}


def small() -> ScanResult:
    """A realistic scan of one platform: 11 findings from a plan, manifests and an export, and things not seen."""
    return ScanResult(
        policies=POLICIES,
        resources=RESOURCES,
        findings=FINDINGS,
        tallies=_tallies(FINDINGS, PASSES),
        problems=(
            Problem("load", "deploy/broken.yaml", "The YAML ends inside a quoted text at line 14.", "Close the quote."),
            Problem(
                "normalize",
                "plans/inference.json#aws_sagemaker_endpoint.chat",
                "The instance type is not in our table.",
                "Report the type ml.p6.48xlarge to the maintainers.",
            ),
        ),
        files={"gcp_assets": 1, "kubernetes_manifest": 42, "terraform_plan": 2},
        skipped={"binary": 3, "excluded by govscan.yaml": 12, "not infrastructure": 118},
        targets=("deploy", "mesh", "plans", "exports"),
        version="0.1.0",
    )


def changed() -> ScanResult:
    """The same findings, of a plan: two introduced, one left, one that reads otherwise than before, one unclear."""
    result = small()
    effects = [Effect.INTRODUCED, Effect.LEFT, Effect.INTRODUCED, Effect.LEFT, Effect.UNCLEAR]
    failures = [finding for finding in result.findings if finding.verdict is Verdict.FAIL]
    told = {
        finding.fingerprint: replace(finding, effect=effect, was="it was otherwise" if number == 3 else "")
        for number, (finding, effect) in enumerate(zip(failures, effects, strict=False))
    }
    fixed = replace(failures[-1], effect=Effect.FIXED, message="it was wrong", resource_uid="plan.json#gone")
    group = replace(
        fixed,
        resource_uid="group:team=fraud #7,model=h100",
        policy_id="accelerator-quota-exceeded",
        message="there were too many",
    )
    findings = tuple(told.get(finding.fingerprint, finding) for finding in result.findings)
    return replace(result, findings=findings, fixed=(fixed, group))


def clean() -> ScanResult:
    """Everything that was judged passes, and everything was seen."""
    return replace(small(), findings=(), tallies=_tallies((), PASSES), problems=(), skipped={})


def unsure() -> ScanResult:
    """Nothing fails, but one judgement is unknown."""
    findings = tuple(finding for finding in FINDINGS if finding.verdict is Verdict.UNKNOWN)
    return replace(clean(), findings=findings, tallies=_tallies(findings, PASSES))


def repeated() -> ScanResult:
    """Three findings of which two share a fingerprint and one has none."""
    findings = (FINDINGS[0], FINDINGS[0], replace(FINDINGS[1], fingerprint=""))
    return replace(small(), findings=findings)


def with_tally(policy_id: str, tally: Tally) -> ScanResult:
    """The small scan with this as its only tally."""
    return replace(small(), tallies={policy_id: tally})


def nothing() -> ScanResult:
    """Nothing to scan was found."""
    return ScanResult({}, {}, (), {}, (), {}, {"not infrastructure": 4}, ("docs",), "0.1.0")


def hostile() -> ScanResult:
    """Every text that comes from the scanned files tries to be something other than text."""
    findings, cards, problems = [], {}, []
    for number, name in enumerate(HOSTILE_NAMES):
        origin = Origin(f"a/{name}.tf", "terraform_plan", (), name, number + 1, 1, number + 1, 9)
        uid = f"{origin.uri}#{name}"
        cards[uid] = ResourceCard(uid, "storage.bucket", name, "aws", name, name, name, "terraform_plan", origin)
        findings.append(
            _finding(
                "data-outside-eu",
                uid,
                Verdict.FAIL,
                f"Stored in {name}",
                origin,
                evidence=(Evidence("resource.name", name, origin),),
                related=(origin,),
                frame=Frame(number + 1, (name, f'name = "{name}"')),
            )
        )
        problems.append(Problem("load", origin.uri, f"Cannot read {name}", name))
    return ScanResult(
        policies=POLICIES,
        resources=cards,
        findings=tuple(findings),
        tallies=_tallies(tuple(findings), {}),
        problems=tuple(problems),
        files={"terraform_plan": 1},
        skipped={HOSTILE: 1},
        targets=(HOSTILE,),
        version="0.1.0",
    )


def many(count: int) -> ScanResult:
    """The small scan's findings over and over, each on a resource of its own."""
    order = list(Severity)
    findings, cards = [], dict(RESOURCES)
    for number in range(count):
        model = FINDINGS[number % len(FINDINGS)]
        card = RESOURCES.get(model.resource_uid)
        uid = f"{model.resource_uid}-{number}" if card else f"group:team=team-{number % 23:02},model=m{number}"
        if card is not None:
            cards[uid] = replace(card, uid=uid, name=f"{card.name}-{number}", team=f"team-{number % 23:02}")
        findings.append(
            replace(
                _finding(model.policy_id, uid, model.verdict, model.message, replace(model.origin, line=number + 1)),
                evidence=model.evidence,
                related=model.related,
                frame=model.frame and replace(model.frame, first_line=max(1, number - 1)),
            )
        )
    findings.sort(key=lambda f: (order.index(POLICIES[f.policy_id].severity), f.policy_id, f.origin.uri, f.origin.line))
    return replace(small(), resources=cards, findings=tuple(findings), tallies=_tallies(tuple(findings), PASSES))
