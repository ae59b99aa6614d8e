"""Which accelerators machines and pods have; for `accelerators` and `accelerator_quota`."""
