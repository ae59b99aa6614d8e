"""Terraform configuration: its syntax (JSON too), its modules, the evaluator, and which values may be believed."""
