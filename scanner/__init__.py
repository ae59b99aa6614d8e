"""govscan: one policy, every world.

The map of the house; each room shares only `model`, `errors` and `registry` with the others:

    targets -> load -> normalize -> analyze -> evaluate -> report
               I/O     pure         pure       pure        pure

`scan.py` is the spine: it alone knows the order, and is the file to read first.
`policy` turns YAML into compiled policies, `cel` is the expression language,
`trial` runs a policy's own test cases, `cli` turns words into calls and results into an exit code.
"""

__version__ = "0.1.0"
