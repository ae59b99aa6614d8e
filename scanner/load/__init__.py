"""The loading room: targets in, partitions of raw documents out. The only room that reads what is scanned.

A loader is one module here, named after the source it reads. It declares

- `DIALECT`: the dialect of its documents' bodies;
- `SUFFIXES`: file-name endings that make a file found in a folder worth opening;
- `SCOPE`: which of its files share a partition (`_files.Scope`);
- `claims(file)`: whether a file is its own, judged by content, including mistakes it can explain
  (a binary plan where its JSON was meant); may raise `LoadError`;
- `documents(file, ledger)`: the file's documents, one by one; raises `LoadError` if the whole file cannot be
  read and `Skip` if it turns out to hold nothing of ours;
- `places(file, citations, options)`: where citations of one file are written; `file()` reads it when called.

Some sources are folders and not files. `helm_chart` and `kustomization` are rendered among the manifests of their
partition, see `_charts/rendering`. `terraform_hcl` gathers the `.tf` files that are met and yields a partition for each
root module among them, see `terraform_hcl.Roots`.

Others are no files at all: `aws` reads an account as it runs, and has `audited(audit, ledger)` instead, which yields
partitions, and `places`.

Positions are looked up afterwards by `locate`, and only for what was found to be wrong.

Private to it are these folders, each described in its own `__init__`:

- `_aws`: How a live AWS account is read.
- `_charts`: Charts and kustomizations: who installs them, what the user's own tools make of them, and where that is
  written.
- `_hcl`: Terraform configuration: its syntax (JSON too), its modules, the evaluator, and which values may be believed.
- `_plan`: What a plan says beside its values, and the `.tf` files beside a plan.
"""

from scanner.load._choices import Audit, Chart, Kubernetes, Terraform
from scanner.load._files import Options
from scanner.load._locate import Located, locate
from scanner.load._partitions import partitions

__all__ = ["Audit", "Chart", "Kubernetes", "Located", "Options", "Terraform", "locate", "partitions"]
