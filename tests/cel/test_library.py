"""The table of functions, of which Kubernetes' part is imported only for Kubernetes."""

from scanner.cel.library import STANDARD, WIDENED, of_kubernetes


def test_it_is_known_which_functions_kubernetes_widens() -> None:
    assert STANDARD.keys() & of_kubernetes().keys() == WIDENED
